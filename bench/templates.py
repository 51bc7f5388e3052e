"""How long a template takes that cannot be deployed, or is as large as one may be, beside libyaml on the same text.

``python -m bench.templates`` prints medians. Everything is done that ``lambdalab check`` does, in a warm process.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping

import yaml

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.services.stepfunctions.language import paths
from lambdalab.simulator.vocabulary.log_columns import columns_of
from lambdalab.simulator.vocabulary.log_patterns import read_log_pattern

ROUNDS = 5
SIX_TAGS = ", ".join(["{Key: a, Value: b}"] * 6)
QUEUE = "{Type: AWS::SQS::Queue, Properties: {QueueName: %s}}"


def _resources(lines: Mapping[str, str]) -> bytes:
    return ("Resources:\n" + "".join(f"  {name}: {body}\n" for name, body in lines.items())).encode()


def _bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines).encode() + b"\n" + _resources({"Q": "{Type: AWS::SQS::Queue, Properties: {Tags: *a9}}"})


TEMPLATES: Mapping[str, bytes] = {
    "a malformed template": _resources({"Q": "{Type: AWS::SQS::Queue, Properties: {QueueName: [}}"}),
    "an unknown property": _resources({"Q": "{Type: AWS::SQS::Queue, Properties: {QeueName: q}}"}),
    "a circle of 500 resources": _resources({f"Q{n}": QUEUE % f"!Ref Q{(n + 1) % 500}" for n in range(500)}),
    "a bomb of nested aliases": _bomb(),
    "50 MB": _resources({"Q": QUEUE % ("x" * 50_000_000)}),
    "1 MB of brackets": b"a: " + b"[" * 1_000_000,
    "500 resources, 19,000 values, which are right": _resources(
        {f"Q{n}": f"{{Type: AWS::SQS::Queue, Properties: {{Tags: [{SIX_TAGS}]}}}}" for n in range(500)}
    ),
}  # fmt: skip


def main() -> None:
    """Print what each takes, and the first thing that is said of it."""
    _found(_resources({"Q": "{Type: AWS::SQS::Queue}"}))  # warm: AWS's models are read once
    for name, text in TEMPLATES.items():
        problems = _found(text)
        said = f"line {problems[0].line}: {problems[0].message[:70]}" if problems else "nothing wrong"
        ours, bare = _median_ms(lambda text=text: _found(text)), _median_ms(lambda text=text: _bare(text))  # type: ignore[misc]
        print(f"{name:46} {ours:8.1f} ms   libyaml {bare:8.1f} ms   {said}")
    event = json.dumps({"a": "a" * 200_000})
    for pattern in ("{ $.a = *a*a*a*a*a*a*a*a*b }", "[x = *a*a*a*a*b]"):
        took = _median_ms(lambda pattern=pattern: read_log_pattern(pattern)(event))  # type: ignore[misc]
        print(f"log pattern {pattern:34} {took:8.1f} ms   on 200,000 characters that nearly match")
    took = _median_ms(lambda: columns_of("[ " * 300_000))
    print(f"columns of open brackets                       {took:8.1f} ms   in 600,000 characters")
    print(f"a path of Step Functions that never closes     {_median_ms(_unclosed):8.1f} ms")


def _found(text: bytes) -> list[Problem]:
    try:
        return problems_of(read_template({"template.yaml": text}))
    except ProjectError as error:
        return list(error.problems)


def _bare(text: bytes) -> None:
    """libyaml's own reading, up to where it ends; no value is made, so no alias is followed."""
    try:
        for _ in yaml.parse(text, Loader=yaml.CLoader):
            pass
    except yaml.YAMLError:
        return


def _unclosed() -> None:
    try:
        paths.parsed("$['" + "\\a" * 900)
    except paths.PathError:
        return


def _median_ms(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1_000)
    return statistics.median(took)


if __name__ == "__main__":
    main()
