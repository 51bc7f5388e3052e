"""Addresses of runs."""

from django.urls import path

from lambdalab.runs import views

urlpatterns = [
    path("runs/<uuid:run_id>/", views.run_detail, name="run-detail"),
    path("runs/<uuid:run_id>/player.json", views.run_player, name="run-player"),
    path("runs/<uuid:run_id>/trace.jsonl", views.run_trace, name="run-trace"),
    path("runs/<uuid:run_id>/events", views.run_events, name="run-events"),
    path("runs/<uuid:run_id>/stop", views.run_stop, name="run-stop"),
]
