"""Signing up, in and out, and the account page."""

from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lambdalab.accounts import queries, services, signing_in
from lambdalab.accounts.forms import AccountForm, DeleteForm, JoinForm, SignInForm, SignUpForm
from lambdalab.web.htmx import UNPROCESSABLE, HtmxRequest, render_page, see_other

TOO_MANY = 429

form_page = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@form_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a user name or an e-mail address."""
    form = SignInForm(request.POST or None)
    status = UNPROCESSABLE if request.method == "POST" else 200
    if form.is_valid():
        try:
            login(request, signing_in.authenticated(request, **form.cleaned_data))
        except ValidationError as refused:
            form.add_error(None, refused)
            status = TOO_MANY if isinstance(refused, signing_in.TooManyTries) else UNPROCESSABLE
        else:
            return redirect(_next(request))
    return render(request, "accounts/sign_in.html", {"form": form, "next": _next(request)}, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@form_page
def sign_up(request: HttpRequest) -> HttpResponse:
    """Open a student's account with a class's join code."""
    form = SignUpForm(request.POST or None, initial={"join_code": request.GET.get("code", "")})
    if form.is_valid():
        try:
            if not signing_in.may_sign_up(request):
                raise ValidationError(_("Too many tries from here. Wait a quarter of an hour."))
            login(request, services.sign_up(**form.cleaned_data))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return redirect("course-map")
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "accounts/sign_up.html", {"form": form}, status=status)


@form_page
def account(request: HtmxRequest) -> HttpResponse:
    """Name, address, time zone and theme; the classes; the ways out."""
    user = request.user
    initial = {"name": user.name, "email": user.email, "time_zone": user.time_zone, "theme": user.theme}
    form = AccountForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.user_update(user=user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Your account is saved."))
            return see_other(request, "account")
    return _account_page(request, form=form, status=UNPROCESSABLE if form.is_bound else 200)


@require_POST
def account_join(request: HtmxRequest) -> HttpResponse:
    """Join one more class."""
    form = JoinForm(request.POST)
    if form.is_valid():
        try:
            school_class = services.user_join(user=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("You are in %(name)s now.") % {"name": school_class.name})
            return see_other(request, "account")
    return _account_page(request, join_form=form, status=UNPROCESSABLE)


@sensitive_post_parameters()
@form_page
def account_password(request: HtmxRequest) -> HttpResponse:
    """Change the password; this browser stays signed in, others do not."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, _("Your password is changed."))
        return see_other(request, "account")
    status = UNPROCESSABLE if form.is_bound else 200
    return render_page(request, "accounts/password.html", {"form": form}, status=status)


@never_cache
@require_GET
def account_export(request: HtmxRequest) -> HttpResponse:
    """Everything the site holds about the reader, as a zip."""
    name = f"lambdalab-{request.user.username}.zip"
    response = HttpResponse(services.account_export(user=request.user), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@sensitive_post_parameters("password")
@form_page
def account_delete(request: HtmxRequest) -> HttpResponse:
    """Remove the account and everything in it, after the password was typed again."""
    form = DeleteForm(request.POST or None)
    if form.is_valid():
        try:
            signing_in.authenticated(request, username=request.user.username, **form.cleaned_data)
            services.account_delete(user=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            request.session.flush()
            messages.success(request, _("Your account and everything in it are gone."))
            return see_other(request, "sign-in")
    status = UNPROCESSABLE if form.is_bound else 200
    return render_page(request, "accounts/delete.html", {"form": form}, status=status)


def _account_page(
    request: HtmxRequest,
    *,
    form: AccountForm | None = None,
    join_form: JoinForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    initial = {"name": user.name, "email": user.email, "time_zone": user.time_zone, "theme": user.theme}
    context = {
        "form": form or AccountForm(initial=initial),
        "join_form": join_form or JoinForm(),
        "memberships": queries.classes_of(user),
    }
    return render_page(request, "accounts/account.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Where the reader wanted to go, if that is a page of this site."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url("course-map")
