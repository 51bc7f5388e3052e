"""What the templates get: a lab, what somebody has written in it, and how its last run went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdalab.curriculum import Lab, Topic
from lambdalab.playground import project_files, scenario_words, template_edit
from lambdalab.playground.models import LabDraft
from lambdalab.playground.services import TEMPLATE
from lambdalab.runs.models import Run, State

LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}


@dataclass(frozen=True, slots=True)
class FileView:
    """One file in the editor."""

    id: str
    path: str
    text: str
    editable: bool
    language: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def lines(self) -> int:
        return max(self.text.count("\n") + 1, 10)


@dataclass(frozen=True, slots=True)
class Goal:
    """One check of the lab: what it wants and, after a run, how that went."""

    says: str
    passed: bool | None = None
    expected: Any = None
    actual: Any = None
    hidden: bool = False

    @property
    def has_figures(self) -> bool:
        return not self.hidden and self.passed is False and self.expected is not None


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings panel: the functions of the template, or why it cannot be read."""

    functions: tuple[template_edit.FunctionSettings, ...]
    editable: bool
    problem: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ResultView:
    """What the right-hand side shows. `state` is one of empty, waiting, refused, failed, gone, done."""

    state: str
    run: Run | None = None
    player: Mapping[str, Any] | None = None
    own: bool = True
    stale: bool = False

    @property
    def problems(self) -> Sequence[Mapping[str, Any]]:
        return self.run.problem if self.run else ()


@dataclass(frozen=True, slots=True)
class LabPage:
    """A lab and everything around it."""

    topic: Topic
    lab: Lab
    files: tuple[FileView, ...]
    settings: SettingsView
    goals: tuple[Goal, ...]
    happenings: tuple[scenario_words.Happening, ...]
    length: str
    history: Sequence[Run]
    result: ResultView
    can_undo: bool
    is_saved: bool

    @property
    def met(self) -> int:
        return sum(goal.passed is True for goal in self.goals)

    @property
    def next_goal(self) -> Goal | None:
        return next((goal for goal in self.goals if not goal.passed), None)

    @property
    def pane(self) -> str:
        return "code" if self.result.state == "empty" else "result"


def result_view(run: Run | None, player: Mapping[str, Any] | None, draft: LabDraft) -> ResultView:
    """The state of a run, as the page tells it."""
    if run is None:
        return ResultView("empty")
    own = run.owner_id == draft.user_id
    changed = bool(draft.pk) and own and draft.updated_at > run.created_at
    return ResultView(_state(run, player), run, player, own, changed)


def _state(run: Run, player: Mapping[str, Any] | None) -> str:
    if not run.is_settled:
        return "waiting"
    if run.problem:
        return "refused"
    if player is not None:
        return "done"
    if run.state == State.STOPPED:
        return "stopped"
    return "gone" if run.forgotten_at else "failed"


def lab_page(topic: Topic, lab: Lab, draft: LabDraft, result: ResultView, history: Sequence[Run]) -> LabPage:
    """Everything the lab's page shows."""
    scenario = project_files.parsed_scenario(lab)
    texts = project_files.shown_files(lab, draft.files)
    return LabPage(
        topic=topic,
        lab=lab,
        files=tuple(_file(number, path, text, lab) for number, (path, text) in enumerate(texts.items())),
        settings=settings_view(lab, texts.get(TEMPLATE, "")),
        goals=goals(scenario, result),
        happenings=tuple(scenario_words.happenings(scenario)),
        length=scenario_words.length(scenario),
        history=history,
        result=result,
        can_undo=bool(draft.before_reset),
        is_saved=bool(draft.pk),
    )


def settings_view(lab: Lab, template: str) -> SettingsView:
    """The settings of the template as it stands in the editor."""
    editable = TEMPLATE in lab.editable
    try:
        return SettingsView(template_edit.settings_of(template), editable)
    except template_edit.TemplateUnreadable as error:
        return SettingsView((), editable, str(error), error.line)


def goals(scenario: Mapping[str, Any], result: ResultView) -> tuple[Goal, ...]:
    """The checks of the shown run, else those that the scenario announces."""
    if result.player:
        return tuple(_goal(check) for check in result.player.get("checks", ()))
    return tuple(Goal(str(check.get("says", ""))) for check in scenario.get("checks") or ())


def _goal(check: Mapping[str, Any]) -> Goal:
    return Goal(
        check["says"], bool(check["passed"]), check.get("expected"), check.get("actual"), bool(check.get("hidden"))
    )


def _file(number: int, path: str, text: str, lab: Lab) -> FileView:
    suffix = path[path.rfind(".") :] if "." in path else ""
    return FileView(f"file-{number}", path, text, path in lab.editable, LANGUAGES.get(suffix, ""))
