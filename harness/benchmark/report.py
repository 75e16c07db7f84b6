"""The results as tables, and as the document."""

from collections.abc import Callable, Iterable

from .edits import Kind
from .results import ApproachResult, ProjectResult, Results
from .targets import Verdict, readable, verdicts

_INTRO = """\
# Rebuilds

How long `docker buildx build` takes after an edit, with the frontend and with the three Dockerfiles of a well-known
article on Poetry and Docker, side by side on one engine in one run. `make bench` measures all of it anew and writes
this page and its chart.

![Seconds of a build after each edit](rebuild.svg)
"""

_APPROACHES = """\
| name | what it is |
| --- | --- |
| simple | one stage: everything is copied, then `poetry install` |
| multi-stage | the dependencies before the source, and a second stage without Poetry |
| final | the same, with a cache mount for Poetry's downloads |
| ours | the frontend: the project becomes a wheel, everything is byte-compiled |
| ours, copied | the frontend with `install = "copy"`: the source is copied, as in the Dockerfiles |

The build files are in [harness/benchmark/approaches](../harness/benchmark/approaches), the projects in
[harness/benchmark/projects](../harness/benchmark/projects).
"""

_TARGETS = """\
Byte code is left out where sizes are compared: the Dockerfiles make none for the dependencies, so that every new
container compiles them when it starts. The frontend's builds include the time that making it takes.
"""

_METHOD = """\
## Method

- A figure is the wall time of the whole command, from its start until the image is in the engine's store; the median of
  the repetitions. The approaches take turns, each round beginning with another one.
- `cold` is a build with `--no-cache` and cache mounts that nothing has used before; only the base image and the
  frontend's are there. Every other build starts from the unedited project, built before.
- Each repetition is a new edit: another text, another version, another dependency. What is added to the lock was
  locked by real Poetry.
- After every build a container of the image is started, and it must give the answer of the edited project. An added
  dependency must be there. After every edit the unedited project is built again and must give the very image from
  before.
- Pushed bytes are those of the compressed layers and the config that an image brings to a registry which has the base
  image and everything that the approach pushed before.
- The base image is the same for all, and so are Poetry and the lock.
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
    held = sum(verdict.held for verdict in found)
    statements = (f"- {'held' if one.held else '**not held**'}: {one}\n" for one in found)
    return f"{held} of {len(found)} are held.\n\n{_verdicts(found)}\n{''.join(statements)}"


def _verdicts(found: list[Verdict]) -> str:
    """One line a target: what was measured as a multiple of what it is held against."""
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
    return f"{verdict.ratio:.2f}" if verdict.held else f"**{verdict.ratio:.2f}, not held**"


def _project(project: ProjectResult) -> str:
    packages = f"{project.locked} locked package{'' if project.locked == 1 else 's'}"
    return "\n".join(
        [
            f"## {project.title}: {packages}\n",
            "Seconds of a build:\n",
            _by_kind(project, lambda one, kind: f"{one.seconds(kind):.2f}"),
            "Pushed bytes:\n",
            _by_kind(project, lambda one, kind: readable(one.measured[kind].pushed)),
            "Size of the image:\n",
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
        ("of these byte code", lambda one: one.byte_code),
        ("image without byte code", lambda one: one.image_without_byte_code),
    ]
    return _table(
        ["", *(one.title for one in project.approaches)],
        ([name, *(readable(size(one)) for one in project.approaches)] for name, size in rows),
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
