"""The only place that knows htmx's headers."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from lambdalab.accounts.models import User

UNPROCESSABLE = 422  # an invalid form; htmx swaps it all the same (see the htmx-config meta tag)


class HtmxRequest(HttpRequest):
    """A request of somebody who has signed in, as views see it."""

    htmx: HtmxDetails
    user: "User"


class SeeOther(HttpResponseRedirectBase):
    """The answer to a form that was understood: go and look there."""

    status_code = 303


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked, for a part of a page (and not for history or a whole boosted page)."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragments: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the page, or the one of its `fragments` whose name is the id that htmx wants to replace."""
    target = request.htmx.target if wants_fragment(request) else None  # type: ignore[attr-defined]
    name = f"{template}#{target}" if target in fragments else template
    response = render(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def see_other(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the reader to another page. htmx would follow a 303 and swap that page into the form."""
    url = resolve_url(to, *args, **kwargs)
    return HttpResponseClientRedirect(url) if wants_fragment(request) else SeeOther(url)
