"""Addresses that belong to no app."""

from django.urls import path

from lambdalab.web import views

urlpatterns = [
    path("health/", views.health_page, name="health"),
]
