from typing import Any

import pytest

from lambdalab.simulator.kernel import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.reader import parse_duration
from lambdalab.simulator.scenario.schema import Goal, Scenario


def load(text: str, files: dict[str, bytes] | None = None) -> Scenario:
    return load_scenario({"scenario.yaml": text.encode(), **(files or {})})


def problems(text: str, files: dict[str, bytes] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ProjectError) as caught:
        load(text, files)
    return caught.value.problems


@pytest.mark.rule("C.1-01")
def test_an_empty_scenario_has_defaults() -> None:
    scenario = load("{}")
    assert (scenario.seed, scenario.until, scenario.concurrency) == (1, None, 1_000)
    assert scenario.epoch_us == 1_764_579_600_000_000
    assert scenario.compute.mode == "declared"


def test_a_goal_is_a_figure_and_perhaps_the_best_that_anybody_has_reached() -> None:
    assert load("goal: {query: bill.total_usd, best: 0.5}").goal == Goal("bill.total_usd", 0.5)
    assert load("goal: {query: functions.work.billed_ms}").goal == Goal("functions.work.billed_ms", None)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0s", 0),
        ("90s", 90 * SECOND),
        ("5m", 5 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("250ms", 250 * MILLISECOND),
        ("1.5s", 1_500 * MILLISECOND),
        ("0.000001s", 1),
        ("1d", DAY),
        ("1d2h3m4s5ms", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5 * MILLISECOND),
        (" 2s ", 2 * SECOND),
    ],
)
def test_a_length_is_read_as_microseconds(text: str, length: int) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "5", "5 m", "-5s", "m", "1m1h", "1.5m", "soon", "5x"])
def test_what_is_no_length_is_none(text: str) -> None:
    assert parse_duration(text) is None


def test_a_moment_of_the_calendar_counts_from_the_clock() -> None:
    scenario = load("clock: 2026-11-23T09:00:00Z\nsteps: [{at: '2026-11-23T09:01:30Z', call: sqs.list_queues}]\n")
    assert scenario.steps[0].at == 90 * SECOND


def test_a_moment_before_the_clock_is_refused() -> None:
    (problem,) = problems("steps:\n  - {at: '2020-01-01T00:00:00Z', call: sqs.list_queues}\n")
    assert problem.line == 2
    assert "is not a time" in problem.message


STEP = "steps:\n  - at: 0s\n    call: {call}\n    {more}\n"
GOOD = "checks:\n  - id: a\n    says: It holds.\n    query: run.seed\n    {}\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("sede: 1\n", 1, "unknown key sede."),
        ("seed: many\n", 1, "whole number"),
        ("seed: -1\n", 1, "whole number"),
        ("seed: true\n", 1, "whole number"),
        ("until: later\n", 1, "'later' is not a time."),
        ("until: 25h\n", 1, "at most 24 hours"),
        ("clock: noon\n", 1, "'noon' is not a moment."),
        ("account: {concurrency: 0}\n", 1, "whole number from 1"),
        ("account: {concurency: 5}\n", 1, "unknown key concurency."),
        ("steps: {}\n", 1, "must be a list"),
        ("steps:\n  - just text\n", 2, "must be a mapping"),
        ("steps:\n  - {at: 0s}\n", 2, "call must be a text."),
        (STEP.format(call="invoke", more="label: x"), 3, "invoke is not service.operation."),
        (STEP.format(call="lamda.invoke", more="label: x"), 3, "AWS has no service lamda in boto3."),
        (STEP.format(call="lambda.Invoke", more="label: x"), 3, "lambda has no operation Invoke in boto3."),
        (STEP.format(call="lambda.invoke", more="label: []"), 4, "a label must be a text."),
        (STEP.format(call="lambda.invoke", more="with: [1]"), 4, "must be a mapping"),
        (
            STEP.format(call="lambda.invoke", more="with: {Payload: {file: events/no.json}}"),
            4,
            "no file events/no.json",
        ),
        (
            STEP.format(call="lambda.invoke", more="with: {Payload: '{{ shrug }}'}"),
            4,
            "{{ shrug }} is not an expression.",
        ),
        (STEP.format(call="lambda.invoke", more="repeat: {count: 0}"), 4, "whole number from 1"),
        (STEP.format(call="lambda.invoke", more="repeat: {times: 3}"), 4, "unknown key times."),
        (STEP.format(call="lambda.invoke", more="rate: {per_second: fast}"), 4, "number of 0 or more"),
        (STEP.format(call="lambda.invoke", more="http: {to: x}"), 2, "a step does one thing, not call and http."),
        ("faults:\n  - {from: 0s}\n", 2, "a fault names what it does."),
        ("faults:\n  - {fail: sqs.send}\n", 2, "sqs has no operation send in boto3."),
        ("faults:\n  - {fail: sqs.send_message}\n", 2, "with (an error code) must be a text."),
        ("faults:\n  - {duplicate: sns}\n", 2, "duplicates of sns are not simulated yet."),
        ("faults:\n  - {throttle: work, probability: often}\n", 2, "number of 0 or more"),
        ("faults:\n  - {throttle: work, until: never}\n", 2, "is not a time"),
        ("compute: {mode: guessed}\n", 1, "'guessed' is not a mode."),
        ("compute:\n  functions:\n    work: {init: 5}\n", 3, "unknown key init."),
        ("compute:\n  functions:\n    work: {init_ms: slow}\n", 3, "number of 0 or more"),
        (GOOD.format("hidden: true"), 2, "a check compares in exactly one way."),
        (GOOD.format("{equals: 1, at_most: 2}".strip("{}").replace(", ", "\n    ")), 2, "in exactly one way"),
        (GOOD.format("equals: 1\n  - {id: a, says: x, query: run, equals: 1}"), 6, "a second check is called a."),
        ("checks:\n  - {id: a, query: run, equals: 1}\n", 2, "says must be a text."),
        ("checks:\n  - {id: a, says: x, query: 'run.[', equals: 1}\n", 2, "not a JMESPath query"),
        ("checks:\n  - {id: a, says: x, query: '" + "a." * 600 + "b', equals: 1}\n", 2, "at most 1000 characters"),
        (GOOD.format("matches: '['"), 5, "not a regular expression"),
        (GOOD.format("at_most: few"), 5, "at_most takes a number"),
        (GOOD.format("at_least: [1]"), 5, "at_least takes a number"),
        (GOOD.format("between: 3"), 5, "between takes two numbers"),
        (GOOD.format("between: [1, 2, 3]"), 5, "between takes two numbers"),
        ("goal: {query: bill.total_usd, best: cheap}\n", 1, "number of 0 or more"),
        ("client:\n  retry_mode: adaptive\n", 2, "the mode 'adaptive' is not simulated."),
        ("client: {max_attempts: 0}\n", 1, "this must be a whole number from 1 to 20, not 0."),
    ],
)
def test_every_error_names_its_line(text: str, line: int, message: str) -> None:
    found = problems(text)
    assert (found[0].path, found[0].line) == ("scenario.yaml", line)
    assert message in found[0].message


def test_errors_that_a_hint_can_help_with_carry_a_fix() -> None:
    fixes = {
        "sede: 1\n": "Known here: account, checks, client, clock",
        "until: later\n": "Write it like 0s, 90s, 5m",
        STEP.format(call="lambda.run", more="label: x"): "Use boto3's method name.",
        STEP.format(call="lambda.invoke", more="with: {Payload: '{{ x }}'}"): "Known: n, uuid, now",
    }
    for text, fix in fixes.items():
        assert fix in problems(text)[0].fix


def test_all_errors_are_told_at_once() -> None:
    assert [p.line for p in problems("seed: x\nuntil: y\nsteps: z\nfaults: w\n")] == [1, 2, 3, 4]


def test_a_scenario_that_is_not_there_says_so() -> None:
    with pytest.raises(ProjectError, match="there is no such scenario"):
        load_scenario({}, "other.yaml")


def test_a_rate_is_a_repetition() -> None:
    (step,) = load("steps: [{at: 1s, call: sqs.list_queues, rate: {per_second: 4, for: 10s}}]").steps
    assert (step.repeat.count, step.repeat.every) == (40, 250 * MILLISECOND)


@pytest.mark.rule("C.1-02")
def test_a_new_account_may_run_ten_at_once() -> None:
    assert load("account: {new_account: true}").concurrency == 10


def test_a_json_file_given_as_payload_is_read_from_the_project() -> None:
    text = STEP.format(call="lambda.invoke", more="with: {Payload: {file: ./events/a.json}}")
    (step,) = load(text, {"events/a.json": b'{"order": 7}'}).steps
    assert step.params["Payload"] == {"order": 7}


def test_a_file_that_is_not_json_is_refused_at_its_line() -> None:
    text = STEP.format(call="lambda.invoke", more="with: {Payload: {file: events/a.json}}")
    (problem,) = problems(text, {"events/a.json": b"{"})
    assert problem.line == 4
    assert "events/a.json is not valid" in problem.message


SHAPES: list[Any] = ["text", "[1]", "3", "null", "{steps: [3]}", "{faults: [[1]]}", "{checks: [x]}", "{compute: 3}"]


@pytest.mark.parametrize("text", [*SHAPES, "{account: [1]}", "{parameters: [a]}", "{goal: 1}", "{checks: {a: 1}}"])
def test_a_scenario_of_a_wrong_shape_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(load(text), Scenario)
    except ProjectError as error:
        assert error.problems  # noqa: PT017 - either way is right, breaking is not
