"""The page of a lab, and what its buttons do."""

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from lambdalab.curriculum import Lab, Topic
from lambdalab.playground import access, contexts, project_files, services
from lambdalab.playground.errors import DraftRefused
from lambdalab.playground.forms import ImportForm, SettingsForm, posted_files
from lambdalab.runs import queries as runs
from lambdalab.runs.access import sees_hidden_checks
from lambdalab.runs.models import Run
from lambdalab.web.htmx import UNPROCESSABLE, HtmxRequest, render_page, see_other

PAGE = "playground/lab.html"
HISTORY = 8
CREATED = 201


@require_GET
@gzip_page
def lab_detail(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """The lab with its last run, or the one asked for. While that is unsettled, its result polls here."""
    found, lab = access.lab_for_reader(topic, slug)
    asked = request.GET.get("run", "")
    run = access.run_of_lab(request.user, lab, _run_id(asked)) if asked else None
    return _lab(request, found, lab, run)


@require_POST
def lab_save(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """Keep the draft: for the editor's autosave, and for the Save button where there is no script."""
    found, lab = access.lab_for_reader(topic, slug)
    try:
        draft = services.draft_save(user=request.user, lab=lab, files=posted_files(request.POST))
    except DraftRefused as error:
        return _told(request, found, lab, str(error))
    if _wants_json(request):
        template = project_files.shown_files(lab, draft.files).get(services.TEMPLATE, "")
        settings = [asdict(each) for each in contexts.settings_view(lab, template).functions]
        return JsonResponse({"saved_at": timezone.now().isoformat(), "settings": settings})
    messages.success(request, _("Draft saved."))
    return see_other(request, "lab-detail", found.slug, lab.slug)


@require_POST
def lab_run(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """Keep the draft and play it."""
    found, lab = access.lab_for_reader(topic, slug)
    try:
        run = services.lab_run(user=request.user, lab=lab, files=posted_files(request.POST))
    except (DraftRefused, ValidationError) as error:
        return _told(request, found, lab, " ".join(getattr(error, "messages", [str(error)])))
    url = f"{resolve_url('lab-detail', found.slug, lab.slug)}?run={run.pk}"
    if _wants_json(request):
        return JsonResponse({"run": str(run.pk), "number": run.number, "url": url}, status=CREATED)
    return see_other(request, url)


@require_POST
def lab_reset(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """Start again from the lab's files, or take that back."""
    found, lab = access.lab_for_reader(topic, slug)
    if request.POST.get("undo"):
        services.draft_restore(user=request.user, lab=lab)
        messages.success(request, _("Your code is back."))
    else:
        services.draft_reset(user=request.user, lab=lab)
        messages.success(request, _("The lab is as it was at the start. Undo brings your code back."))
    return see_other(request, "lab-detail", found.slug, lab.slug)


@require_POST
def lab_settings(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """Write settings into the template and keep it, together with what else is in the editor."""
    found, lab = access.lab_for_reader(topic, slug)
    form = SettingsForm(request.POST)
    if not form.is_valid():
        says = "; ".join(f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items())
        return _told(request, found, lab, says)
    draft = access.draft_of(request.user, lab)
    posted = posted_files(request.POST)
    before = {**project_files.shown_files(lab, draft.files), **posted}.get(services.TEMPLATE, "")
    try:
        text = services.template_change(
            lab=lab, text=before, function=form.cleaned_data["function"], changes=form.changes()
        )
        services.draft_save(user=request.user, lab=lab, files={**posted, services.TEMPLATE: text})
    except DraftRefused as error:
        return _told(request, found, lab, str(error))
    if _wants_json(request):
        return JsonResponse({"path": services.TEMPLATE, "text": text})
    return see_other(request, "lab-detail", found.slug, lab.slug)


@require_POST
def lab_import(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """Bring back a project that was downloaded and worked on elsewhere."""
    found, lab = access.lab_for_reader(topic, slug)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _told(request, found, lab, " ".join(map(str, form.errors["archive"])))
    try:
        taken = services.draft_import(user=request.user, lab=lab, archive=form.cleaned_data["archive"])
    except DraftRefused as error:
        return _told(request, found, lab, str(error))
    messages.success(request, _("Imported: %(files)s.") % {"files": ", ".join(taken)})
    return see_other(request, "lab-detail", found.slug, lab.slug)


@require_GET
def lab_download(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """The project as a zip that `sam deploy` would take."""
    _found, lab = access.lab_for_reader(topic, slug)
    data = project_files.zipped(lab, access.draft_of(request.user, lab).files)
    response = HttpResponse(data, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{lab.slug}.zip"'
    return response


def _lab(request: HtmxRequest, topic: Topic, lab: Lab, run: Run | None) -> HttpResponse:
    history = runs.latest_runs(request.user, str(lab.uuid), HISTORY)
    run = run or next(iter(history), None)
    hidden = sees_hidden_checks(request.user)
    player = runs.run_player(run, hidden=hidden) if run and run.is_settled else None
    draft = access.draft_of(request.user, lab)
    result = contexts.result_view(run, player, draft)
    page = contexts.lab_page(topic, lab, draft, result, history)
    context = {"page": page, "topic": topic, "lab": lab, "result": result}
    return render_page(request, PAGE, context, fragments={"result"})


def _told(request: HtmxRequest, topic: Topic, lab: Lab, says: str) -> HttpResponse:
    """Say what stands in the way: to a script as JSON, else as a message on the page."""
    if _wants_json(request):
        return JsonResponse({"error": says}, status=UNPROCESSABLE)
    messages.error(request, says)
    return see_other(request, "lab-detail", topic.slug, lab.slug)


def _wants_json(request: HtmxRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _run_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
