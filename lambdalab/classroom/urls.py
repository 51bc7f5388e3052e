"""Addresses of the instructor's class pages."""

from django.urls import path

from lambdalab.classroom import views

urlpatterns = [
    path("classes/", views.class_list, name="class-list"),
    path("classes/new/", views.class_new, name="class-new"),
    path("classes/<int:class_id>/", views.class_detail, name="class-detail"),
    path("classes/<int:class_id>/settings/", views.class_settings, name="class-settings"),
    path("classes/<int:class_id>/code/", views.class_code, name="class-code"),
    path("classes/<int:class_id>/instructors/", views.class_instructor, name="class-instructor"),
    path("classes/<int:class_id>/members/<int:user_id>/remove/", views.member_remove, name="member-remove"),
    path("classes/<int:class_id>/progress.csv", views.class_csv, name="class-csv"),
]
