import io
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from lambdalab.accounts import checks
from lambdalab.accounts.models import Role, User
from tests.conftest import PASSWORD


def demo() -> list[list[str]]:
    out = StringIO()
    call_command("demo", stdout=out)
    return [line.split() for line in out.getvalue().splitlines()]


@pytest.mark.django_db
def test_demo_prints_one_sign_in_for_each_role_and_they_work(client: Client) -> None:
    lines = demo()
    assert [role for role, _name, _password in lines] == ["student", "instructor", "administrator"]
    for _role, name, password in lines:
        assert client.post("/sign-in/", {"username": name, "password": password}).status_code == 302


@pytest.mark.django_db
def test_demo_a_second_time_makes_nothing_new_and_tells_of_changed_passwords() -> None:
    demo()
    ada = User.objects.get(username="ada")
    ada.set_password(PASSWORD)
    ada.save()
    lines = demo()
    assert User.objects.count() == 3
    assert "changed" in " ".join(lines[0])


@pytest.mark.django_db
def test_demo_is_refused_in_production(settings: Settings) -> None:
    settings.LAMBDALAB_ENV = "production"
    with pytest.raises(CommandError, match="createadmin"):
        demo()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_production_does_not_pass_its_checks_while_demo_accounts_exist(
    settings: Settings,
) -> None:
    demo()
    assert checks.no_demo_in_production(["default"]) == []
    settings.LAMBDALAB_ENV = "production"
    assert [each.id for each in checks.no_demo_in_production(["default"])] == ["accounts.E001"]
    User.objects.update(is_demo=False)
    assert checks.no_demo_in_production(["default"]) == []


@pytest.mark.django_db
def test_createadmin_reads_the_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    call_command("createadmin", "root", email="root@example.org", stdout=StringIO())
    root = User.objects.get(username="root")
    assert root.role == Role.ADMINISTRATOR
    assert root.check_password(PASSWORD)


@pytest.mark.django_db
def test_createadmin_refuses_a_weak_password_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("root\n"))
    with pytest.raises(CommandError, match="at least 10 characters"):
        call_command("createadmin", "root")
