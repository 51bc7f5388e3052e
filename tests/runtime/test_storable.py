"""What a run hands out can be stored and read by everybody."""

import json
import math
from typing import Any

import pytest

from lambdalab.runtime.storable import TOO_DEEP, storable
from tests.runtime.conftest import Play
from tests.runtime.projects import make_project


def test_what_is_fit_is_handed_on_untouched() -> None:
    value = {"a": [1, 2.5, None, True, "ü"]}
    assert storable(value) is value


def test_unfit_text_and_numbers_are_replaced_keys_included() -> None:
    value: dict[str, Any] = {"a\x00": ["\ud800", math.nan, -math.inf, (1,)], "b": {"c": "x\x00"}}
    assert storable(value) == {"a\ufffd": ["\ufffd", "nan", "-inf", [1]], "b": {"c": "x\ufffd"}}


def test_what_is_unfit_and_deep_is_cut_where_it_gets_too_deep() -> None:
    deep: Any = math.nan
    for _ in range(900):
        deep = [deep]
    assert TOO_DEEP in json.dumps(storable({"deep": deep}), allow_nan=False)


@pytest.mark.parametrize("leaf", ["", "NaN"])
def test_a_deep_result_does_not_break_a_run(played: Play, leaf: str) -> None:
    code = f"def handler(event, context): return b'[' * 900 + b'{leaf}' + b']' * 900\n"
    run = played(make_project(code))
    assert run.summary["functions"]["work"]["errors"] == 0
    json.dumps(run.summary, allow_nan=False)
