import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError

from lambdalab.accounts.models import User
from lambdalab.web.management.commands import prepare


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(prepare, "call_command", lambda name, *words, **options: names.append(name))
    return names


@pytest.mark.django_db
def test_a_machine_of_ones_own_gets_demo_accounts_and_a_public_one_does_not(called: list[str]) -> None:
    call_command("prepare")
    assert called == ["migrate", "content", "demo"]
    called.clear()
    call_command("prepare", "--public")
    assert called == ["migrate", "content"]


def test_a_public_address_is_refused_while_demo_accounts_exist(ada: User, called: list[str]) -> None:
    User.objects.update(is_demo=True)
    with pytest.raises(CommandError, match="demo --remove"):
        call_command("prepare", "--public")
    call_command("demo", "--remove", stdout=io.StringIO())
    call_command("prepare", "--public")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (DatabaseError("file is not a database"), "start afresh: mv"),
        (OperationalError("database or disk is full"), "The disk is full"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_sentence(
    problem: DatabaseError, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str, **options: object) -> None:
        raise problem

    monkeypatch.setattr(prepare, "call_command", broken)
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "x.sqlite3", "NAME": "var/lambdalab.sqlite3"})
    with pytest.raises(CommandError, match=says) as refused:
        call_command("prepare")
    assert "\n" not in str(refused.value)
