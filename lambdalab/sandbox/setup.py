"""``python -m lambdalab.sandbox.setup``: prepares the jail's packages and compiles its clock. Safe to run again."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from lambdalab.sandbox import authority
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.offered import CATALOGUE, USUAL
from lambdalab.sandbox.places import JAIL_PYTHON, Home, default_home

PACKAGES = ("awslambdaric==4.2.2", "boto3==1.44.5")  # AWS's runtime client and SDK, as in a Lambda environment
CHILD = Path(__file__).with_name("child")
PROBE = CHILD / "lambdalab_self_test.py"
C_PARTS = ("clock", "keeper")  # a folder of sources each; a library of the jail each


def prepare(home: Home, offer: Sequence[str] = ()) -> bool:
    """Make everything that is missing or out of date. True when something was made. Raises :class:`SandboxError`.

    ``offer`` are packages of ``offered.CATALOGUE`` that functions may use; what was offered before stays.
    """
    _require_tools()
    for folder in (home.root, home.packages, home.code):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        except OSError as error:
            raise SandboxError(
                f"{folder} cannot be made: {error.strerror}. Choose another place: LAMBDALAB_HOME."
            ) from error
    made = [_made(home, "packages", _install_packages)]
    made += [_made(home, part, partial(_compile, part)) for part in C_PARTS]
    made.append(_made(home, "self-test", _copy_probe))
    made.append(_made(home, "authority", _make_authority))
    made += [_offer(home, name) for name in offer]
    return any(made)


def require(home: Home) -> None:
    """Raise :class:`SandboxError` unless :func:`prepare` has been run for this version."""
    if not all(_is_current(home, part) for part in ("packages", "self-test", "authority", *C_PARTS)):
        raise SandboxError("the jail is not set up. Run: python -m lambdalab.sandbox.setup")
    if shutil.which("bwrap") is None:
        raise SandboxError("bubblewrap is missing. Install it: apt-get install bubblewrap")


def _made(home: Home, part: str, make: Callable[[Home], None]) -> bool:
    if _is_current(home, part):
        return False
    make(home)
    _stamp_file(home, part).write_text(_stamp(part))
    return True


def _is_current(home: Home, part: str) -> bool:
    stamp = _stamp_file(home, part)
    return stamp.exists() and stamp.read_text() == _stamp(part)


def _stamp_file(home: Home, part: str) -> Path:
    return home.packages / f".stamp-{part}"


def _stamp(part: str) -> str:
    """What the part was made from."""
    if part == "packages":
        return f"{' '.join(PACKAGES)} {_jail_version()}\n"
    if part == "authority":
        return "1\n"
    sources = hashlib.sha256()
    for path in [PROBE] if part == "self-test" else sorted((CHILD / part).glob("*.[ch]")):
        sources.update(path.read_bytes())
    return f"{sources.hexdigest()}\n"


def _jail_version() -> str:
    folders = sorted(path.name for path in Path("/usr/lib").glob("python3.*"))
    return folders[-1] if folders else ""


def _require_tools() -> None:
    missing = [name for name in ("bwrap", "cc") if shutil.which(name) is None]
    if not JAIL_PYTHON.exists():
        missing.append(str(JAIL_PYTHON))
    if missing:
        packages = {"bwrap": "bubblewrap", "cc": "gcc libc6-dev", str(JAIL_PYTHON): "python3"}
        wanted = " ".join(packages[name] for name in missing)
        raise SandboxError(f"missing: {', '.join(missing)}. Install: apt-get install {wanted}")


def _install_packages(home: Home) -> None:
    _pip(home.packages, PACKAGES, "--upgrade")


def _offer(home: Home, name: str) -> bool:
    """Install a package for functions, in a folder that stands there complete or not at all. True when it was made."""
    folder, stamp = home.offered / name, home.offered / f".stamp-{name}"
    wanted = f"{' '.join(CATALOGUE[name])} {_jail_version()}\n"
    if folder.is_dir() and stamp.exists() and stamp.read_text() == wanted:
        return False
    home.offered.mkdir(mode=0o755, exist_ok=True)
    partial_folder = home.offered / f".partial-{name}"
    shutil.rmtree(partial_folder, ignore_errors=True)
    _pip(partial_folder, CATALOGUE[name], "--no-deps")
    shutil.rmtree(folder, ignore_errors=True)
    partial_folder.replace(folder)
    stamp.write_text(wanted)
    return True


def _pip(target: Path, packages: Sequence[str], *options: str) -> None:
    """For exactly the jail's interpreter, whatever Python runs this."""
    version = subprocess.run(
        [str(JAIL_PYTHON), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]
    where = ["--target", str(target), "--python-version", version, "--only-binary=:all:"]
    done = subprocess.run([*pip, *where, *packages], check=False, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise SandboxError(f"pip could not install the jail's packages: {said[-1] if said else 'no reason given'}")
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    subprocess.run([str(JAIL_PYTHON), "-m", "compileall", "-q", str(target)], check=False, capture_output=True)
    for path in target.rglob("__pycache__"):
        path.chmod(0o755)


def _compile(part: str, home: Home) -> None:
    """A part written in C becomes a library beside the jail's packages."""
    partial_file = home.packages / f".lib{part}.so"
    done = subprocess.run(
        ["cc", "-O2", "-Wall", "-fvisibility=hidden", "-shared", "-fPIC", "-o", str(partial_file),
         *map(str, sorted((CHILD / part).glob("*.c"))), "-ldl", "-lpthread"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SandboxError(f"the jail's {part} does not compile: {done.stderr.strip()[:300]}")
    partial_file.chmod(0o755)
    partial_file.replace(home.packages / f"lib{part}.so")


def _copy_probe(home: Home) -> None:
    shutil.copyfile(PROBE, home.packages / PROBE.name)
    (home.packages / PROBE.name).chmod(0o644)


def _make_authority(home: Home) -> None:
    authority.make(home.authority_key, home.authority_certificate)


def main(argv: list[str]) -> int:
    """Returns 0, or 1 with one clear sentence."""
    parser = argparse.ArgumentParser(description="Prepare the jail.")
    parser.add_argument("--home", type=Path, default=default_home().root)
    parser.add_argument(
        "--offer",
        metavar="NAME,…",
        default=",".join(USUAL),
        help=f"packages that functions may use, of: {', '.join(CATALOGUE)} (default: %(default)s)",
    )
    options = parser.parse_args(argv)
    offer = [name for name in options.offer.split(",") if name]
    unknown = [name for name in offer if name not in CATALOGUE]
    if unknown:
        parser.error(f"{unknown[0]} cannot be offered; choose of: {', '.join(CATALOGUE)}")
    try:
        made = prepare(Home(options.home), offer)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    print("the jail is ready" if made else "the jail was ready")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
