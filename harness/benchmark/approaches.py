"""The ways to build an image that are compared."""

from dataclasses import dataclass
from pathlib import Path

from .projects import HERE, Project, WorkingCopy

_SYNTAX = "# syntax=org/poetry-frontend\n"


@dataclass(frozen=True)
class Approach:
    """A build file in `approaches/`."""

    name: str
    title: str
    file: str
    """What the build file is called in the project."""
    template: str
    ours: bool = False
    python: tuple[str, ...] = ("python",)
    """How Python is started in the image, with the project's packages."""


SIMPLE = Approach(
    "simple", "simple", "Dockerfile", "simple.Dockerfile", python=("poetry", "run", "python")
)
MULTI_STAGE = Approach("multi-stage", "multi-stage", "Dockerfile", "multi-stage.Dockerfile")
FINAL = Approach("final", "final", "Dockerfile", "final.Dockerfile")
OURS = Approach("ours", "ours", "poetry.build.toml", "ours.toml", ours=True)
OURS_COPIED = Approach(
    "ours-copied", "ours, copied", "poetry.build.toml", "ours-copied.toml", ours=True
)

APPROACHES = (SIMPLE, MULTI_STAGE, FINAL, OURS, OURS_COPIED)


def working_copy(approach: Approach, project: Project, parent: Path, frontend: str) -> WorkingCopy:
    """Makes a copy of the project with the approach's build file, ours naming the frontend image that is measured."""
    copy = WorkingCopy(project, parent / f"{project.name}-{approach.name}")
    text = (HERE / "approaches" / approach.template).read_text(encoding="utf-8")
    (copy.folder / approach.file).write_text(
        text.replace(_SYNTAX, f"# syntax={frontend}\n"), encoding="utf-8"
    )
    return copy
