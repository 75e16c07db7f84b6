"""The compared ways to build an image."""

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
    """The name of the build file in the project."""
    template: str
    ours: bool = False
    python: tuple[str, ...] = ("python",)
    """The command that starts Python with the project's packages in the image."""


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
    """Copies the project with the approach's build file. Ours names the frontend image to measure."""
    copy = WorkingCopy(project, parent / f"{project.name}-{approach.name}")
    text = (HERE / "approaches" / approach.template).read_text(encoding="utf-8")
    (copy.directory / approach.file).write_text(
        text.replace(_SYNTAX, f"# syntax={frontend}\n"), encoding="utf-8"
    )
    return copy
