"""The form of a question, one for each kind of answer. It checks shapes; the engine checks sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lambdalab.curriculum.questions import Body, Computed, Played
from quizzes.engine import Defect
from quizzes.models import Bank, Question

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ROWS_MAX = 20
TEXT_MAX = 4000
JSON_MAX = 200
CREDITS = (
    ("net_correct", gettext_lazy("Right choices minus wrong ones")),
    ("all_or_nothing", gettext_lazy("All or nothing")),
    ("each_option", gettext_lazy("Every option counts")),
    ("coverage", gettext_lazy("Share found times share right")),
)
ORDER_CREDITS = (
    ("neighbours", gettext_lazy("Neighbours that follow rightly")),
    ("all_or_nothing", gettext_lazy("All or nothing")),
)
ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "single_choice": ("options", ("text", "right", "reason")),
    "multiple_response": ("options", ("text", "right", "reason")),
    "numeric": ("wrong", ("value", "reason")),
    "short_answer": ("wrong", ("pattern", "reason")),
    "ordering": ("items", ("text", "reason")),
    "matching": ("pairs", ("left", "right", "reason")),
}
"""The repeated part of each kind, and the fields of one row."""
_VALUED = {"single_choice": ("value",), "ordering": ("value",)}
_LEGENDS = {
    "options": gettext_lazy("Option"),
    "wrong": gettext_lazy("Wrong answer people give"),
    "items": gettext_lazy("Item"),
    "pairs": gettext_lazy("Pair"),
}
_LABELS = {
    "text": gettext_lazy("Text"),
    "right": gettext_lazy("This is right"),
    "reason": gettext_lazy("Why it is right or wrong"),
    "value": gettext_lazy("Number"),
    "pattern": gettext_lazy("Text, * for anything"),
    "left": gettext_lazy("Left side"),
}
_UNIT = re.compile(r"^\s*(?P<name>[^=,]{1,20}?)\s*=\s*(?P<factor>[0-9.eE+-]+)\s*$")


class ShortJson(forms.JSONField):
    """JSON of a few characters, so that it cannot be nested a thousand deep."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > JSON_MAX:
            raise forms.ValidationError(_("This is too long."))
        return super().to_python(value)


class BankForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """The title of a bank."""

    class Meta:
        model = Bank
        fields = ("title",)


def _text(label: StrOrPromise, rows: int, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=TEXT_MAX, widget=widget, **{"required": False, **options})


class QuestionForm(forms.Form):
    """A question of one kind of answer. `rows` is how many options (items, pairs) there is room for."""

    slug = forms.SlugField(label=gettext_lazy("Short name"), max_length=100)
    prompt = _text(gettext_lazy("Question"), 3, required=True, help_text=gettext_lazy("Markdown."))
    explanation = _text(gettext_lazy("Explanation"), 3, help_text=gettext_lazy("Shown to everybody afterwards."))
    hint = _text(gettext_lazy("Hint"), 2)
    tags = forms.CharField(
        label=gettext_lazy("Tags"), max_length=200, required=False, help_text=gettext_lazy("With commas between.")
    )
    difficulty = forms.IntegerField(label=gettext_lazy("Difficulty, 1 to 5"), min_value=1, max_value=5, initial=2)
    marks = forms.FloatField(label=gettext_lazy("Marks"), min_value=0.1, max_value=100, initial=1)

    def __init__(
        self,
        kind: str,
        *args: Any,
        rows: int = 4,
        played: tuple[Computed | None, Played | None] = (None, None),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.kind, self.played = kind, played
        self.rows = max(1, min(rows, ROWS_MAX))
        self.row_of: list[int] = []  # the row of the form in which each option (item, pair) stands
        self.fields |= self._own_fields()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = self._layout()

    # -- fields

    def _own_fields(self) -> dict[str, forms.Field]:
        make = getattr(self, f"_{self.kind}", None)
        own: dict[str, forms.Field] = make() if make else {}
        if self.kind in ROWS:
            group, parts = self.row_parts()
            for row in range(self.rows):
                own |= {f"{group}-{row}-{part}": self._row_field(part) for part in parts}
        return own

    def row_parts(self) -> tuple[str, tuple[str, ...]]:
        """The repeated part and its fields; in a prediction an option also has the value a run gives it."""
        group, parts = ROWS[self.kind]
        valued = self.played[0] is not None and group in ("options", "items")
        return group, (*parts, "value") if valued else parts

    def _row_field(self, part: str) -> forms.Field:
        label = _LABELS[part]
        if part == "right" and self.kind != "matching":
            return forms.BooleanField(label=label, required=False)
        if part == "right":
            label = gettext_lazy("Right side")
        if part == "value" and self.kind == "numeric":
            return forms.FloatField(label=label, required=False)
        if part == "value":
            return ShortJson(label=_("What the query yields for it, as JSON"), required=False)
        return _text(label, 1 if part in ("pattern", "left", "right") else 2)

    def _multiple_response(self) -> dict[str, forms.Field]:
        return {"credit": forms.ChoiceField(label=_("What partly right is worth"), choices=CREDITS)}

    def _true_false(self) -> dict[str, forms.Field]:
        sides = (("true", _("True")), ("false", _("False")))
        return {
            "answer": forms.ChoiceField(label=_("The statement is"), choices=sides),
            "if_true": _text(_("To those who say true"), 2),
            "if_false": _text(_("To those who say false"), 2),
        }

    def _numeric(self) -> dict[str, forms.Field]:
        return {
            "value": forms.FloatField(label=_("The right number")),
            "tolerance": forms.FloatField(label=_("Tolerance"), min_value=0, initial=0, required=False),
            "relative": forms.BooleanField(label=_("The tolerance is a share of the number"), required=False),
            "unit": forms.CharField(label=_("Unit"), max_length=20, required=False),
            "units": forms.CharField(
                label=_("Other units"), max_length=200, required=False, help_text=_("Like: min=60, h=3600")
            ),
            "otherwise": _text(_("To any other number"), 2),
        }

    def _short_answer(self) -> dict[str, forms.Field]:
        return {
            "accepted": _text(_("Accepted texts, one a line"), 3, help_text=_("* stands for anything.")),
            "case": forms.BooleanField(label=_("Capital letters count"), required=False),
            "otherwise": _text(_("To any other text"), 2),
        }

    def _ordering(self) -> dict[str, forms.Field]:
        return {
            "credit": forms.ChoiceField(label=_("What partly right is worth"), choices=ORDER_CREDITS),
            "otherwise": _text(_("To a wrong order"), 2, help_text=_("Write the items below in the right order.")),
        }

    def _matching(self) -> dict[str, forms.Field]:
        return {
            "distractors": _text(_("Right sides that belong to nothing, one a line"), 2),
            "otherwise": _text(_("To wrong pairs"), 2),
        }

    def _layout(self) -> Layout:
        last = ("explanation", "hint", "tags", "difficulty", "marks")
        own = [name for name in self.fields if name not in ("slug", "prompt", *last) and "-" not in name]
        groups = []
        if self.kind in ROWS:
            group, parts = self.row_parts()
            for row in range(self.rows):
                names = [f"{group}-{row}-{part}" for part in parts]
                groups.append(Fieldset(f"{_LEGENDS[group]} {row + 1}", *names, css_class="row-of"))
        return Layout("slug", "prompt", *own, *groups, *last)

    def clean_units(self) -> str:
        """Refuse what is not `name=factor`."""
        units: str = self.cleaned_data["units"]
        for part in filter(str.strip, units.split(",")):
            if not _UNIT.match(part):
                raise forms.ValidationError(_("Write it like: min=60, h=3600"))
        return units

    # -- the question

    def body(self) -> Body:
        """The question that the valid form describes."""
        data = self.cleaned_data
        answer = {"kind": self.kind, **self._answer(data)}
        body = {"prompt": data["prompt"], "explanation": data["explanation"], "hint": data["hint"], "answer": answer}
        made = msgspec.convert(body, Body)
        return msgspec.structs.replace(made, computed=self.played[0], see=self.played[1])

    def head(self) -> dict[str, Any]:
        """What the bank keeps of the question."""
        tags = [tag.strip()[:40] for tag in self.cleaned_data["tags"].split(",") if tag.strip()]
        return {"slug": self.cleaned_data["slug"], "difficulty": self.cleaned_data["difficulty"], "tags": tags}

    def _answer(self, data: Mapping[str, Any]) -> dict[str, Any]:
        rows = self._filled_rows(data)
        match self.kind:
            case "true_false":
                return {"answer": data["answer"] == "true", **_some(data, "if_true", "if_false")}
            case "numeric":
                plain = _some(data, "value", "relative", "unit", "otherwise")
                units = {m["name"]: float(m["factor"]) for m in map(_UNIT.match, data["units"].split(",")) if m}
                return {**plain, "tolerance": data["tolerance"] or 0.0, "units": units, "wrong": rows}
            case "short_answer":
                return {**_some(data, "case", "otherwise"), "accepted": _lines(data["accepted"]), "wrong": rows}
            case "matching":
                return {"otherwise": data["otherwise"], "distractors": _lines(data["distractors"]), "pairs": rows}
            case "ordering":
                return {**_some(data, "credit", "otherwise"), "items": rows}
            case "multiple_response":
                return {"credit": data["credit"], "options": rows}
            case _:
                return {"options": rows}

    def _filled_rows(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows in which something stands; `row_of` remembers where."""
        self.row_of = []
        if self.kind not in ROWS:
            return []
        group, parts = self.row_parts()
        found = []
        for row in range(self.rows):
            values = {part: data[f"{group}-{row}-{part}"] for part in parts}
            if any(value not in ("", None, False) for value in values.values()):
                found.append({part: _plain(value) for part, value in values.items() if value is not None})
                self.row_of.append(row)
        return found

    def show_defects(self, defects: list[Defect]) -> None:
        """Put each defect on the field it is about."""
        for defect in defects:
            self.add_error(self._field_of(defect.field), f"{defect.message}. {defect.fix}.")

    def _field_of(self, place: str) -> str | None:
        group, _dot, index = place.partition(".")
        if index.isdigit() and int(index) < len(self.row_of):
            name = f"{group}-{self.row_of[int(index)]}-{ROWS[self.kind][1][0]}"
            return name if name in self.fields else None
        return group if group in self.fields else None


def initial_of(question: Question, body: Body, marks: float) -> dict[str, Any]:
    """The fields of the form for a question that exists."""
    answer = {name: getattr(body.answer, name) for name in body.answer.__struct_fields__}
    kind = str(body.answer.__struct_config__.tag)
    initial = {
        "slug": question.slug,
        "tags": ", ".join(question.tags),
        "difficulty": question.difficulty,
        "marks": marks,
        "prompt": body.prompt,
        "explanation": body.explanation,
        "hint": body.hint,
    }
    if kind in ROWS:
        group, parts = ROWS[kind]
        for row, values in enumerate(answer.pop(group)):
            initial |= {f"{group}-{row}-{part}": getattr(values, part) for part in (*parts, *_VALUED.get(kind, ()))}
    for name, value in answer.items():
        initial[name] = _as_field(name, value)
    return initial


def _as_field(name: str, value: Any) -> Any:
    if name == "answer":
        return "true" if value else "false"
    if name == "units":
        return ", ".join(f"{unit}={factor:g}" for unit, factor in value.items())
    return "\n".join(value) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    """Django's JSON field makes texts of a class of its own."""
    return str(value) if isinstance(value, str) else value


def _some(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
