"""A function that leaves a stack and comes back under its name: what it did before still counts."""

import json

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import InvocationEnded
from tests.simulator.playing import invoke, make_function, make_template, play, steps


def test_what_a_function_did_before_it_left_the_stack_is_counted_and_paid_for() -> None:
    both, one = make_template(make_function(), make_function("extra")), make_template()
    files = {"without.json": json.dumps(one).encode(), "again.json": json.dumps(both).encode()}
    asked = [invoke(at, function="extra", kind=kind) for at in ("1s", "20m") for kind in ("RequestResponse", "Event")]
    deploys = [
        {"at": "5m", "deploy": {"template": "without.json"}},
        {"at": "10m", "deploy": {"template": "again.json"}},
    ]
    played = play(both, steps(*asked, *deploys), Act(), files=files)
    billed = sum(fact.billed_ms for fact in played.of(InvocationEnded))
    row = played.summary["functions"]["extra"]
    assert (row["invocations"], row["billed_ms"]) == (4, billed)
    assert played.summary["async"]["extra"]["received"] == 2
    bill = played.summary["bill"]["by_function"]["extra"]
    assert bill["requests_usd"] == 0.8e-6
