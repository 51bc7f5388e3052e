"""The addresses of the site. Names are in each app's `urls`."""

from django.urls import include, path

urlpatterns = [
    path("", include("lambdalab.web.urls")),
    path("", include("lambdalab.accounts.urls")),
    path("", include("lambdalab.classroom.urls")),
    path("", include("lambdalab.runs.urls")),
    path("", include("lambdalab.playground.urls")),
    path("", include("quizzes.urls")),
    path("", include("lambdalab.lessons.urls")),
]
