"""Addresses of the labs."""

from django.urls import path

from lambdalab.playground import views

LAB = "topics/<slug:topic>/labs/<slug:slug>/"

urlpatterns = [
    path(LAB, views.lab_detail, name="lab-detail"),
    path(f"{LAB}save/", views.lab_save, name="lab-save"),
    path(f"{LAB}run/", views.lab_run, name="lab-run"),
    path(f"{LAB}reset/", views.lab_reset, name="lab-reset"),
    path(f"{LAB}settings/", views.lab_settings, name="lab-settings"),
    path(f"{LAB}import/", views.lab_import, name="lab-import"),
    path(f"{LAB}download/", views.lab_download, name="lab-download"),
]
