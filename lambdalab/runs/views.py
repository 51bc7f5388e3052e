"""Pages and data of one run."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lambdalab.accounts.models import User
from lambdalab.runs import access, events, queries, services
from lambdalab.web.htmx import HtmxRequest, render_page, see_other

ACCEPTED, GONE = 202, 410


@require_GET
def run_detail(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    """Show one run. While it is unsettled its panel polls this same URL."""
    run = access.run_for_reader(request.user, run_id)
    context = {"run": run, "status": queries.run_status(run), "may_stop": run.owner_id == request.user.pk}
    if run.is_settled:
        context["player"] = queries.run_player(run, hidden=access.sees_hidden_checks(request.user))
    return render_page(request, "runs/run_detail.html", context, fragments={"run-panel"})


@require_GET
def run_player(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    """What the timeline draws: 202 while there is nothing to draw yet, 410 when it was forgotten."""
    run = access.run_for_reader(request.user, run_id)
    player = queries.run_player(run, hidden=access.sees_hidden_checks(request.user))
    if player is not None:
        return JsonResponse(player)
    return JsonResponse(queries.run_status(run), status=GONE if run.is_settled else ACCEPTED)


@require_GET
def run_trace(request: HtmxRequest, run_id: UUID) -> HttpResponseBase:
    """The trace as JSON lines, to keep or to read with a program."""
    run = access.run_for_reader(request.user, run_id)
    lines = queries.run_trace(run, hidden=access.sees_hidden_checks(request.user))
    response = StreamingHttpResponse(lines, content_type="application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="run-{run.number}.trace.jsonl"'
    return response


@require_POST
def run_stop(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    """Stop one's own run."""
    run = access.run_for_owner(request.user, run_id)
    services.run_stop(run=run)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"says": _("The run is being stopped.")})
    return see_other(request, "run-detail", run_id)


async def _reader(request: HtmxRequest) -> User:
    user = await request.auser()
    assert isinstance(user, User), "the middleware lets nobody else in"
    return user


@never_cache
@require_GET
async def run_events(request: HtmxRequest, run_id: UUID) -> HttpResponseBase:
    """Progress as it happens."""
    await sync_to_async(access.run_for_reader)(await _reader(request), run_id)
    response = StreamingHttpResponse(events.run_events(run_id), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # a reverse proxy must pass each event on at once
    return response
