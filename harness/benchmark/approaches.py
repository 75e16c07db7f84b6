"""The compared ways to build an image."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import Failure
from .projects import HERE, Project, WorkingCopy
from .uv import UvCopy

_SYNTAX = "# syntax=org/poetry-frontend\n"
_UV = "--from=org/uv "
_UV_IMAGE = 'uv-image = "org/uv"\n'


@dataclass(frozen=True)
class Approach:
    """A build file in `approaches/`."""

    name: str
    title: str
    file: str
    """The name of the build file in the project."""
    template: str
    ours: bool = False
    uv: bool = False
    """Builds the project as a project of uv."""
    projects: tuple[str, ...] = ("small", "service")
    """The projects that it is measured on."""
    fresh: bool = False
    """Is measured on a fresh runner too."""
    python: tuple[str, ...] = ("python",)
    """The command that starts Python with the project's packages in the image."""


@dataclass(frozen=True)
class Images:
    """The images that build files name."""

    frontend: str = ""
    dockerfile: str = ""
    """The external frontend of all Dockerfiles; without one, the engine's built-in frontend reads them."""
    uv: str = ""


SIMPLE = Approach(
    "simple", "simple", "Dockerfile", "simple.Dockerfile", python=("poetry", "run", "python")
)
MULTI_STAGE = Approach("multi-stage", "multi-stage", "Dockerfile", "multi-stage.Dockerfile")
FINAL = Approach("final", "final", "Dockerfile", "final.Dockerfile", fresh=True)
UV = Approach(
    "uv", "uv guide", "Dockerfile", "uv.Dockerfile", uv=True, projects=("service",), fresh=True
)
OURS = Approach("ours", "ours", "poetry.build.toml", "ours.toml", ours=True, fresh=True)
OURS_COPIED = Approach(
    "ours-copied", "ours, copied", "poetry.build.toml", "ours-copied.toml", ours=True
)
OURS_FETCHED = Approach(
    "ours-fetched",
    "ours, fetched",
    "poetry.build.toml",
    "ours-fetched.toml",
    ours=True,
    projects=("service",),
)

APPROACHES = (SIMPLE, MULTI_STAGE, FINAL, UV, OURS, OURS_COPIED, OURS_FETCHED)


def of_project(project: Project) -> list[Approach]:
    """The approaches that are measured on a project."""
    return [one for one in APPROACHES if project.name in one.projects]


def working_copy(
    approach: Approach,
    project: Project,
    parent: Path,
    images: Images,
    lock: Callable[[str], str] | None = None,
) -> WorkingCopy:
    """Copies the project with the approach's build file, which names `images`. `lock` is what uv locks with."""
    directory = parent / f"{project.name}-{approach.name}"
    if not approach.uv:
        copy = WorkingCopy(project, directory)
    elif lock:
        copy = UvCopy(project, directory, lock)
    else:
        raise Failure(f"{approach.name} needs uv to lock the project")
    (directory / approach.file).write_text(_build_file(approach, images), encoding="utf-8")
    return copy


def _build_file(approach: Approach, images: Images) -> str:
    text = (HERE / "approaches" / approach.template).read_text(encoding="utf-8")
    if approach.ours:
        uv = f'uv-image = "{images.uv}"\n' if images.uv else ""
        return text.replace(_SYNTAX, f"# syntax={images.frontend}\n").replace(_UV_IMAGE, uv)
    head = f"# syntax={images.dockerfile}\n" if images.dockerfile else ""
    return head + text.replace(_UV, f"--from={images.uv} ")
