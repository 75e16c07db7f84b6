"""The command line: measures, prints the tables and verdicts, and writes the page and its chart."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import chart, docker, locks, overhead, report, run
from .approaches import APPROACHES, OURS, Approach, Images, of_project
from .errors import Failure
from .projects import PROJECTS, Project
from .results import EngineResult, Results
from .targets import Verdict, all_verdicts, verdicts
from .uv import Uv

_ROOT = Path(__file__).parents[2]
_DOCKERFILE_FRONTEND = "docker/dockerfile:1"


def main() -> int:
    options = _options()
    try:
        if options.lock:
            locks.update(options.lock)
            return 0
        if options.overhead:
            _measure_overhead(options)
            return 0
        if options.render:
            found = _render(options)
        else:
            measured = _measure(options)
            print(report.summary(measured))
            found = verdicts(measured)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; no page was written", file=sys.stderr)
        return 130
    return 1 if options.strict and not all(verdict.met for verdict in found) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="harness/bench",
        description="Compares rebuilds with the frontend and with Dockerfiles.",
    )
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    parser.add_argument(
        "--engine",
        choices=("overlay2", "containerd"),
        help="measure only on the engine with this image store; writes no page",
    )
    parser.add_argument(
        "--project",
        action="append",
        choices=[one.name for one in PROJECTS],
        help="measure only this one; writes no page",
    )
    parser.add_argument(
        "--approach",
        action="append",
        choices=[one.name for one in APPROACHES],
        help="measure only this one; writes no page",
    )
    parser.add_argument(
        "--docs", type=Path, default=_ROOT / "docs", help="the directory to write the page to"
    )
    parser.add_argument(
        "--render",
        type=Path,
        metavar="FILE",
        help="write the page from the results of earlier runs",
    )
    parser.add_argument(
        "--overhead",
        action="store_true",
        help="measure the cost of the frontend's container, and that of DOCKERFILE_FRONTEND",
    )
    parser.add_argument("--lock", metavar="PYTHON", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> EngineResult:
    """Measures on the engine that is running, and stores the results beside those of other engines."""
    engine = docker.store()
    if options.engine not in (None, engine):
        raise Failure(f"the engine's image store is {engine}, not {options.engine}")
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        projects = _chosen_projects(options.project)
        approaches = {one.name: _chosen_approaches(one, options.approach) for one in projects}
        setting = _setting(Path(scratch), [one for some in approaches.values() for one in some])
        try:
            measured = [
                run.measure(setting, project, approaches[project.name])
                for project in projects
                if approaches[project.name]
            ]
            result = EngineResult(engine, run.machine(setting, projects), measured)
        finally:
            if setting.uv:
                setting.uv.close()
    # Partial results must not overwrite those of a full run, which --render needs.
    path = setting.logs / ("results.json" if _complete(result) else "part.json")
    earlier = Results.load(path) if path.exists() else Results([])
    earlier.replaced(result).save(path)
    if setting.registry_log:
        # The cached steps of all edits take tens of gigabytes, which the next engine may need.
        try:
            docker.empty_engine()
        except Failure as failure:
            _say(f"not emptied: {failure}")
    return result


def _render(options: argparse.Namespace) -> list[Verdict]:
    """Writes the page, the chart and the README's sentence."""
    results = Results.load(options.render)
    for engine in results.engines:
        if not _complete(engine):
            raise Failure(f"the results of {engine.name} are not those of a full run")
    _write(options.docs / "rebuild.md", report.document(results))
    _write(options.docs / "rebuild.svg", chart.svg(results))
    readme = options.docs.parent / "README.md"
    if readme.exists():
        text = readme.read_text(encoding="utf-8")
        _write(readme, report.with_sentence(text, report.sentence(results)))
    found = all_verdicts(results)
    print(f"{sum(one.met for one in found)} of {len(found)} targets are met")
    return found


def _measure_overhead(options: argparse.Namespace) -> None:
    dockerfile = os.environ.get("DOCKERFILE_FRONTEND") or _DOCKERFILE_FRONTEND
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        setting = _setting(Path(scratch), [OURS], repeats=15)
        found, process = overhead.measure(setting, dockerfile)
    text = overhead.page(found, process, setting, dockerfile)
    print(text)
    _write(options.docs / "overhead.md", text)


def _setting(scratch: Path, approaches: Sequence[Approach], repeats: int = 5) -> run.Setting:
    """Makes the images that the approaches need."""
    logs = Path(os.environ["BENCH_LOGS"])
    logs.mkdir(parents=True, exist_ok=True)
    docker.docker("pull", "--quiet", docker.BASE)
    registry = os.environ["BENCH_REGISTRY"]
    mirror = os.environ.get("PYPI_MIRROR", "")
    log = os.environ.get("BENCH_REGISTRY_LOG")
    uv = Uv(registry, mirror, scratch) if any(one.uv for one in approaches) else None
    images = Images(
        frontend=_frontend() if any(one.ours for one in approaches) else "",
        dockerfile="" if all(one.ours for one in approaches) else _dockerfile_frontend(),
        uv=uv.image if uv else "",
    )
    return run.Setting(
        images=images,
        registry=registry,
        mirror=mirror,
        repeats=_number("BENCH_REPEATS", repeats),
        cold_repeats=_number("BENCH_COLD_REPEATS", 3),
        scratch=scratch,
        logs=logs,
        say=_say,
        uv=uv,
        registry_log=Path(log) if log else None,
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _frontend() -> str:
    """Builds and pushes the frontend's image."""
    image = os.environ["FRONTEND_IMAGE"]
    if subprocess.run([_ROOT / "harness/image", image], stdout=sys.stderr, check=False).returncode:
        raise Failure("cannot build the frontend's image")
    return image


def _dockerfile_frontend() -> str:
    """The external frontend of the Dockerfiles; empty if it cannot be pulled."""
    image = os.environ.get("DOCKERFILE_FRONTEND") or _DOCKERFILE_FRONTEND
    if docker.can_pull(image):
        return image
    _say(f"cannot pull {image}: the engine's built-in frontend builds the Dockerfiles")
    return ""


def _chosen_projects(names: Sequence[str] | None) -> list[Project]:
    return [one for one in PROJECTS if not names or one.name in names]


def _chosen_approaches(project: Project, names: Sequence[str] | None) -> list[Approach]:
    return [one for one in of_project(project) if not names or one.name in names]


def _number(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or int(text) < 1:
        raise Failure(f"{variable} must be a positive number, not {text!r}")
    return int(text)


def _complete(engine: EngineResult) -> bool:
    return [(one.name, len(one.approaches)) for one in engine.projects] == [
        (one.name, len(of_project(one))) for one in PROJECTS
    ]


def _write(path: Path, text: str) -> None:
    """Writes a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


sys.exit(main())
