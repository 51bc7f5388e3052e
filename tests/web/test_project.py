import subprocess
import sys

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_project_passes_its_system_checks() -> None:
    call_command("check", fail_level="WARNING")


def test_importing_lambdalab_loads_neither_django_nor_celery() -> None:
    code = "import lambdalab, sys; assert not {'django', 'celery', 'redis'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
