"""`python3 -m scripts.classroom_secrets`: the secrets that docker-compose.yml names, made once."""

import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "secrets"


def main(folder: Path = FOLDER) -> int:
    """Write what is missing. The folder is closed; the files are not, since containers read them as another user."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    _keep(folder / "secret_key", secrets.token_urlsafe(60))
    for role, name in (("lambdalab", "database"), ("lambdalab_runs", "runs")):
        password = _keep(folder / f"{name}_password", secrets.token_hex(24))
        url = "database_url" if name == "database" else "runs_database_url"
        _keep(folder / url, f"postgres://{role}:{password}@database:5432/lambdalab")
    print(f"The secrets are in {folder}. Keep a copy where others cannot read it.")
    return 0


def _keep(file: Path, fresh: str) -> str:
    if not file.exists():
        file.write_text(fresh)
        file.chmod(0o444)
    return file.read_text()


if __name__ == "__main__":
    sys.exit(main())
