import dataclasses
import os
import subprocess
import sys

import pytest

from lambdalab.settings.env import PROJECT, Environment

COMPLETE = {
    "LAMBDALAB_ENV": "production",
    "LAMBDALAB_SECRET_KEY": "".join(map(chr, range(60, 120))),
    "LAMBDALAB_HOSTS": "lab.example.edu",
    "LAMBDALAB_DATABASE_URL": "postgres://lambdalab:pw@database/lambdalab",
    "LAMBDALAB_REDIS_URL": "redis://redis:6379/0",
    "LAMBDALAB_SANDBOX_SOCKET": "/run/lambdalab/sandboxd.sock",
    "LAMBDALAB_HOME": "/srv/jail",
}


def python(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LAMBDALAB_", "DJANGO_"))}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=PROJECT, env={**clean, **environ}, capture_output=True, text=True, check=False)


SETTINGS = (
    "from django.conf import settings; import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'lambdalab.settings.prod'; "
)


def test_production_starts_with_everything_given_and_is_strict() -> None:
    done = python(
        SETTINGS + "print(settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT,"
        " settings.ALLOWED_HOSTS)",
        **COMPLETE,
    )
    assert done.stdout == "False True True ['lab.example.edu']\n", done.stderr


def test_production_passes_djangos_own_deployment_checks() -> None:
    code = "import sys; sys.argv = ['manage.py', 'check', '--deploy', '--fail-level', 'WARNING']; import runpy; "
    done = python(code + "runpy.run_path('manage.py', run_name='__main__')", **COMPLETE)
    ours = [line for line in done.stderr.splitlines() if line.startswith("?:")]
    # HSTS for subdomains and preloading are decisions of whoever owns the domain; the front end is built elsewhere.
    accepted = {"security.W005", "security.W021", "staticfiles.W004", "web.E001"}
    assert {line.split("(")[1].split(")")[0] for line in ours} <= accepted


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "LAMBDALAB_ENV"])
def test_production_refuses_to_start_without(name: str) -> None:
    given = {key: value for key, value in COMPLETE.items() if key != name}
    done = python(SETTINGS + "settings.DEBUG", **given)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "LAMBDALAB_ENV=production cannot start" in last
    assert name in last


def test_run_workers_do_without_the_sites_secrets() -> None:
    given = {**COMPLETE, "LAMBDALAB_PART": "runs"}
    del given["LAMBDALAB_SECRET_KEY"], given["LAMBDALAB_HOSTS"]
    assert python(SETTINGS + "settings.DEBUG", **given).returncode == 0


def test_no_setting_has_a_secret_as_its_default() -> None:
    secret = [each for each in dataclasses.fields(Environment) if any(w in each.name for w in ("secret", "password"))]
    assert {each.name for each in secret} == {"secret_key", "email_password", "runs_password"}
    assert all(each.default == "" for each in secret)


def test_the_key_of_ones_own_machine_is_made_once_and_private(tmp_path: os.PathLike[str]) -> None:
    code = (
        "from lambdalab.settings.dev import kept_secret; from pathlib import Path; import sys; p = Path(sys.argv[-1]);"
    )
    code += "a, b = kept_secret(p), kept_secret(p); assert a == b and len(a) > 50; print(oct(p.stat().st_mode))"
    file = os.path.join(tmp_path, "var", "key")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LAMBDALAB_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-c", code, file],
        cwd=PROJECT,
        env={**clean, "LAMBDALAB_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "0o100600\n", done.stderr
