"""Locks the projects with Poetry, and stores the changes for each added dependency as a small diff."""

import difflib
import subprocess
import tempfile
from pathlib import Path

from .errors import Failure
from .projects import (
    DEV_ADDITION,
    LOCK,
    MAIN_ADDITIONS,
    PROJECTS,
    PYPROJECT,
    Addition,
    Project,
    WorkingCopy,
)

_DEV_TABLE = "[tool.poetry.group.dev.dependencies]\n"


def update(python: str) -> None:
    """Updates the locks and the diffs. `python` is an interpreter with Poetry."""
    for project in PROJECTS:
        with tempfile.TemporaryDirectory() as scratch:
            copy = WorkingCopy(project, Path(scratch, "project"))
            _lock(python, copy.directory)
            lock = copy.read(LOCK)
            _check(project, lock)
            (project.directory / LOCK).write_text(lock, encoding="utf-8")
            for addition in (*MAIN_ADDITIONS, DEV_ADDITION):
                _keep(project, addition, _add(python, copy, addition))


def _lock(python: str, directory: Path) -> None:
    command = [python, "-m", "poetry", "lock", "--no-interaction", "--no-ansi"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"poetry lock failed:\n{done.stdout}{done.stderr}")


def _add(python: str, copy: WorkingCopy, addition: Addition) -> str:
    before = {name: copy.read(name) for name in (PYPROJECT, LOCK)}
    copy.write({PYPROJECT: _depending(before[PYPROJECT], addition), LOCK: before[LOCK]})
    _lock(python, copy.directory)
    diff = "".join(
        "".join(
            difflib.unified_diff(
                text.splitlines(keepends=True),
                copy.read(name).splitlines(keepends=True),
                f"a/{name}",
                f"b/{name}",
            )
        )
        for name, text in before.items()
    )
    copy.restore()
    return diff


def _depending(pyproject: str, addition: Addition) -> str:
    if addition is DEV_ADDITION:
        line = f'{addition.name} = "{addition.constraint}"\n'
        return pyproject.replace(_DEV_TABLE, _DEV_TABLE + line)
    head, mark, tail = pyproject.partition("\n]\n")
    return f'{head}\n    "{addition.name} {addition.constraint}",{mark}{tail}'


def _keep(project: Project, addition: Addition, diff: str) -> None:
    _check(project, diff)
    path = project.diff(addition)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(diff, encoding="utf-8")


def _check(project: Project, text: str) -> None:
    """Checked-in files must not contain the addresses of indexes."""
    found = [line for line in text.splitlines() if "://" in line]
    if found:
        raise Failure(f"the lock of {project.name} contains an address: {found[0].strip()}")
