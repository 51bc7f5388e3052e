"""moto's modules see the run's time and chance while we ask them, and the machine's own at any other time."""

import datetime as dt
import importlib
import time
from typing import Any

import pytest

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND, Kernel
from lambdalab.simulator.services.stores import Moto

EPOCH = 1_764_579_600
MODULES = ("moto.s3.models", "moto.core.utils")


def world(seed: int = 1) -> World:
    return World(Kernel(seed), lambda entry: None, epoch_us=EPOCH * SECOND)


def test_the_time_is_the_runs() -> None:
    moto = Moto(world(), "s3")
    with moto:
        seen = [importlib.import_module(name).utcnow() for name in MODULES]
        assert seen == [dt.datetime(2025, 12, 1, 9, 0)] * 2
        assert importlib.import_module("moto.core.utils").unix_time() == EPOCH


def test_outside_the_time_is_the_machines() -> None:
    moto = Moto(world(), "s3")
    with moto:
        pass
    assert abs(importlib.import_module("moto.core.utils").unix_time() - time.time()) < 60


def draws(seed: int) -> list[Any]:
    moto = Moto(world(seed), "s3")
    found = []
    for _ in range(2):
        with moto:
            found.append(importlib.import_module("moto.s3.models").os.urandom(4))
    return found


def test_chance_is_the_runs_own_stream_and_goes_on() -> None:
    assert draws(1) == draws(1)
    assert draws(1) != draws(2)
    first, second = draws(1)
    assert first != second


def test_a_store_is_empty_when_a_run_begins() -> None:
    one = Moto(world(), "s3")
    with one:
        one.backend.create_bucket("photos", "us-east-1")
    assert "photos" in one.backend.buckets
    assert "photos" not in Moto(world(), "s3").backend.buckets


def test_an_error_inside_gives_the_time_back() -> None:
    with pytest.raises(ValueError, match="broken"), Moto(world(), "s3"):
        raise ValueError("broken")
    assert abs(importlib.import_module("moto.core.utils").unix_time() - time.time()) < 60
