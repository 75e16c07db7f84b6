"""The results as tables, as the document, and as a sentence for the README."""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator

from .approaches import OURS, UV
from .edits import Kind
from .results import ApproachResult, EngineResult, FreshBuild, ProjectResult, Results
from .targets import Verdict, all_verdicts, readable, verdicts

_INTRO = """\
# Rebuilds

How long `docker buildx build` takes after an edit: with the frontend, with the Dockerfile of uv's Docker guide, and with the
three Dockerfiles of a well-known article on Poetry and Docker. Ratios compare figures of one run on one engine.
`make bench` repeats the measurements and writes this page and its chart.

![Build time of a service after each edit](rebuild.svg)
"""

_APPROACHES = """\
| name | description |
| --- | --- |
| simple | one stage: copies everything, then runs `poetry install` |
| multi-stage | installs dependencies before copying the source; a second stage without Poetry |
| final | the same, with a cache mount for Poetry's downloads |
| uv guide | the multi-stage example of uv's Docker guide: uv instead of Poetry, with its own `uv.lock` and a cache mount |
| ours | the frontend: builds the project as a wheel |
| ours, copied | the frontend with `install = "copy"`: copies the source, like the Dockerfiles of the article |
| ours, fetched | the frontend with `fetch = "engine"`: the engine downloads the wheels, and no step has a network |

All approaches install the same versions of the same packages on the same base image, and **all compile them to
bytecode during the build**: the Dockerfiles of the article have `poetry install --compile`, uv's has `UV_COMPILE_BYTECODE=1`. So
every build time includes the compilation, and no container compiles when it starts.

The uv guide and `ours, fetched` are measured on the service. The guide's `uv.lock` is made from the versions in `poetry.lock`.
Its uv and ours are the same image, which is pulled before anything is measured, like the base image.

The build files are in [harness/benchmark/approaches](../harness/benchmark/approaches), the projects in
[harness/benchmark/projects](../harness/benchmark/projects).
"""

_EXTERNAL = """\
All Dockerfiles are built with `# syntax={image}`, so both sides run a frontend in a container.
"""

_BUILT_IN = """\
The Dockerfiles are built with the engine's built-in Dockerfile frontend, because no external one could be pulled. So only our
times include running a frontend in a container; [overhead.md](overhead.md) has its cost.
"""

_TARGETS = """\
"A build that changes nothing" is the fastest of four that give the same image: no change, a README edit, a comment, and a new
dev dependency. Limits relative to it keep those edits from getting slower: they are the ratios when the targets were set,
rounded up. Size comparisons exclude bytecode. On a fresh runner, a loaded image has a higher limit than a pushed one: unpacking all
layers of an image takes as long with every approach.
"""

_METHOD = """\
## Method

- A time is the wall time of the whole command, until the image is in the engine's store; the median of the repetitions.
  The approaches alternate, and each round starts with a different one. Images have no attestations.
- `cold` is a build with `--no-cache` and empty cache mounts; only the base image and the images of uv and of the frontends are
  present. Every other build follows a build of the unedited project.
- Each repetition is a new edit: a different text, version or dependency. Additions to `poetry.lock` were made by real Poetry;
  `uv.lock` is locked again by uv after each edit, outside the measurement.
- After each build, a container of the image runs and must answer as the edited project requires; an added dependency must
  be installed. After each edit, the unedited project is built again and must give the same image as before.
- `docker run` is measured until the first HTTP response; for the small project, until the program ends.
- Pushed bytes are the compressed layers and the config that an image adds to a registry that has the base image and
  everything that the approach pushed before.
- A fresh runner is an engine without images and without cache. It imports a cache that was exported with `mode=max` from a build
  of the unedited project, and builds the project with one more package. It is measured twice: with the image loaded into
  the engine, and pushed without storing and unpacking it, as builders in containers push. The time includes pulling the base
  image, the frontend and uv. Bytes from the registry are counted in the registry's log; bytes from the package index are those
  that the machine received during the build.
- The size of an image is the size of its files.
- All Poetry approaches use the same Poetry and lock.
"""

_FIGURES = re.compile(r"(<!-- figures\b[^>]*-->\n).*?(<!-- /figures -->)", re.S)


def document(results: Results) -> str:
    """The whole page."""
    parts = [
        _INTRO,
        "## What was compared\n",
        _APPROACHES,
        "## Targets\n",
        _TARGETS,
        _met(all_verdicts(results)),
        *(_engine(engine) for engine in results.engines),
        _METHOD,
    ]
    return "\n".join(parts)


def summary(engine: EngineResult) -> str:
    """The tables and the verdicts of one engine, for a terminal."""
    return _engine(engine)


def sentence(results: Results) -> str:
    """The README's sentence about the figures; empty if they are missing."""
    engine = results.headline
    project = engine.project("service") if engine else None
    ours = project.approach(OURS.name) if project else None
    uv = project.approach(UV.name) if project else None
    if not (project and ours and uv):
        return ""
    return (
        f"In [our benchmark](docs/rebuild.md), a service with {project.locked} locked packages rebuilds in"
        f" {_seconds(ours, Kind.SOURCE)} after a source edit, in {_seconds(ours, Kind.VERSION)} after a version bump and in"
        f" {_seconds(ours, Kind.MAIN)} after a new dependency, which takes {_seconds(uv, Kind.MAIN)} with the Dockerfile"
        f" of uv's guide; a first build takes {_seconds(ours, Kind.COLD)} against {_seconds(uv, Kind.COLD)}."
    )


def with_sentence(readme: str, text: str) -> str:
    """Puts the sentence between the marks of the README."""
    wrapped = textwrap.fill(text, 119, break_long_words=False, break_on_hyphens=False)
    return _FIGURES.sub(lambda found: f"{found[1]}\n{wrapped}\n\n{found[2]}", readme)


def _seconds(approach: ApproachResult, kind: Kind) -> str:
    return f"{approach.seconds(kind):.1f} s"


def _engine(engine: EngineResult) -> str:
    frontend = engine.machine.get("Dockerfile frontend", "built-in")
    about = _BUILT_IN if frontend == "built-in" else _EXTERNAL.format(image=frontend)
    found = verdicts(engine)
    return "\n".join(
        [
            f"## {engine.title}\n",
            about,
            *(part for project in engine.projects for part in _project(project)),
            "### Targets on this engine\n",
            _met(found),
            _verdicts(found),
            "".join(f"- {'met' if one.met else '**missed**'}: {one}\n" for one in found),
            "### Machine\n",
            "".join(f"- {name}: {value}\n" for name, value in engine.machine.items()),
        ]
    )


def _met(found: list[Verdict]) -> str:
    met = sum(verdict.met for verdict in found)
    return f"{met} of {len(found)} targets are met.\n"


def _verdicts(found: list[Verdict]) -> str:
    """One row per target: the measurement as a multiple of its reference."""
    columns = list(dict.fromkeys((one.project, one.approach) for one in found))
    cells = {(one.target, one.project, one.approach): one for one in found}
    return _table(
        ["", *(f"{project}, {approach}" for project, approach in columns)],
        (
            [target, *(_verdict(cells.get((target, *column))) for column in columns)]
            for target in dict.fromkeys(one.target for one in found)
        ),
    )


def _verdict(verdict: Verdict | None) -> str:
    if not verdict:
        return ""
    if verdict.ratio == float("inf"):
        return "**not measured**"
    return f"{verdict.ratio:.2f}" if verdict.met else f"**{verdict.ratio:.2f}, missed**"


def _project(project: ProjectResult) -> Iterator[str]:
    packages = f"{project.locked} locked package{'' if project.locked == 1 else 's'}"
    yield f"### {project.title}: {packages}\n"
    yield "Build time in seconds, and seconds from `docker run` until the first answer:\n"
    yield _table(
        _titles(project.approaches),
        [
            *_by_kind(project, lambda one, kind: f"{one.seconds(kind):.2f}"),
            ["`docker run`", *(f"{one.seconds_to_answer:.2f}" for one in project.approaches)],
        ],
    )
    yield "Pushed bytes:\n"
    yield _table(
        _titles(project.approaches),
        _by_kind(project, lambda one, kind: readable(one.measured[kind].pushed)),
    )
    yield "Image size:\n"
    yield _sizes(project)
    if project.fresh:
        yield "Fresh runner that imports a registry cache, after one package was added:\n"
        yield _fresh(project.fresh)


def _titles(approaches: Iterable[ApproachResult]) -> list[str]:
    return ["", *(one.title for one in approaches)]


def _by_kind(
    project: ProjectResult, cell: Callable[[ApproachResult, Kind], str]
) -> list[list[str]]:
    return [[kind.value, *(cell(one, kind) for one in project.approaches)] for kind in Kind]


def _sizes(project: ProjectResult) -> str:
    rows: list[tuple[str, Callable[[ApproachResult], int]]] = [
        ("image", lambda one: one.image),
        ("bytecode", lambda one: one.byte_code),
        ("image without bytecode", lambda one: one.image_without_byte_code),
    ]
    return _table(
        _titles(project.approaches),
        ([name, *(readable(size(one)) for one in project.approaches)] for name, size in rows),
    )


def _fresh(approaches: list[ApproachResult]) -> str:
    rows: list[tuple[str, Callable[[FreshBuild], str]]] = [
        ("seconds", lambda one: f"{one.median:.2f}"),
        ("bytes from the registry", lambda one: readable(one.pulled)),
        ("bytes from the package index", lambda one: readable(one.from_elsewhere)),
    ]
    ways = dict.fromkeys(way for one in approaches for way in one.fresh)
    return _table(
        _titles(approaches),
        (
            [f"image {way}: {name}", *(cell(one.fresh[way]) for one in approaches)]
            for way in ways
            for name, cell in rows
        ),
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
