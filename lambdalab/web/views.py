"""Pages that belong to no app."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lambdalab.web import health


@login_not_required
@never_cache
@require_GET
def health_page(request: HttpRequest) -> JsonResponse:
    """Whether this process can do its work; asked by the container engine and by `make run`.

    An administrator sees what confines students' code, too.
    """
    report = health.report()
    if report["ok"] and getattr(request.user, "is_administrator", False):  # a session is read from the database
        report |= {"layers": health.layers()}
    return JsonResponse(report, status=200 if report["ok"] else 503)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came back without its token: cookies are off, or the page is older than the sign-in."""
    return render(request, "403.html", {"form_expired": True}, status=403)
