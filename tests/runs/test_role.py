import os

import pytest
from django.db import DatabaseError, connection, transaction

from lambdalab.accounts.models import User
from lambdalab.runs import execution
from lambdalab.runs.models import Run, State
from lambdalab.runs.role import ROLE, role_grant
from tests.runs.conftest import make_run, no_sandbox, played

pytestmark = [
    pytest.mark.skipif(not os.environ.get("LAMBDALAB_TEST_DATABASE_URL"), reason="make test-postgres runs it"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def waiting(ada: User) -> Run:
    return make_run(owner=ada)


def test_a_run_worker_carries_out_runs_and_reads_nothing_else_of_the_site(waiting: Run) -> None:
    for _each in range(2):  # as often as the classroom is started
        role_grant('it\'s "secret"')
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
        try:
            execution.carry_out(waiting.pk, play=played, sandbox=no_sandbox)
            for forbidden in ("SELECT * FROM accounts_user", "SELECT * FROM django_session", "DELETE FROM runs_run"):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    cursor.execute(forbidden)
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute(f"DROP OWNED BY {ROLE}")
            cursor.execute(f"DROP ROLE {ROLE}")
    assert Run.objects.get().state == State.DONE
