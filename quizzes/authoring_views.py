"""Banks and their questions, for instructors. Others get the 404 of a page that is not there."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lambdalab.curriculum.questions import ANSWERS, Body
from lambdalab.web.htmx import UNPROCESSABLE, HtmxRequest, render_page, see_other
from quizzes import access, authoring, contexts, engine, queries, rendering
from quizzes.authoring_forms import ROWS, ROWS_MAX, BankForm, QuestionForm, initial_of
from quizzes.diff import Line, difference
from quizzes.models import KIND_LABELS, Bank, Question, QuestionVersion

form_page = require_http_methods(["GET", "HEAD", "POST"])
ROWS_AT_FIRST, ROWS_MORE = 4, 2


@require_GET
def bank_list(request: HtmxRequest) -> HttpResponse:
    """The banks one may read."""
    _instructors_only(request)
    banks = queries.banks_with_counts(access.banks_of(request.user))
    return render_page(request, "quizzes/bank_list.html", {"banks": banks, "form": BankForm()})


@require_POST
def bank_new(request: HtmxRequest) -> HttpResponse:
    """Open a bank of one's own."""
    _instructors_only(request)
    form = BankForm(request.POST)
    if form.is_valid():
        try:
            bank = authoring.bank_create(owner=request.user, title=form.cleaned_data["title"])
        except authoring.Full:
            form.add_error(None, _("You have as many banks as there may be."))
        else:
            return see_other(request, "bank-detail", bank.pk)
    banks = queries.banks_with_counts(access.banks_of(request.user))
    return render_page(request, "quizzes/bank_list.html", {"banks": banks, "form": form}, status=UNPROCESSABLE)


@require_GET
def bank_detail(request: HtmxRequest, bank_id: UUID) -> HttpResponse:
    """The questions of a bank with their states."""
    bank = access.bank_for_reader(request.user, bank_id)
    kinds = [(kind, KIND_LABELS[kind]) for kind in ANSWERS]
    page = {"bank": bank, "questions": queries.questions_with_newest(bank), "kinds": kinds}
    return render_page(request, "quizzes/bank.html", page)


@form_page
def question_new(request: HtmxRequest, bank_id: UUID, kind: str) -> HttpResponse:
    """Write a question of one kind."""
    bank = access.bank_for_author(request.user, bank_id)
    if kind not in ANSWERS:
        raise Http404
    return _Editor(request, bank, kind).answer()


@form_page
def question_edit(request: HtmxRequest, question_id: UUID) -> HttpResponse:
    """Edit a question; one from a file is shown, and can be copied."""
    question = access.question_for_reader(request.user, question_id)
    version = question.versions.first()
    assert version is not None, "a question is made together with its first version"
    if question.bank.is_file:
        return render_page(request, "quizzes/question_read.html", _reading(question, version))
    access.question_for_author(request.user, question_id)
    kind = str(version.typed.answer.__struct_config__.tag)
    return _Editor(request, question.bank, kind, question, version).answer()


@require_POST
def question_preview(request: HtmxRequest, kind: str) -> HttpResponse:
    """The question as it stands in the form, as a student would meet it. Nothing is stored."""
    _instructors_only(request)
    if kind not in ANSWERS:
        raise Http404
    form = QuestionForm(kind, request.POST, rows=_rows(request, kind))
    return render_page(request, "quizzes/_preview.html", {"preview": Preview.of_form(form)})


@require_GET
def question_versions(request: HtmxRequest, question_id: UUID) -> HttpResponse:
    """All versions, each with what changed since the one before."""
    question = access.question_for_reader(request.user, question_id)
    versions = list(question.versions.select_related("author"))
    before = [*versions[1:], None]
    rows = [(version, _changes(version, older)) for version, older in zip(versions, before, strict=True)]
    return render_page(request, "quizzes/versions.html", {"question": question, "rows": rows})


@require_POST
def question_copy(request: HtmxRequest, question_id: UUID) -> HttpResponse:
    """Copy a question into a bank of one's own and edit it there."""
    question = access.question_for_reader(request.user, question_id)
    copy = authoring.question_copy(question=question, author=request.user)
    messages.success(request, _("This is your copy. The original stays as it is."))
    return see_other(request, "question-edit", copy.pk)


@require_POST
def question_retire(request: HtmxRequest, question_id: UUID) -> HttpResponse:
    """Take a question out of use."""
    question = access.question_for_author(request.user, question_id)
    authoring.question_retire(question=question)
    messages.success(request, _("The question is retired. Attempts that met it keep it."))
    return see_other(request, "bank-detail", question.bank_id)


@dataclass(frozen=True, slots=True)
class Preview:
    """A question as a student meets it and as it is explained, or why it cannot be shown yet."""

    asked: contexts.QuestionView | None
    explained: contexts.QuestionView | None
    defects: list[engine.Defect]

    @classmethod
    def of(cls, body: Body, figure_topic: str = "") -> "Preview":
        shown = rendering.shown(body, authoring.figure_of(body, figure_topic))
        order = engine.variant(body, 1).order
        defects = engine.defects(body)
        key = engine.key(body)
        if not shown.parts and defects and not key:
            return cls(None, None, defects)
        grade = engine.grade(body, key)
        explained = contexts.question_view(
            body, shown, order, key, verdict=grade.verdict, feedback=rendering.feedback(grade)
        )
        return cls(contexts.question_view(body, shown, order, {}), explained, defects)

    @classmethod
    def of_form(cls, form: QuestionForm) -> "Preview":
        if form.is_valid():
            return cls.of(form.body())
        fields = (
            (form.fields[name].label if name in form.fields else "", errors) for name, errors in form.errors.items()
        )
        defects = [engine.Defect(str(label), str(error), "") for label, errors in fields for error in errors]
        return cls(None, None, defects)


class _Editor:
    """The editor's page: what was asked of it decides whether it shows, adds rows, previews or saves."""

    def __init__(
        self,
        request: HtmxRequest,
        bank: Bank,
        kind: str,
        question: Question | None = None,
        version: QuestionVersion | None = None,
    ) -> None:
        self.request, self.bank, self.kind = request, bank, kind
        self.question, self.version = question, version
        body = version.typed if version else None
        self.played = (body.computed, body.see) if body else (None, None)

    def answer(self) -> HttpResponse:
        do = self.request.POST.get("do", "") if self.request.method == "POST" else "show"
        if do == "show":
            return self.page(self.form_of_version())
        rows = _rows(self.request, self.kind)
        if do == "more":
            kept = {**self.request.POST.dict()}
            return self.page(QuestionForm(self.kind, initial=kept, rows=rows + ROWS_MORE, played=self.played))
        form = QuestionForm(self.kind, self.request.POST, rows=rows, played=self.played)
        if do == "preview":
            return self.page(form, Preview.of_form(form))
        return self.save(form, authoring.READY if do == "ready" else authoring.DRAFT)

    def form_of_version(self) -> QuestionForm:
        if not self.question or not self.version:
            return QuestionForm(self.kind)
        body = self.version.typed
        group = ROWS.get(self.kind, ("",))[0]
        rows = len(getattr(body.answer, group, ())) + (0 if self.kind.endswith("choice") else 1)
        initial = initial_of(self.question, body, self.version.marks)
        return QuestionForm(self.kind, initial=initial, rows=max(rows, 2), played=self.played)

    def save(self, form: QuestionForm, status: str) -> HttpResponse:
        if form.is_valid():
            try:
                question = self.write(form, status)
            except authoring.NotReady as refused:
                form.show_defects(refused.defects)
            except authoring.Full:
                form.add_error(None, _("This bank is full."))
            except ValidationError as refused:
                form.add_error(None, refused.messages)
            else:
                ready = status == authoring.READY
                messages.success(self.request, _("Saved and ready.") if ready else _("Saved as a draft."))
                return see_other(self.request, "question-edit", question.pk)
        return self.page(form, status=UNPROCESSABLE)

    def write(self, form: QuestionForm, status: str) -> Question:
        body, head, marks = form.body(), form.head(), form.cleaned_data["marks"]
        author = self.request.user
        if self.question is None:
            return authoring.question_create(
                bank=self.bank, author=author, body=body, head=head, marks=marks, status=status
            )
        authoring.question_save(question=self.question, author=author, body=body, head=head, marks=marks, status=status)
        return self.question

    def page(self, form: QuestionForm, preview: Preview | None = None, *, status: int = 200) -> HttpResponse:
        if preview is None and self.version and not form.is_bound:
            preview = Preview.of(self.version.typed, self.question.topic if self.question else "")
        elif preview is None and form.is_bound:
            preview = Preview.of_form(form)
        context = {
            "bank": self.bank,
            "question": self.question,
            "version": self.version,
            "kind": self.kind,
            "kind_label": KIND_LABELS[self.kind],
            "form": form,
            "preview": preview,
            "has_rows": self.kind in ROWS,
            "is_prediction": self.played[0] is not None,
        }
        return render_page(self.request, "quizzes/question_edit.html", context, status=status)


def _reading(question: Question, version: QuestionVersion) -> dict[str, object]:
    return {
        "question": question,
        "bank": question.bank,
        "version": version,
        "preview": Preview.of(version.typed, question.topic),
    }


def _changes(version: QuestionVersion, older: QuestionVersion | None) -> list[Line]:
    return difference(older.body, version.body) if older else []


def _rows(request: HtmxRequest, kind: str) -> int:
    text = request.POST.get("rows", "")
    return min(int(text), ROWS_MAX) if text.isascii() and text.isdigit() and len(text) < 3 else ROWS_AT_FIRST


def _instructors_only(request: HtmxRequest) -> None:
    if not request.user.is_instructor:
        raise Http404
