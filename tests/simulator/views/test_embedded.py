import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import MetricDataPut
from lambdalab.simulator.views import custom_metrics
from lambdalab.simulator.vocabulary.metric_data import MetricId
from tests.simulator.playing import invoke, make_template, play, steps

EPOCH_MS = 1_764_579_600_000
VALID = {
    "_aws": {
        "Timestamp": EPOCH_MS + 61_000,
        "CloudWatchMetrics": [
            {"Namespace": "shop", "Dimensions": [["service"]], "Metrics": [{"Name": "sold", "Unit": "Count"}]}
        ],
    },
    "service": "orders",
    "sold": 3,
}


def metrics(*documents: Any) -> dict[str, Any]:
    lines = tuple(each if isinstance(each, str) else json.dumps(each) for each in documents)
    played = play(make_template(), steps(invoke(kind="RequestResponse")), Act(logs=lines))
    shown: dict[str, Any] = played.summary["metrics"]
    return {namespace: table for namespace, table in shown.items() if namespace != "AWS/Lambda"}


def changed(directive: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(VALID)) | members
    if directive is not None:
        document["_aws"]["CloudWatchMetrics"][0].update(directive)
    return document


def test_a_valid_line_becomes_a_metric_in_the_minute_of_its_own_timestamp() -> None:
    (row,) = metrics(VALID, changed(sold=5))["shop"]["sold"]["service=orders"]
    assert (row["t_s"], row["sum"], row["count"], row["min"], row["max"]) == (60, 8, 2, 3, 5)


def test_a_list_of_values_is_as_many_samples() -> None:
    (row,) = metrics(changed(sold=[1, 2.5, 3]))["shop"]["sold"]["service=orders"]
    assert (row["sum"], row["count"], row["p50"]) == (6.5, 3, 2.5)


def test_each_set_of_dimensions_is_a_metric_of_its_own_and_the_empty_set_is_one() -> None:
    sets = {"Dimensions": [[], ["service"], ["stage", "service"]]}
    assert list(metrics(changed(sets, stage="prod"))["shop"]["sold"]) == [
        "*", "service=orders", "service=orders,stage=prod"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "{not json}",
        '{"_aws": 3}',
        "[" * 100_000,
        '{"_aws":' + "[" * 50_000,
        json.dumps(VALID)[:-1],
        changed(sold="3"),
        changed(sold=True),
        changed(sold=[1] * 101),
        changed(sold=[1, None]),
        json.dumps(VALID).replace('"sold": 3', '"sold": NaN'),
        json.dumps(VALID).replace('"sold": 3', '"sold": 1' + "0" * 400),
        changed(service=7),
        changed(service=""),
        changed({"Namespace": "AWS/Lambda"}),
        changed({"Namespace": ""}),
        changed({"Namespace": "n" * 1025}),
        changed({"Dimensions": "service"}),
        changed({"Dimensions": [["absent"]]}),
        changed({"Dimensions": [["service"] * 31]}),
        changed({"Metrics": [{"Name": "sold"}] * 101}),
        changed({"Metrics": {"Name": "sold"}}),
        changed({"Metrics": [{"Unit": "Count"}, "sold"]}),
        changed(_aws={"Timestamp": EPOCH_MS}),
        changed(_aws={**VALID["_aws"], "Timestamp": "now"}),  # type: ignore[dict-item]
        changed(_aws={**VALID["_aws"], "Timestamp": EPOCH_MS + 3 * 3_600_000}),  # type: ignore[dict-item]
        changed(_aws={**VALID["_aws"], "Timestamp": EPOCH_MS - 15 * 86_400_000}),  # type: ignore[dict-item]
    ],
)
def test_what_is_no_valid_emf_is_a_log_line_and_no_more(line: Any) -> None:
    assert metrics(line) == {}


def test_there_is_a_limit_to_what_a_run_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom_metrics, "ROWS_MAX", 5)
    many = [changed(service=f"s{n}") for n in range(50)]
    assert len(metrics(*many)["shop"]["sold"]) == 5


def test_the_summary_shows_the_earliest_rows_of_all_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom_metrics, "SHOWN_MAX", 4)
    fold = custom_metrics.CustomMetrics()
    for minute in range(3):
        for name in ("b", "a"):
            fold._put(0, MetricDataPut("shop", name, (), "None", minute * 60_000, 60, ((1.0, 1.0),), None, "x"))
    shown = fold.result()["shop"]
    assert {name: [row["t_s"] for row in rows["*"]] for name, rows in shown.items()} == {"a": [0, 60], "b": [0, 60]}
    assert len(list(fold.points(MetricId("shop", "a", ()), fine=False))) == 3
