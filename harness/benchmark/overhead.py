"""What going through a frontend's container costs, beside an external Dockerfile frontend that builds the same steps.

The Dockerfile is the one that `poetry-frontend dockerfile` writes for the project, so that it has the same steps. It is
built through the frontend that its first line names, and without that line by the engine itself.
"""

import re
import statistics
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import docker, edits
from .approaches import OURS, working_copy
from .docker import Build
from .edits import Edit, Kind
from .errors import Failure
from .projects import PROJECTS, Project
from .run import Setting, machine, without_registry

_REPOSITORY = Path(__file__).parents[2]
_SYNTAX = re.compile(r"\A# syntax=.*\n")
_KINDS = (Kind.NOTHING, Kind.SOURCE)
_PROCESS_TEST = "process::a_lock_of_a_thousand_packages_takes_little_time_and_memory"

_PAGE = """\
# Overhead

The cost of running the frontend in a container, as every `# syntax=` line requires. `harness/bench --overhead` repeats the
measurements and writes this page.

Each project is built in three alternating ways, {repeats} times each: by the frontend; from the Dockerfile that
`poetry-frontend dockerfile` writes, which has the same steps, with `# syntax={dockerfile}`; and from the same
Dockerfile without that line, with the engine's built-in frontend. Median seconds for the whole `docker buildx build`:

{table}
The first ratio compares the frontend with the external Dockerfile frontend, the second with the built-in one.

The frontend process itself, with a lock of 1,000 packages and 1.3 MB, from start to result: {process}
(CPU time and peak memory, the lowest of ten runs of `tests/e2e/process.rs`).

## Machine

{machine}"""


@dataclass(frozen=True)
class Way:
    """One of the ways to build the same steps."""

    title: str
    file: str


OWN = Way("ours", OURS.file)
EXTERNAL = Way("external Dockerfile frontend", "Dockerfile.external")
BUILT_IN = Way("built-in frontend", "Dockerfile.own")
WAYS = (OWN, EXTERNAL, BUILT_IN)


@dataclass(frozen=True)
class Measured:
    """The seconds of one kind of build of one project, by the way's title."""

    project: str
    kind: Kind
    seconds: dict[str, list[float]]

    def median(self, way: Way) -> float:
        return statistics.median(self.seconds[way.title])

    def ratio(self, way: Way) -> float:
        """What ours takes as a multiple of what `way` takes."""
        return self.median(OWN) / self.median(way)


def measure(setting: Setting, dockerfile: str) -> tuple[list[Measured], str]:
    """Measures all projects; `dockerfile` is the external frontend. Gives what the process takes as well."""
    found = []
    for project in PROJECTS:
        bench = _Bench(setting, project, dockerfile)
        try:
            found += [bench.measured(kind) for kind in _KINDS]
        finally:
            bench.clean_up()
    return found, _process()


def page(found: Iterable[Measured], process: str, setting: Setting, dockerfile: str) -> str:
    """The document."""
    about = machine(setting, PROJECTS)
    # The repetitions and the frontends are those of this page.
    about.pop("repetitions", None)
    about.pop("Dockerfile frontend", None)
    return _PAGE.format(
        repeats=setting.repeats,
        dockerfile=without_registry(dockerfile),
        table=table(found),
        process=process,
        machine="".join(f"- {name}: {value}\n" for name, value in about.items()),
    )


def table(found: Iterable[Measured]) -> str:
    """The figures, a line for each project and kind."""
    head = ["", *(way.title for way in WAYS), "ratio", "ratio to built-in"]
    lines = [head, ["---", *("---:" for _ in head[1:])]]
    lines += [
        [
            f"{one.project}, {one.kind.value}",
            *(f"{one.median(way):.2f}" for way in WAYS),
            f"{one.ratio(EXTERNAL):.2f}",
            f"{one.ratio(BUILT_IN):.2f}",
        ]
        for one in found
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


class _Bench:
    """A project that is built in all ways."""

    def __init__(self, setting: Setting, project: Project, dockerfile: str) -> None:
        self._setting = setting
        self._project = project
        self._copy = working_copy(OURS, project, setting.scratch, setting.images)
        program = _program(setting)
        self._write(EXTERNAL, program, f"# syntax={dockerfile}\n")
        self._write(BUILT_IN, program, "")
        for way in WAYS:
            self._build(way)
            self._check(way, Edit({}))

    def measured(self, kind: Kind) -> Measured:
        seconds: dict[str, list[float]] = {way.title: [] for way in WAYS}
        for repetition in range(self._setting.repeats):
            first = repetition % len(WAYS)
            for way in WAYS[first:] + WAYS[:first]:
                # Of its own: the Dockerfiles share their steps.
                edit = edits.make(kind, self._copy, self._setting.nonce(), repetition)
                self._copy.write(edit.files)
                seconds[way.title].append(self._build(way))
                self._check(way, edit)
                self._copy.restore()
        self._setting.say(f"{self._project.name}: {kind.value}: {seconds}")
        return Measured(self._project.title, kind, seconds)

    def clean_up(self) -> None:
        for way in WAYS:
            docker.forget_repository(self._tag(way))

    def _tag(self, way: Way) -> str:
        return f"bench-overhead/{self._project.name}-{way.file.lower()}"

    def _arguments(self) -> Iterator[str]:
        if self._setting.mirror:
            yield f"--build-arg=PYPI_MIRROR={self._setting.mirror}"

    def _write(self, way: Way, program: Path, syntax: str) -> None:
        directory = self._copy.directory
        for suffix, options in (("", ()), (".dockerignore", ("--ignore",))):
            command = [program, "dockerfile", *options, *self._arguments(), directory]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Failure(f"no Dockerfile could be written: {done.stderr}")
            text = done.stdout if suffix else syntax + _SYNTAX.sub("", done.stdout)
            (directory / f"{way.file}{suffix}").write_text(text, encoding="utf-8")

    def _build(self, way: Way) -> float:
        log = self._setting.logs / f"overhead-{self._project.name}-{way.file}.log"
        options = tuple(self._arguments())
        return docker.build(Build(self._copy.directory, way.file, self._tag(way), options), log)

    def _check(self, way: Way, edit: Edit) -> None:
        answer = docker.answer(self._tag(way), self._project.port)
        if edit.answer not in answer:
            raise Failure(f"{way.title} answers {answer!r}, not {edit.answer!r}")


def _program(setting: Setting) -> Path:
    """The program of the frontend's image, which is the command line as well."""
    program = setting.scratch / "poetry-frontend"
    if not program.exists():
        container = docker.docker("create", setting.images.frontend)
        docker.docker("cp", f"{container}:/poetry-frontend", str(program))
        docker.docker("rm", container)
    return program


def _process() -> str:
    """What the test of the process tells, such as `25.0 ms, 28.1 MB`."""
    command = ["cargo", "test", "--test=e2e", "--", "--nocapture", "--exact", _PROCESS_TEST]
    done = subprocess.run(command, cwd=_REPOSITORY, capture_output=True, text=True, check=False)
    told = re.search(r"^[0-9.]+ ms, [0-9.]+ MB$", done.stderr, re.MULTILINE)
    if done.returncode or told is None:
        raise Failure(f"the test of the process failed: {done.stdout[-2000:]}")
    return told[0]
