"""Addresses of signing in and of the account."""

from django.contrib.auth import views as auth
from django.urls import path

from lambdalab.accounts import views
from lambdalab.accounts.forms import ResetForm

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(), name="sign-out"),
    path("sign-up/", views.sign_up, name="sign-up"),
    path("account/", views.account, name="account"),
    path("account/join/", views.account_join, name="account-join"),
    path("account/password/", views.account_password, name="account-password"),
    path("account/export/", views.account_export, name="account-export"),
    path("account/delete/", views.account_delete, name="account-delete"),
    path(
        "password-reset/",
        auth.PasswordResetView.as_view(
            form_class=ResetForm,
            email_template_name="emails/password_reset.txt",
            subject_template_name="emails/password_reset_subject.txt",
        ),
        name="password-reset",
    ),
    path("password-reset/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password-reset/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("password-reset/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]
