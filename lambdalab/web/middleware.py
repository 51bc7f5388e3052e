"""Middleware of our own."""

import zoneinfo
from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from lambdalab.web.htmx import see_other, wants_fragment


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page asks for a sign-in unless its view says `@login_not_required`.

    A script gets a 401 that it can understand, and htmx loads the sign-in page as a page of its own.
    """

    def handle_no_permission(  # type: ignore[override]  # the stubs know only the redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.headers.get("Accept", "").startswith(("application/json", "text/event-stream")):
            says = _("Your sign-in has expired. Sign in again; your work is kept.")
            return JsonResponse({"error": says}, status=401)
        response = super().handle_no_permission(request, view_func)
        return see_other(request, response.url) if wants_fragment(request) else response


class TimeZoneMiddleware:
    """Dates on a page are in the reader's own time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = getattr(request.user, "time_zone", "")
        if not name:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
