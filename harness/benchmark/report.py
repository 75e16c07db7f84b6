"""The results as tables, and as the document."""

from collections.abc import Callable, Iterable

from .edits import Kind
from .results import ApproachResult, ProjectResult, Results
from .targets import Verdict, readable, verdicts

_INTRO = """\
# Rebuilds

How long `docker buildx build` takes after an edit, with the frontend and with the three Dockerfiles of a well-known
article on Poetry and Docker, compared on one engine in one run. `make bench` repeats the measurements and writes this page
and its chart.

![Build time in seconds after each edit](rebuild.svg)
"""

_APPROACHES = """\
| name | description |
| --- | --- |
| simple | one stage: copies everything, then runs `poetry install` |
| multi-stage | installs dependencies before copying the source; a second stage without Poetry |
| final | the same, with a cache mount for Poetry's downloads |
| ours | the frontend: builds the project as a wheel, compiles everything to bytecode |
| ours, copied | the frontend with `install = "copy"`: copies the source, like the Dockerfiles |

The build files are in [harness/benchmark/approaches](../harness/benchmark/approaches), the projects in
[harness/benchmark/projects](../harness/benchmark/projects).
"""

_TARGETS = """\
Size comparisons exclude bytecode: the Dockerfiles compile none for the dependencies, so each new container compiles them
when it starts. The frontend's build times include the compilation.
"""

_METHOD = """\
## Method

- A time is the wall time of the whole command, until the image is in the engine's store; the median of the repetitions.
  The approaches alternate, and each round starts with a different one.
- `cold` is a build with `--no-cache` and empty cache mounts; only the base image and the frontend image are present. Every
  other build follows a build of the unedited project.
- Each repetition is a new edit: a different text, version or dependency. Additions to the lock were made by real Poetry.
- After each build, a container of the image runs and must answer as the edited project requires; an added dependency must
  be installed. After each edit, the unedited project is built again and must give the same image as before.
- Pushed bytes are the compressed layers and the config that an image adds to a registry that has the base image and
  everything that the approach pushed before.
- All approaches use the same base image, Poetry and lock.
"""


def document(results: Results) -> str:
    """The whole page."""
    parts = [
        _INTRO,
        "## What was compared\n",
        _APPROACHES,
        *(_project(project) for project in results.projects),
        "## Targets\n",
        _TARGETS,
        _targets(verdicts(results)),
        _METHOD,
        "## Machine\n",
        _machine(results),
    ]
    return "\n".join(parts)


def summary(results: Results) -> str:
    """The tables and the verdicts, for a terminal."""
    tables = [_project(project) for project in results.projects]
    return "\n".join([*tables, "## Targets\n", _targets(verdicts(results))])


def _machine(results: Results) -> str:
    return "".join(f"- {name}: {value}\n" for name, value in results.machine.items())


def _targets(found: list[Verdict]) -> str:
    met = sum(verdict.met for verdict in found)
    statements = (f"- {'met' if one.met else '**missed**'}: {one}\n" for one in found)
    return f"{met} of {len(found)} targets are met.\n\n{_verdicts(found)}\n{''.join(statements)}"


def _verdicts(found: list[Verdict]) -> str:
    """One row per target: the measurement as a multiple of its reference."""
    columns = list(dict.fromkeys((one.project, one.approach) for one in found))
    cells = {(one.target, one.project, one.approach): one for one in found}
    return _table(
        ["", *(f"{project}, {approach}" for project, approach in columns)],
        (
            [target, *(_verdict(cells[target, *column]) for column in columns)]
            for target in dict.fromkeys(one.target for one in found)
        ),
    )


def _verdict(verdict: Verdict) -> str:
    return f"{verdict.ratio:.2f}" if verdict.met else f"**{verdict.ratio:.2f}, missed**"


def _project(project: ProjectResult) -> str:
    packages = f"{project.locked} locked package{'' if project.locked == 1 else 's'}"
    return "\n".join(
        [
            f"## {project.title}: {packages}\n",
            "Build time in seconds:\n",
            _by_kind(project, lambda one, kind: f"{one.seconds(kind):.2f}"),
            "Pushed bytes:\n",
            _by_kind(project, lambda one, kind: readable(one.measured[kind].pushed)),
            "Image size:\n",
            _sizes(project),
        ]
    )


def _by_kind(project: ProjectResult, cell: Callable[[ApproachResult, Kind], str]) -> str:
    return _table(
        ["", *(one.title for one in project.approaches)],
        ([kind.value, *(cell(one, kind) for one in project.approaches)] for kind in Kind),
    )


def _sizes(project: ProjectResult) -> str:
    rows: list[tuple[str, Callable[[ApproachResult], int]]] = [
        ("image", lambda one: one.image),
        ("bytecode", lambda one: one.byte_code),
        ("image without bytecode", lambda one: one.image_without_byte_code),
    ]
    return _table(
        ["", *(one.title for one in project.approaches)],
        ([name, *(readable(size(one)) for one in project.approaches)] for name, size in rows),
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
