"""The command line: measures, prints the tables and verdicts, and writes the page and its chart."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import chart, docker, locks, overhead, report, run
from .approaches import APPROACHES, Approach
from .errors import Failure
from .projects import PROJECTS, Project
from .results import Results
from .targets import verdicts

_DOCS = Path(__file__).parents[2] / "docs"


def main() -> int:
    options = _options()
    try:
        if options.lock:
            locks.update(options.lock)
            return 0
        if options.overhead:
            _measure_overhead(options)
            return 0
        results = Results.load(options.render) if options.render else _measure(options)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; no page was written", file=sys.stderr)
        return 130
    print(report.summary(results))
    if _complete(results):
        _write(options.docs / "rebuild.md", report.document(results))
        _write(options.docs / "rebuild.svg", chart.svg(results))
    missed = [verdict for verdict in verdicts(results) if not verdict.met]
    return 1 if options.strict and missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="harness/bench",
        description="Compares rebuilds with the frontend and with Dockerfiles.",
    )
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
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
        "--docs", type=Path, default=_DOCS, help="the directory to write the page to"
    )
    parser.add_argument(
        "--render",
        type=Path,
        metavar="FILE",
        help="write the page from the results of an earlier run",
    )
    parser.add_argument(
        "--overhead",
        action="store_true",
        help="measure the cost of the frontend's container, and that of DOCKERFILE_FRONTEND",
    )
    parser.add_argument("--lock", metavar="PYTHON", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> Results:
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        setting = _setting(Path(scratch))
        projects = _chosen_projects(options.project)
        approaches = _chosen_approaches(options.approach)
        measured = [run.measure(setting, project, approaches) for project in projects]
        results = Results(run.machine(setting, projects), measured)
    # Partial results must not overwrite those of a full run, which --render needs.
    results.save(setting.logs / ("results.json" if _complete(results) else "part.json"))
    return results


def _measure_overhead(options: argparse.Namespace) -> None:
    dockerfile = os.environ.get("DOCKERFILE_FRONTEND") or "docker/dockerfile:1"
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        setting = _setting(Path(scratch), repeats=15)
        found, process = overhead.measure(setting, dockerfile)
    text = overhead.page(found, process, setting, dockerfile)
    print(text)
    _write(options.docs / "overhead.md", text)


def _setting(scratch: Path, repeats: int = 5) -> run.Setting:
    logs = Path(os.environ["BENCH_LOGS"])
    logs.mkdir(parents=True, exist_ok=True)
    docker.docker("pull", "--quiet", docker.BASE)
    return run.Setting(
        frontend=os.environ["FRONTEND_IMAGE"],
        registry=os.environ["BENCH_REGISTRY"],
        mirror=os.environ.get("PYPI_MIRROR", ""),
        repeats=_number("BENCH_REPEATS", repeats),
        cold_repeats=_number("BENCH_COLD_REPEATS", 3),
        scratch=scratch,
        logs=logs,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )


def _chosen_projects(names: Sequence[str] | None) -> list[Project]:
    return [one for one in PROJECTS if not names or one.name in names]


def _chosen_approaches(names: Sequence[str] | None) -> list[Approach]:
    return [one for one in APPROACHES if not names or one.name in names]


def _number(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or int(text) < 1:
        raise Failure(f"{variable} must be a positive number, not {text!r}")
    return int(text)


def _complete(results: Results) -> bool:
    return len(results.projects) == len(PROJECTS) and all(
        len(project.approaches) == len(APPROACHES) for project in results.projects
    )


def _write(path: Path, text: str) -> None:
    """Writes a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


sys.exit(main())
