"""moto's stores within a run: empty when it begins, they see its clock and draw from its random streams.

moto keeps its state, and what it takes for the time, in modules; a process therefore plays one run at a time. While an
operation of ours is under way its modules see virtual time, and identifiers come from the stream ``stores/SERVICE``, so
that the same run writes the same bytes. Outside of one they see the real ones: other threads of the process are not
concerned at any time.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION

PLACES = {"s3": "aws", "sts": "aws"}
"""Under which key moto keeps a service's state, where that is not the Region: S3's names belong to a partition."""


class Moto:
    """moto's backend of one service, for one run: ``with moto: …`` around everything that is asked of it."""

    def __init__(self, world: World, service: str) -> None:
        self._world = world
        self._service = service
        self._stream = f"stores/{service}"
        self._backend: Any = None

    @property
    def backend(self) -> Any:
        """The state itself. moto is imported when it is asked for the first time, which takes up to a second."""
        if self._backend is None:
            self._backend = _load(self._service)[ACCOUNT_ID][PLACES.get(self._service, REGION)]
            self._backend.reset()
        return self._backend

    def clear(self) -> None:
        """Forget everything."""
        if self._backend is not None:
            self._backend.reset()

    def __enter__(self) -> None:
        assert self.backend is not None  # loaded
        _present.world = self._world
        _present.chance.seed(self._world.kernel.random_for(self._stream).getrandbits(64))

    def __exit__(self, *error: object) -> None:
        _present.world = None


class _Present:
    """The run that moto works for at this moment, if any, and moto's own source of chance."""

    world: World | None = None
    chance: Any = None


_present = _Present()


def _load(service: str) -> Any:
    """The backends of a service, its modules furnished with our clock and chance."""
    backends = importlib.import_module(f"moto.{service}.models")
    importlib.import_module(f"moto.{service}.responses")
    _present.chance = importlib.import_module("moto.moto_api._internal").mock_random
    for name, module in list(sys.modules.items()):
        if name.startswith("moto."):
            _furnish(module)
    return getattr(backends, f"{service}_backends")


def _furnish(module: types.ModuleType) -> None:
    """Put ours in the place of each function, or function of a module, by which moto learns the time or draws."""
    for name, ours in _FUNCTIONS.items():
        theirs = module.__dict__.get(name)
        if isinstance(theirs, types.FunctionType) and not hasattr(theirs, "ours"):
            setattr(module, name, _switch(ours, theirs))
    for name, (function, ours) in _MODULES.items():
        library = module.__dict__.get(name)
        if type(library) is types.ModuleType:
            setattr(module, name, _Lent(library, function, _switch(ours, getattr(library, function))))


def _switch(ours: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is ours in a run, and theirs at any other time."""

    def switch(*arguments: Any) -> Any:
        world = _present.world
        return theirs(*arguments) if world is None else ours(world, *arguments)

    vars(switch)["ours"] = True
    return switch


class _Lent(types.ModuleType):
    """A module of the standard library with one of its functions replaced."""

    def __init__(self, library: types.ModuleType, name: str, function: Callable[..., Any]) -> None:
        super().__init__(library.__name__)
        self._library = library
        self.__dict__[name] = function

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "utcnow": lambda world: world.wall_clock().replace(tzinfo=None),
    "uuid4": lambda world: _present.chance.uuid4(),
}
_MODULES: dict[str, tuple[str, Callable[..., Any]]] = {
    "time": ("time", lambda world: (world.epoch_us + world.kernel.now) / SECOND),
    "os": ("urandom", lambda world, size: _present.chance.randbytes(size)),
}
