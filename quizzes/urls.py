"""Addresses of the app."""

from django.urls import path

from quizzes import authoring_views, views

urlpatterns = [
    path("topics/<slug:slug>/quiz/", views.quiz_detail, name="quiz-detail"),
    path("topics/<slug:slug>/quiz/start", views.quiz_start, name="quiz-start"),
    path("attempts/<uuid:attempt_id>/", views.attempt_detail, name="attempt-detail"),
    path("attempts/<uuid:attempt_id>/submit", views.attempt_submit, name="attempt-submit"),
    path("attempts/<uuid:attempt_id>/review/", views.attempt_review, name="attempt-review"),
    path("attempts/<uuid:attempt_id>/<int:position>/", views.attempt_item, name="attempt-item"),
    path("attempts/<uuid:attempt_id>/<int:position>/check", views.attempt_check, name="attempt-check"),
    path("attempts/<uuid:attempt_id>/<int:position>/save", views.attempt_save, name="attempt-save"),
    path("attempts/<uuid:attempt_id>/<int:position>/run/", views.attempt_figure, name="attempt-figure"),
    path("banks/", authoring_views.bank_list, name="bank-list"),
    path("banks/new", authoring_views.bank_new, name="bank-new"),
    path("banks/<uuid:bank_id>/", authoring_views.bank_detail, name="bank-detail"),
    path("banks/<uuid:bank_id>/new/<slug:kind>/", authoring_views.question_new, name="question-new"),
    path("questions/preview/<slug:kind>", authoring_views.question_preview, name="question-preview"),
    path("questions/<uuid:question_id>/", authoring_views.question_edit, name="question-edit"),
    path("questions/<uuid:question_id>/versions/", authoring_views.question_versions, name="question-versions"),
    path("questions/<uuid:question_id>/copy", authoring_views.question_copy, name="question-copy"),
    path("questions/<uuid:question_id>/retire", authoring_views.question_retire, name="question-retire"),
]
