"""Which rules of AWS the model leaves out, and why. Ids are those of docs/rules.yaml.

docs/assumptions.md and docs/coverage.md are made from this list. A rule stands here only with a reason that a student
understands; one that a test proves must not (tests/scripts/test_write_coverage.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RulesLeftOut:
    """Some rules that are left out for one reason."""

    reason: str
    rules: tuple[str, ...]


RULES_LEFT_OUT: tuple[RulesLeftOut, ...] = (
    RulesLeftOut(
        "Mappings poll queues and streams, not brokers and document databases.",
        ("D.1-16", "H.3-08"),
    ),
    RulesLeftOut("Queues and streams are not encrypted here.", ("G.4-07",)),
    RulesLeftOut("A run lasts a day at most, and every stream keeps its records so long.", ("D.4-19",)),
    RulesLeftOut("Enhanced fan-out is not simulated: streams are polled with shared throughput.", ("D.4-20",)),
    RulesLeftOut(
        "Readers of a table's stream are never throttled here, however many they are.",
        ("D.4-21",),
    ),
    RulesLeftOut(
        "SnapStart is not simulated: functions start cold, warm or provisioned.",
        ("A.2-08", "B.2-05", "B.2-06", "B.4-06", "B.7-01", "B.7-02", "B.7-03", "J.2-05"),
    ),
    RulesLeftOut(
        "Only functions on Lambda's own compute are simulated: no managed instances, durable functions or tenants.",
        ("A.1-08", "B.1-05", "B.4-33", "B.6-06", "H.1-14", "J.4-09"),
    ),
    RulesLeftOut(
        "Functions run on Python only, as zip files.",
        ("B.4-09", "B.6-07", "J.4-05", "K.1-02"),
    ),
    RulesLeftOut(
        "Extensions are not simulated: a function has its runtime and nothing beside it.",
        ("B.2-14", "B.4-32", "H.1-05"),
    ),
    RulesLeftOut(
        "Functions come from the template and are Active when a run begins; nobody creates one during a run.",
        ("A.1-17", "B.1-01", "B.1-04", "B.1-06"),
    ),
    RulesLeftOut(
        "AWS says that it may happen, not when: environments are started for requests only.",
        ("B.2-17",),
    ),
    RulesLeftOut("AWS says that it happens, not how much: the queue is read as fast as events come.", ("A.3-16",)),
    RulesLeftOut("No recorded throttle carries the header, so none does here.", ("A.2-02",)),
    RulesLeftOut("No managed runtime answers it, and AWS's documentation alone keeps it.", ("A.1-05",)),
    RulesLeftOut("Calls have parameters here, and no HTTP headers whose length could be counted.", ("A.1-14",)),
    RulesLeftOut("Python's managed runtime streams no response.", ("A.1-19",)),
    RulesLeftOut("Logs are written in the new style, which AWS has rolled out; lessons show the old one.", ("B.4-11",)),
    RulesLeftOut("How Lambda scaled until 2023 is history.", ("C.1-12",)),
    RulesLeftOut("Advice and not behaviour: lessons give it.", ("C.3-07", "C.4-13", "K.8-01")),
    RulesLeftOut("APIs have proxy integrations only, which wait for the function.", ("F.6-11", "F.6-12")),
    RulesLeftOut("Whoever deploys the stack may do so; its rights are not looked at.", ("G.2-03", "I-12")),
    RulesLeftOut("One account has no organisation above it.", ("G.5-02",)),
    RulesLeftOut("A function's policy is changed statement by statement.", ("G.3-07",)),
    RulesLeftOut("Snapshots and zip files are not encrypted here.", ("G.6-06",)),
    RulesLeftOut("Logs cost nothing here.", ("H.2-05",)),
    RulesLeftOut("The network of an environment is the documented 625 Mbps; a raise cannot be asked for.", ("J.1-08",)),
    RulesLeftOut("The console is not simulated.", ("G.6-05", "J.4-04", "J.4-08")),
    RulesLeftOut("A key may be disabled, but nobody deletes one during a run.", ("G.6-04",)),
    RulesLeftOut("A trace begins with its request; what was provisioned long before has no segment.", ("H.3-10",)),
    RulesLeftOut("No project of a lab comes near these quotas.", ("I-04", "J.4-01")),
    RulesLeftOut("Network interfaces that nobody uses any more cost nothing and stay for the run.", ("I-11",)),
    RulesLeftOut("A template has at most 1 MB, so code inside one never reaches its own limit.", ("K.2-02",)),
    RulesLeftOut("In VPCs there is no IPv6.", ("I-06",)),
    RulesLeftOut(
        "A run lasts a day at most, and an idle function loses its network interfaces after weeks.",
        ("A.1-18", "B.1-03", "I-10"),
    ),
    RulesLeftOut("Only AWS's predefined deployment configurations are known.", ("K.6-03",)),
    RulesLeftOut("Code is not signed.", ("K.7-01",)),
)

AWAITING: frozenset[str] = frozenset()
"""Rules whose part is being built."""
