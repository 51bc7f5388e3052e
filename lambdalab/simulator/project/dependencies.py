"""Which resource needs which: references that lead nowhere, and circles in which nothing could be made first.

Source: AWS CloudFormation User Guide, "DependsOn attribute" and "Ref", read 2026-11; the texts as CloudFormation's
ValidateTemplate answers. What a circle's error lists: assumption A-120.
"""

from __future__ import annotations

import graphlib
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.project.intrinsics import PSEUDO, UNRESOLVABLE, Resolver
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.references import Reference, references
from lambdalab.simulator.project.yaml_source import Path, Source

CIRCLE_TOLD_MAX = 20  # resources of a circle that an error spells out
_READ = ("Properties", "UpdatePolicy")


class Dependencies:
    """The references of a template as CloudFormation sees it, after SAM's transform."""

    def __init__(self, source: Source, document: Mapping[str, Any], resolver: Resolver) -> None:
        self._source = source
        self._document = document
        self._bodies: dict[str, dict[str, Any]] = document["Resources"]
        self._resolver = resolver
        self.order: list[str] = []  # the resources that are made, each after those that it needs
        self._written: dict[tuple[str, str], Path] = {}  # where the author's file names what, by resource and target
        for name, body in source.value["Resources"].items():
            for each in references(body, ("Resources", name)):
                self._written.setdefault((name, each.target), each.path)

    def problems(self) -> list[Problem]:
        """References that lead nowhere; where there are none, a circle."""
        found = self._of_conditions()
        for name, body in self._bodies.items():
            if body.get("Condition") is not None:
                named = Reference(str(body["Condition"]), ("Resources", name, "Condition"), condition=True)
                problem = self._without_condition(f"{name}: ", named, self._place(name, named))
                found += [problem] if problem else []
        if found:  # which resources there are depends on them
            return found
        live = {name: body for name, body in self._bodies.items() if self._is_made(body)}
        needs = {name: self._needs(name, body) for name, body in live.items()}
        for name, wanted in needs.items():
            problems = (self._leading_nowhere(name, each, live) for each in wanted)
            found += [problem for problem in problems if problem is not None]
        return found + self._of_outputs(live) or self._circle(live, needs)

    def _is_made(self, body: Mapping[str, Any]) -> bool:
        named = body.get("Condition")
        return named is None or self._resolver.condition(str(named))

    def _needs(self, name: str, body: Mapping[str, Any]) -> list[Reference]:
        """What a resource that is made needs: its references, and what its DependsOn names."""
        path: Path = ("Resources", name)
        needs = [each for key in _READ for each in references(body.get(key), (*path, key), self._resolver)]
        given = body.get("DependsOn")
        listed = given if isinstance(given, list) else [] if given is None else [given]
        needs += [Reference(str(target), (*path, "DependsOn")) for target in listed]
        return needs

    def _leading_nowhere(self, name: str, wanted: Reference, live: Mapping[str, Any]) -> Problem | None:
        declared = wanted.path[-1] == "DependsOn"
        if wanted.condition:
            return self._without_condition(f"{name}: ", wanted, self._place(name, wanted))
        if wanted.target in live or (declared and wanted.target in self._bodies):
            return None  # DependsOn what a condition leaves out counts for nothing. A-120
        if not declared and self._is_known(wanted.target):
            return None
        path = self._place(name, wanted)
        if wanted.target in self._bodies:
            text = f"{name}: {wanted.target} is not created, because its condition does not hold."
            return self._source.problem(path, text, "Choose by Fn::If and the same condition.")
        if declared:
            text = f"{name}: Template format error: {_unresolved(wanted.target, 'Resources')}."
            return self._source.problem(path, text, self._source.meant(wanted.target, self._bodies))
        return self._source.problem(path, f"{name}: {nowhere(wanted.target)}.", self._meant(wanted.target))

    def _without_condition(self, who: str, wanted: Reference, path: Path) -> Problem | None:
        if wanted.target in self._resolver.conditions:
            return None
        meant = self._source.meant(wanted.target, map(str, self._resolver.conditions))
        return self._source.problem(path, f"{who}there is no condition {wanted.target}.", meant)

    def _is_known(self, target: str) -> bool:
        return target in self._resolver.parameters or target in PSEUDO or target == "AWS::NoValue"

    def _meant(self, target: str) -> str:
        return self._source.meant(target, (*self._bodies, *self._resolver.parameters, *PSEUDO))

    def _of_outputs(self, live: Mapping[str, Any]) -> list[Problem]:
        found = []
        for name, output in (self._document.get("Outputs") or {}).items():
            if not isinstance(output, dict):
                continue
            if output.get("Condition") is not None and str(output["Condition"]) not in self._resolver.conditions:
                wanted = Reference(str(output["Condition"]), ("Outputs", name, "Condition"), condition=True)
                problem = self._without_condition(f"the output {name}: ", wanted, wanted.path)
                found += [problem] if problem else []
                continue
            if not self._is_made(output):
                continue
            for each in references(output, ("Outputs", name), self._resolver):
                if each.condition:
                    problem = self._without_condition(f"the output {name}: ", each, each.path)
                    found += [problem] if problem else []
                elif each.target not in live and not self._is_known(each.target):
                    text = f"Template format error: {_unresolved(each.target, 'Outputs')}."
                    found.append(self._source.problem(each.path, text, self._meant(each.target)))
        return found

    def _of_conditions(self) -> list[Problem]:
        """Conditions are decided before there are resources, each of them, used or not."""
        found = []
        for name, condition in self._resolver.conditions.items():
            path: Path = ("Conditions", name)
            named = [each for each in references(condition, path) if each.target in self._bodies and not each.condition]
            for each in named:
                text = f"Template format error: Unresolved dependencies [{each.target}]."
                fix = "Cannot reference resources in the Conditions block of the template."
                found.append(self._source.problem(each.path, text, fix))
            if named:
                continue
            try:
                self._resolver.condition(name)
            except UNRESOLVABLE as error:
                unknown = [each for each in references(condition, path) if self._is_unknown_condition(each)]
                meant = self._source.meant(unknown[0].target, map(str, self._resolver.conditions)) if unknown else ""
                found.append(self._source.problem(path, f"the condition {name}: {error}.", meant))
        return found

    def _is_unknown_condition(self, each: Reference) -> bool:
        return each.condition and each.target not in self._resolver.conditions

    def _circle(self, live: Mapping[str, Any], needs: Mapping[str, list[Reference]]) -> list[Problem]:
        graph = {
            name: dict.fromkeys(each.target for each in wanted if not each.condition and each.target in live)
            for name, wanted in needs.items()
        }
        try:
            self.order = list(graphlib.TopologicalSorter(graph).static_order())
        except graphlib.CycleError as error:
            circle = error.args[1][:0:-1]  # the sorter names each before the one that needs it
            return [self._circular(_from_the_first(circle, live), needs)]
        return []

    def _circular(self, circle: list[str], needs: Mapping[str, list[Reference]]) -> Problem:
        steps: list[str] = []
        path: Path = ("Resources", self._author_of(circle[0]))
        for name, target in zip(circle, [*circle[1:], circle[0]], strict=True):
            wanted = next(each for each in needs[name] if each.target == target and not each.condition)
            at = self._place(name, wanted)
            path = at if not steps else path
            how = "depends on" if wanted.path[-1] == "DependsOn" else "names"
            steps.append(f"{name} {how} {target} (line {self._source.place(at)[0]})")
        told = steps if len(steps) <= CIRCLE_TOLD_MAX else [*steps[:CIRCLE_TOLD_MAX], "…"]
        text = f"Circular dependency between resources: [{', '.join(circle)}]."
        return self._source.problem(path, text, f"{'; '.join(told)}. Take one of these away.")

    def _place(self, name: str, wanted: Reference) -> Path:
        """Where the author's file names it: SAM moves properties, and makes resources that no file contains."""
        found, whole = self._source.written(wanted.path)
        if whole:
            return found
        written = self._written.get((self._author_of(name), wanted.target))
        return written or ("Resources", self._author_of(name), *wanted.path[2:])

    def _author_of(self, name: str) -> str:
        return origin(self._source, name)


def _from_the_first(circle: list[str], order: Mapping[str, Any]) -> list[str]:
    """The same circle, beginning with the resource that stands first in the template."""
    numbers = {name: number for number, name in enumerate(order)}
    first = min(range(len(circle)), key=lambda index: numbers[circle[index]])
    return circle[first:] + circle[:first]


def _unresolved(target: str, block: str) -> str:
    return f"Unresolved resource dependencies [{target}] in the {block} block of the template"


def nowhere(target: str) -> str:
    """What is said of a name that nothing has."""
    return f"there is no resource or parameter {target}"


def origin(source: Source, logical_id: str) -> str:
    """SAM derives a generated resource's name from its function's: ChargeFunctionRole comes from ChargeFunction."""
    candidates = [name for name in source.value["Resources"] if logical_id.startswith(name)]
    return max(candidates, key=len, default=logical_id)
