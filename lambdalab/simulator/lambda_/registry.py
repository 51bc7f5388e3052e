"""What Lambda keeps under one function name: ``$LATEST``, published versions, aliases. Source: facts K.4 and K.5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lambdalab.simulator.account import World
from lambdalab.simulator.lambda_.function import LATEST, EventInvokeConfig, Function
from lambdalab.simulator.lambda_.recursion import RecursiveLoop
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError, invalid

USUAL = EventInvokeConfig()
_NUMBER = re.compile(r"[0-9]+")
_QUALIFIER = re.compile(r"[a-zA-Z0-9_$-]{1,128}")


@dataclass(slots=True)
class Alias:
    """A name for a version, and for at most one more that gets ``weight`` (0 to 1) of the invocations."""

    name: str
    version: str
    description: str = ""
    additional: str | None = None
    weight: float = 0.0
    revision: str = ""

    def draw(self, chance: float) -> str:
        """The version of one invocation, by a ``chance`` from 0 to 1. No caller stays with a version. Fact K.5"""
        if self.additional is not None and chance < self.weight:
            return self.additional
        return self.version

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that the alias leads to."""
        return (self.version,) if self.additional is None else (self.version, self.additional)


@dataclass(frozen=True, slots=True)
class Revision:
    """Which state ``$LATEST`` or a version is in: an id that changes with it, and since when, as AWS writes it."""

    id: str = ""
    since: str = ""


@dataclass(slots=True)
class Registered:
    """One function by its name. ``event_invoke`` is configured for each qualifier on its own."""

    latest: Function
    reserved_concurrency: int | None = None
    event_invoke: dict[str, EventInvokeConfig] = field(default_factory=dict)
    versions: dict[str, Function] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    published: int = 0
    incoming: Function | None = None  # what an update under way will make of $LATEST
    revisions: dict[str, Revision] = field(default_factory=dict)  # by version
    recursive_loop: RecursiveLoop = "Terminate"  # what becomes of a loop. Fact K.9
    deleted: bool = False  # nothing of it runs any more
    replicated: set[str] = field(default_factory=set)  # versions of which there is a copy at the edge

    @property
    def revision(self) -> str:
        """The id of the present state of ``$LATEST``: a change may name the one that it expects."""
        return self.revision_of(LATEST).id

    def revision_of(self, version: str) -> Revision:
        """The present state of ``$LATEST`` or of a version."""
        return self.revisions.get(version, Revision())

    def revise(self, version: str, world: World) -> None:
        """Note that ``$LATEST`` or a version is in another state from now on."""
        since = f"{world.timestamp().removesuffix('Z')}+0000"
        self.revisions[version] = Revision(world.new_uuid("revision"), since)

    @property
    def coming(self) -> Function:
        """``$LATEST`` as it is configured: an update under way counts already. What serves is ``latest``."""
        return self.incoming or self.latest

    @property
    def name(self) -> str:
        """The function's name."""
        return self.latest.name

    def has(self, qualifier: str) -> bool:
        """Whether a version or an alias is called so."""
        return qualifier == LATEST or qualifier in self.aliases or qualifier in self.versions

    def version(self, number: str) -> Function:
        """A version by its number or ``$LATEST``. Raises ``KeyError``."""
        return self.latest if number == LATEST else self.versions[number]

    def behind(self, qualifier: str) -> Function:
        """The version behind a qualifier; behind an alias, its main version. Raises ``KeyError``."""
        alias = self.aliases.get(qualifier)
        return self.version(qualifier if alias is None else alias.version)

    def event_invoke_of(self, qualifier: str) -> EventInvokeConfig:
        """How asynchronous events that came by this qualifier are treated."""
        return self.event_invoke.get(qualifier, USUAL)

    def publish(self, description: str = "") -> Function:
        """Freeze ``$LATEST`` as the next version, or answer the last one when nothing has changed since. Fact K.4."""
        last = self.versions.get(str(self.published))
        if last is not None and _same(last, self.coming):
            return last
        self.published += 1
        version = replace(self.coming, version=str(self.published), description=description or self.coming.description)
        self.versions[version.version] = version
        return version

    def pointing_at(self, version: str) -> list[Alias]:
        """The aliases that lead to a version."""
        return [alias for alias in self.aliases.values() if version in alias.versions]


def routing(registered: Registered, version: str, weights: Mapping[str, float]) -> AwsError | tuple[str | None, float]:
    """The additional version and its weight, or AWS's answer to a routing that cannot be. Fact K.5 (LS)."""
    for number in (version, *weights):
        if number != LATEST and number not in registered.versions:
            return not_found(registered.name, number)
    if not weights:
        return None, 0.0
    if len(weights) > 1:
        return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    ((additional, weight),) = weights.items()
    if version == LATEST or additional == LATEST:
        return invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if additional == version:
        return invalid(
            f"Invalid function version {version}. Function version {version} is already included in routing "
            "configuration."
        )
    if not 0 <= weight <= 1:
        return _weight_out_of_range(additional, weight)
    if registered.versions[version].role.role != registered.versions[additional].role.role:
        return invalid(  # our words: AWS's own are not recorded. DG22 "Lambda function aliases"; assumption A-62
            f"The versions {version} and {additional} of an alias with a weight must have the same execution role."
        )
    return additional, weight


def wrong_alias_name(name: str) -> AwsError | None:
    """An alias is not a number: nobody could tell it from a version. Source: BC, pattern of ``Alias``."""
    if re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", name) and not _NUMBER.fullmatch(name):
        return None
    pattern = "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"
    text = f"Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern"
    return AwsError("ValidationException", f"1 validation error detected: {text}: {pattern}")


def not_found(name: str, qualifier: str | None = None) -> AwsError:
    """There is no such function, or none with this qualifier; or none could have it. Fact A.1; BC Qualifier."""
    if qualifier is not None and not _QUALIFIER.fullmatch(qualifier):
        return _wrong_qualifier(qualifier)
    text = f"Function not found: {name if name.startswith('arn:') else function_arn(name, qualifier)}"
    return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})


def no_alias(registered: Registered, name: str) -> AwsError:
    """There is no such alias. Fact X.3 (LS)."""
    text = f"Cannot find alias arn: {function_arn(registered.name, name)}"
    return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})


def _wrong_qualifier(qualifier: str) -> AwsError:
    too_long = len(qualifier) > 128
    wanted = "have length less than or equal to 128" if too_long else "satisfy regular expression pattern: "
    text = f"Value '{qualifier[:200]}' at 'qualifier' failed to satisfy constraint: Member must {wanted}"
    pattern = "" if too_long else r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
    return AwsError("ValidationException", f"1 validation error detected: {text}{pattern}")


def _weight_out_of_range(version: str, weight: float) -> AwsError:
    side = "greater than or equal to 0" if weight < 0 else "less than or equal to 1"
    text = (
        f"1 validation error detected: Value '{{{version}={weight}}}' at 'routingConfig.additionalVersionWeights' "
        f"failed to satisfy constraint: Map value must satisfy constraint: [Member must have value {side}]"
    )
    return AwsError("ValidationException", text)


def _same(published: Function, latest: Function) -> bool:
    """Whether nothing that a version freezes has changed.

    A description counts for the publication only, and the dead-letter queue is the function's. Fact E.2
    """
    apart = {"version": LATEST, "description": "", "dead_letter": None}
    return replace(published, **apart).frozen == replace(latest, **apart).frozen  # type: ignore[arg-type]
