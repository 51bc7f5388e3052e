"""Layers: packages that functions share, extracted to /opt. Source: facts K.3 and X.3 (DG22, LS 2025-11, BC)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lambdalab.simulator.account import World
from lambdalab.simulator.lambda_.packages import folders_of
from lambdalab.simulator.trace.facts import LayerDeleted, LayerPublished
from lambdalab.simulator.vocabulary.arns import layer_arn
from lambdalab.simulator.vocabulary.errors import AwsError, invalid
from lambdalab.simulator.vocabulary.quotas import LAYERS_MAX


@dataclass(frozen=True, eq=False)
class LayerVersion:
    """One version of a layer: it never changes. ``files``: paths under /opt to bytes; ``folder``: where the project
    keeps them; ``created``: when it was published, as AWS writes it.

    ``runtimes`` and ``architectures`` say for what it was made; Lambda lists them and checks nothing by them.
    """

    name: str
    number: int
    files: Mapping[str, bytes]
    folder: str = ""
    description: str = ""
    license: str = ""
    runtimes: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    created: str = ""

    @property
    def arn(self) -> str:
        """The ARN of this version, which functions name."""
        return layer_arn(self.name, str(self.number))

    @cached_property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(map(len, self.files.values()))

    @cached_property
    def sha256(self) -> str:
        """The digest of its content, as of a function's code."""
        return code_sha256(self.files)


class Layers:
    """The layers of the account. A deleted version stays with the functions that use it. Fact K.3"""

    def __init__(self, world: World) -> None:
        self._world = world
        self._versions: dict[str, dict[int, LayerVersion]] = {}
        self._published: dict[str, int] = {}

    def publish(self, name: str, files: Mapping[str, bytes], **about: object) -> LayerVersion:
        """A new version, numbered from 1; a number is never used again. ``about``: the other fields of a version."""
        number = self._published[name] = self._published.get(name, 0) + 1
        created = f"{self._world.wall_clock():%Y-%m-%dT%H:%M:%S}.000+0000"
        version = LayerVersion(name, number, files, created=created, **about)  # type: ignore[arg-type]
        self._versions.setdefault(name, {})[number] = version
        self._world.trace.record(LayerPublished(name, number, version.arn, version.size, version.folder))
        return version

    def delete(self, name: str, number: int) -> None:
        """Delete a version; one that is gone already is no error."""
        if self._versions.get(name, {}).pop(number, None) is not None:
            self._world.trace.record(LayerDeleted(name, number))

    def find(self, name: str, number: int) -> LayerVersion | None:
        """A version by its number."""
        return self._versions.get(name, {}).get(number)

    def named(self, arn: str) -> LayerVersion | None:
        """The version with this ARN."""
        bare, _, number = arn.rpartition(":")
        name = bare.rpartition(":layer:")[2]
        return self.find(name, int(number)) if number.isdecimal() and layer_arn(name) == bare else None

    def versions_of(self, name: str) -> list[LayerVersion]:
        """All versions of a layer, the newest first."""
        return list(self._versions.get(name, {}).values())[::-1]

    def names(self) -> list[str]:
        """The layers that have a version."""
        return sorted(name for name, versions in self._versions.items() if versions)

    def of_function(self, arns: Sequence[str]) -> tuple[LayerVersion, ...] | AwsError:
        """The versions that a function names, in its order, or AWS's answer to a list that cannot be."""
        refusal = listing_refusal(arns)
        if refusal:
            return refusal
        found = []
        for arn in arns:
            version = self.named(arn)
            if version is None:
                return no_such_version(arn)
            found.append(version)
        return tuple(found)


def listing_refusal(arns: Sequence[str]) -> AwsError | None:
    """AWS's answer to too many layers, or to two versions of one layer; None when there is nothing wrong with that."""
    if len(arns) > LAYERS_MAX:
        return invalid(f"Cannot reference more than {LAYERS_MAX} layers.")
    seen: dict[str, str] = {}
    for arn in arns:
        layer = arn.rpartition(":")[0]
        other = seen.setdefault(layer, arn)
        if other != arn:
            text = "Two different versions of the same layer are not allowed to be referenced in the same function."
            return invalid(f"{text} {other} and {arn} are versions of the same layer.")
    return None


def no_such_version(arn: str) -> AwsError:
    """AWS's answer to a layer version that is not there."""
    return invalid(f"Layer version {arn} does not exist.")


def merged(layers: Iterable[LayerVersion]) -> dict[str, bytes]:
    """What /opt holds: the layers are extracted in order, and the last one that has a file wins. Fact K.3

    Where one has a file and another a folder of that name, the last one wins, too.
    """
    found: dict[str, bytes] = {}
    for layer in layers:
        if found:
            folders = folders_of(layer.files)
            found = {
                path: content
                for path, content in found.items()
                if path not in folders and folders_of([path]).isdisjoint(layer.files)
            }
        found |= layer.files
    return found


def code_sha256(files: Mapping[str, bytes]) -> str:
    """The digest of files in AWS's form. AWS takes that of the zip file; there is none here, so of what it holds."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return base64.b64encode(digest.digest()).decode()
