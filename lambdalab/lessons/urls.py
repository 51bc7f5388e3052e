"""Addresses of the course."""

from django.urls import path

from lambdalab.lessons import views

LESSON = "topics/<slug:topic>/lessons/<slug:slug>/"

urlpatterns = [
    path("", views.course_map, name="course-map"),
    path("topics/<slug:topic>/", views.topic_detail, name="topic-detail"),
    path(LESSON, views.lesson_detail, name="lesson-detail"),
    path(f"{LESSON}read/", views.lesson_read, name="lesson-read"),
    path(f"{LESSON}checks/<uuid:question>/", views.lesson_check, name="lesson-check"),
    path(f"{LESSON}figures/<slug:figure>/", views.lesson_figure, name="lesson-figure"),
    path("glossary/", views.glossary, name="glossary"),
    path("assumptions/", views.assumptions, name="assumptions"),
]
