"""The cast: Ada learns, Grace teaches, Katherine runs the house, Mallory intrudes."""

from collections.abc import Callable

import hypothesis
import pytest
from django.core.cache import cache
from django.test import Client

from lambdalab.accounts.models import Membership, Role, SchoolClass, User
from lambdalab.runs import lease

# Several people and CI share two cores: how long an example takes says nothing about it.
hypothesis.settings.register_profile(
    "lambdalab", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("lambdalab")

PASSWORD = "correct horse battery"


def make_user(username: str, **changes: object) -> User:
    user = User(username=username, **{"name": username.title(), "email": f"{username}@example.org", **changes})
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _no_lease_keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that renews leases has a connection of its own, which a database in memory cannot serve."""
    monkeypatch.setattr(lease, "LOOK_S", 3600.0)


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada", name="Ada Lovelace")


@pytest.fixture
def grace(db: None) -> User:
    return make_user("grace", name="Grace Hopper", role=Role.INSTRUCTOR)


@pytest.fixture
def katherine(db: None) -> User:
    return make_user("katherine", name="Katherine Johnson", role=Role.ADMINISTRATOR)


@pytest.fixture
def mallory(db: None) -> User:
    return make_user("mallory", name="Mallory")


@pytest.fixture
def school_class(ada: User, grace: User) -> SchoolClass:
    made = SchoolClass.objects.create(name="Class 3B", time_zone="Europe/Vienna")
    Membership.objects.create(user=ada, school_class=made)
    Membership.objects.create(user=grace, school_class=made, part=Membership.Part.INSTRUCTOR)
    return made


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """`signed_in(ada)` is a browser in which Ada has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def as_ada(ada: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ada)


@pytest.fixture
def as_grace(grace: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(grace)


@pytest.fixture
def as_mallory(mallory: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(mallory)
