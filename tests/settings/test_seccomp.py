"""The seccomp profile of the sandboxd container, tried on the real sandbox without a container."""

import json
import subprocess
import sys

from lambdalab.settings.env import PROJECT

PROFILE = PROJECT / "docker" / "seccomp.json"
# As the container engine does it: the filter is loaded, then the program starts under it, without new privileges.
UNDER_PROFILE = """
import errno, json, sys, pyseccomp
from pathlib import Path
profile = json.loads(Path(sys.argv[1]).read_text())
filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for group in profile["syscalls"]:
    for name in group["names"]:
        try:
            filter.add_rule(pyseccomp.ERRNO(group["errnoRet"]), name)
        except (ValueError, RuntimeError, OSError):
            pass  # unknown to this kernel's headers, as the engine ignores it too
filter.load()
"""
PLAY = (
    UNDER_PROFILE
    + """
from lambdalab.sandbox import CodeStore, Policy, Sandbox
with Sandbox.private() as sandbox:
    digest = sandbox.code_store.put({"app.py": b"def handler(event, context): return event['n'] + 1"})
    env = sandbox.environment(Policy(), task=digest, handler="app.handler", environ={}, epoch_us=0, seed=1)
    print(env.start(0).finished.status.name)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    turn = env.invoke(request_id="r", event=b'{"n": 41}', deadline_us=3_000_000, function_arn=arn, now_us=0)
    print(turn.finished.status.name, turn.finished.payload)
"""
)
FORBIDDEN = (
    UNDER_PROFILE
    + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(0, 0, 0, 0), ctypes.get_errno() == errno.EPERM)
"""
)


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, str(PROFILE)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_sandbox_works_under_the_profile() -> None:
    assert python(PLAY) == "READY\nOK b'42'\n"


def test_what_the_profile_forbids_is_refused() -> None:
    assert python(FORBIDDEN) == "-1 True\n"


def test_the_calls_that_build_environments_are_the_only_dangerous_ones_left() -> None:
    denied = {name for group in json.loads(PROFILE.read_text())["syscalls"] for name in group["names"]}
    assert {"bpf", "ptrace", "keyctl", "kexec_load", "init_module", "perf_event_open", "open_by_handle_at"} <= denied
    assert not {"clone", "unshare", "setns", "mount", "umount2", "pivot_root", "sethostname"} & denied
