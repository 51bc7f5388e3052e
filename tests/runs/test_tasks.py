import os
import time
from pathlib import Path

from celery import current_app
from pytest_django import Settings

from lambdalab.runs import engine, tasks
from lambdalab.sandbox import CodeStore


def test_everything_that_beat_asks_for_exists(settings: Settings) -> None:
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks


def test_code_is_tidied_where_it_lies_and_after_everybody_who_waits() -> None:
    route = current_app.amqp.router.route({}, "runs.tidy_code")
    assert (route["queue"].name, route["priority"]) == ("runs", 6)


def test_a_run_that_is_played_twice_ends_before_redis_hands_it_out_again(settings: Settings) -> None:
    play = settings.RUN_WALL_S + engine.PATIENCE_S
    assert 2 * play < tasks.carry_out.soft_time_limit < tasks.carry_out.time_limit
    longest = tasks.carry_out.time_limit + 2 * (600 - settings.RUN_WALL_S)  # the most that the setting allows
    assert longest < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]


def test_code_beyond_its_time_or_room_is_removed(tmp_path: Path, settings: Settings) -> None:
    settings.SANDBOX_HOME, settings.CODE_UNUSED_S, settings.CODE_BYTES = tmp_path, 10 * 3_600, 100_000
    store = CodeStore(tmp_path / "code")
    for hours in (2, 3, 11):
        used = time.time() - hours * 3_600
        os.utime(tmp_path / "code" / store.put({"data": bytes([hours]) * 60_000}), (used, used))
    tasks.tidy_code()
    assert len([name for name in os.listdir(tmp_path / "code") if name != ".lock"]) == 1
