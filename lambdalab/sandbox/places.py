"""Where the jail keeps its own Python packages, the clock shim and the students' code.

When the worker is root, environments run as an unprivileged uid that cannot look into a private home; so everything it
must read lives in a place of its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

JAIL_UID = 64_993  # no account has it; used only when the broker is started by root
JAIL_PYTHON = Path("/usr/bin/python3")  # the distribution's: readable by everybody


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one installation."""

    root: Path

    @property
    def packages(self) -> Path:
        """awslambdaric, boto3 and the clock shim: /var/runtime in the jail."""
        return self.root / "runtime"

    @property
    def shim(self) -> Path:
        """The clock shim."""
        return self.packages / "libclock.so"

    @property
    def authority_key(self) -> Path:
        """The key of the certificate authority for the hosts of scenarios. The jail never sees it."""
        return self.root / "authority.key"

    @property
    def authority_certificate(self) -> Path:
        """Its certificate: /var/runtime/authority.pem in the jail."""
        return self.packages / "authority.pem"

    @property
    def code(self) -> Path:
        """The code store: /code in the jail, a folder a content hash."""
        return self.root / "code"

    @property
    def offered(self) -> Path:
        """Packages that functions may use, a folder each."""
        return self.root / "offered"

    @property
    def brokers(self) -> Path:
        """What living brokers have made and the next must clear away if they are killed: a record each."""
        return self.root / "brokers"

    @property
    def self_test(self) -> Path:
        """The cached result of the self-test."""
        return self.root / "self-test.json"


def default_home() -> Home:
    """``LAMBDALAB_HOME``, else ``/var/lib/lambdalab`` for root, else ``var`` in the working directory."""
    chosen = os.environ.get("LAMBDALAB_HOME")
    if chosen:
        return Home(Path(chosen))
    return Home(Path("/var/lib/lambdalab") if os.geteuid() == 0 else Path.cwd() / "var" / "jail")
