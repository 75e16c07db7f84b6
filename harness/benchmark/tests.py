"""Tests of what needs no engine: `PYTHONPATH=harness python3 -B -m unittest benchmark.tests`."""

import http.server
import json
import tempfile
import threading
import tomllib
import unittest
from dataclasses import replace
from itertools import count
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

from . import chart, diffs, docker, edits, overhead, registry, report, run, targets, uv
from .approaches import (
    APPROACHES,
    OURS,
    UV,
    Approach,
    Images,
    of_project,
    working_copy,
)
from .edits import Kind
from .errors import Failure
from .projects import DEV_ADDITION, LOCK, MAIN_ADDITIONS, PROJECTS, PYPROJECT, Project, WorkingCopy
from .results import (
    ApproachResult,
    EngineResult,
    FreshBuild,
    Measurement,
    ProjectResult,
    Results,
)
from .targets import all_verdicts, readable, verdicts

SMALL, SERVICE = PROJECTS

DIFF = """\
--- a/words
+++ b/words
@@ -1,3 +1,3 @@
 one
-two
+zwei
 three
@@ -5,0 +6 @@
+six
"""


def results() -> Results:
    """Of a frontend that is five times as fast as the Dockerfiles, whatever is measured."""
    return Results([_engine("overlay2"), _engine("containerd")])


def _engine(name: str) -> EngineResult:
    machine = {"cores": "2", "Docker": "1.0+dfsg1", "Dockerfile frontend": "built-in"}
    return EngineResult(name, machine, [_project(project, name) for project in PROJECTS])


def _project(project: Project, engine: str) -> ProjectResult:
    measured = [_approach(one, project, engine) for one in of_project(project)]
    return ProjectResult(project.name, project.title, project.locked(), measured)


def _approach(one: Approach, project: Project, engine: str) -> ApproachResult:
    seconds = 1.0 if one.ours else 5.0
    fresh = one.fresh and project.fresh_runner and engine == "containerd"
    build = FreshBuild([9 * seconds, seconds, 0.1], 60_000_000, 2_000_000)
    return ApproachResult(
        one.name,
        one.title,
        one.ours,
        150_000_000 if one.ours else 200_000_000,
        20_000_000,
        {
            kind: Measurement([9 * seconds, seconds, 0.1], 20_000 if kind is Kind.COLD else 1500)
            for kind in Kind
        },
        [0.8, 0.7, 0.9],
        {"loaded": build, "pushed": build} if fresh else {},
    )


class Diffs(unittest.TestCase):
    def test_a_diff_is_applied(self) -> None:
        ((name, part),) = diffs.files(DIFF)
        self.assertEqual(name, "words")
        self.assertEqual(
            diffs.apply("one\ntwo\nthree\nfour\nfive\nseven\n", part),
            "one\nzwei\nthree\nfour\nfive\nsix\nseven\n",
        )

    def test_a_diff_of_another_text_is_refused(self) -> None:
        ((_, part),) = diffs.files(DIFF)
        with self.assertRaisesRegex(Failure, "line 2: 'two'"):
            diffs.apply("one\n2\nthree\nfour\nfive\n", part)


class Edits(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.copies = [
            WorkingCopy(project, Path(scratch.name, project.name)) for project in PROJECTS
        ]

    def test_each_repetition_is_a_new_edit(self) -> None:
        for copy in self.copies:
            for kind in (Kind.SOURCE, Kind.MAIN, Kind.DEV, Kind.VERSION, Kind.README, Kind.COMMENT):
                first = edits.make(kind, copy, 100, 0)
                second = edits.make(kind, copy, 101, 1)
                self.assertTrue(first.files)
                self.assertEqual(first.files.keys(), second.files.keys())
                self.assertNotEqual(first.files, second.files)

    def test_an_edit_is_undone(self) -> None:
        for copy in self.copies:
            before = copy.read(PYPROJECT)
            copy.write(edits.make(Kind.VERSION, copy, 100, 0).files)
            self.assertIn('version = "1.0.100"', copy.read(PYPROJECT))
            copy.restore()
            self.assertEqual(copy.read(PYPROJECT), before)

    def test_a_dependency_is_in_both_files(self) -> None:
        for copy in self.copies:
            hashes = {_content_hash(copy.read(LOCK))}
            for number, addition in enumerate(MAIN_ADDITIONS):
                files = edits.make(Kind.MAIN, copy, 100, number).files
                dependencies = tomllib.loads(files[PYPROJECT])["project"]["dependencies"]
                self.assertIn(f"{addition.name} {addition.constraint}", dependencies)
                self.assertEqual(_groups(files[LOCK], addition.name), ["main"])
                hashes.add(_content_hash(files[LOCK]))
            self.assertEqual(len(hashes), 1 + len(MAIN_ADDITIONS))
            files = edits.make(Kind.DEV, copy, 100, 0).files
            self.assertEqual(_groups(files[LOCK], DEV_ADDITION.name), ["dev"])

    def test_nothing_tells_where_packages_come_from(self) -> None:
        for project in PROJECTS:
            paths = [project.directory / LOCK, *map(project.diff, (*MAIN_ADDITIONS, DEV_ADDITION))]
            for path in paths:
                self.assertNotIn("://", path.read_text(encoding="utf-8"), path)


class Approaches(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def first_lines(self, images: Images) -> dict[str, str]:
        found = {}
        for number, approach in enumerate(APPROACHES):
            parent = self.scratch / f"{len(images.dockerfile)}-{number}"
            copy = working_copy(approach, SERVICE, parent, images, lock=_locked)
            found[approach.name] = copy.read(approach.file).split("\n", 1)[0]
        return found

    def test_the_frontend_that_is_measured_is_named(self) -> None:
        found = self.first_lines(Images("somewhere/frontend:1"))
        for approach in APPROACHES:
            line = found[approach.name]
            self.assertEqual(line == "# syntax=somewhere/frontend:1", approach.ours)
            self.assertEqual(line.startswith("# syntax="), approach.ours)

    def test_an_external_frontend_builds_every_dockerfile(self) -> None:
        found = self.first_lines(Images("somewhere/frontend:1", "somewhere/dockerfile:1"))
        for approach in APPROACHES:
            image = "frontend:1" if approach.ours else "dockerfile:1"
            self.assertEqual(found[approach.name], f"# syntax=somewhere/{image}")

    def test_both_sides_have_the_same_image_of_uv(self) -> None:
        images = Images(uv="here/uv@sha256:1")
        found = [
            working_copy(approach, SERVICE, self.scratch, images, lock=_locked).read(approach.file)
            for approach in APPROACHES
            if approach.uv or approach.ours
        ]
        self.assertEqual([text.count("here/uv@sha256:1") for text in found], [1] * 4)
        self.assertFalse(any("org/uv" in text for text in found))

    def test_all_compile_to_bytecode(self) -> None:
        for approach in APPROACHES:
            copy = working_copy(approach, SERVICE, self.scratch, Images(), lock=_locked)
            text = copy.read(approach.file)
            # The frontend does so by default.
            said = ["poetry install --without dev --compile", "UV_COMPILE_BYTECODE=1"]
            self.assertEqual(any(one in text for one in said), not approach.ours)
            self.assertEqual("compile = false" in text, False)

    def test_the_uv_guide_is_measured_on_the_service(self) -> None:
        self.assertNotIn(UV, of_project(SMALL))
        self.assertIn(UV, of_project(SERVICE))


def _locked(pyproject: str) -> str:
    """Stands in for `uv lock`: a lock that changes with the names, versions and pins of the project."""
    data = tomllib.loads(pyproject)
    pins = data["tool"]["uv"]["constraint-dependencies"]
    return json.dumps([data["project"]["version"], pins, data["dependency-groups"]])


class UvProject(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.copy = working_copy(UV, SERVICE, Path(scratch.name), Images(uv="here/uv:1"), _locked)

    def written(self, name: str) -> str:
        return (self.copy.directory / name).read_text(encoding="utf-8")

    def edit(self, kind: Kind) -> dict[str, str]:
        """Makes an edit, and returns the files that it changes."""
        before = _files(self.copy)
        self.copy.write(edits.make(kind, self.copy, 100, 0).files)
        after = _files(self.copy)
        self.copy.restore()
        self.assertEqual(_files(self.copy), before)
        return {name: text for name, text in after.items() if text != before[name]}

    def test_it_has_the_dependencies_and_versions_of_the_poetry_project(self) -> None:
        poetry = tomllib.loads((SERVICE.directory / PYPROJECT).read_text(encoding="utf-8"))
        lock = tomllib.loads((SERVICE.directory / LOCK).read_text(encoding="utf-8"))
        project = tomllib.loads(self.written(PYPROJECT))
        self.assertEqual(project["project"], poetry["project"])
        self.assertNotIn("poetry", project["tool"])
        self.assertEqual(project["build-system"]["build-backend"], "uv_build")
        self.assertEqual(
            project["tool"]["uv"]["constraint-dependencies"],
            [f"{one['name']}=={one['version']}" for one in lock["package"]],
        )
        self.assertEqual(
            project["dependency-groups"]["dev"],
            ["mypy>=1.14,<2", "pytest>=8.3,<9", "pytest-asyncio>=0.25,<0.26", "ruff>=0.9,<0.10"],
        )
        self.assertFalse((self.copy.directory / LOCK).exists())
        self.assertIn("COPY --from=here/uv:1 /uv /bin/", self.written("Dockerfile"))

    def test_each_edit_changes_what_it_would_change_for_a_user_of_uv(self) -> None:
        both = {PYPROJECT, uv.UV_LOCK}
        expected = {
            Kind.SOURCE: {"app/greeting.py"},
            Kind.MAIN: both,
            Kind.DEV: both,
            Kind.VERSION: both,
            Kind.README: {"README.md"},
            Kind.COMMENT: {PYPROJECT},
        }
        self.assertEqual({kind: set(self.edit(kind)) for kind in expected}, expected)

    def test_an_added_dependency_is_pinned(self) -> None:
        project = tomllib.loads(self.edit(Kind.MAIN)[PYPROJECT])
        self.assertIn("humanize (>=4.11,<5.0)", project["project"]["dependencies"])
        self.assertIn("humanize==4.17.0", project["tool"]["uv"]["constraint-dependencies"])

    def test_other_constraints_are_refused(self) -> None:
        text = (SERVICE.directory / PYPROJECT).read_text(encoding="utf-8")
        lock = (SERVICE.directory / LOCK).read_text(encoding="utf-8")
        with self.assertRaisesRegex(Failure, "caret"):
            uv.convert(text.replace('"^8.3"', '"~8.3"'), lock)

    def test_nothing_tells_where_packages_come_from(self) -> None:
        self.assertNotIn("://", self.written(PYPROJECT))


def _files(copy: WorkingCopy) -> dict[str, str]:
    return {
        str(path.relative_to(copy.directory)): path.read_text(encoding="utf-8")
        for path in copy.directory.rglob("*")
        if path.is_file()
    }


class FreshRunner(unittest.TestCase):
    """With a docker that only records, since the real one would be emptied."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.log = Path(scratch.name, "registry.log")
        self.log.write_text(_request("GET", "old", 999), encoding="utf-8")
        self.said: list[str] = []
        self.events: list[str] = []
        self.setting = run.Setting(
            Images("here/frontend:1"),
            "here",
            "",
            repeats=1,
            cold_repeats=1,
            scratch=Path(scratch.name),
            logs=Path(scratch.name),
            say=self.said.append,
            registry_log=self.log,
        )
        self.pulled = 500
        for name, fake in (
            ("docker", self.record),
            ("build", self.build),
            ("answer", lambda *_: "hello!"),
            ("_EMPTY_SECONDS", 0),
        ):
            patch = mock.patch.object(docker, name, fake)
            patch.start()
            self.addCleanup(patch.stop)
        self.subject = run.Subject(self.setting, SERVICE, OURS)
        self.subject._base = 400

    def record(self, *command: str) -> str:
        self.events.append(" ".join(command))
        return ""

    def build(self, wanted: docker.Build, _log: Path) -> float:
        added = "humanize" in (wanted.directory / PYPROJECT).read_text(encoding="utf-8")
        options = [one for one in wanted.options if "cache-" in one or "push=true" in one]
        self.events.append(f"build {'edited' if added else 'unedited'} {' '.join(options)}")
        with self.log.open("a", encoding="utf-8") as log:
            log.write(_request("GET", "layer", self.pulled) + _request("PUT", "layer", 7))
        return 2.0

    def fresh(self) -> dict[str, FreshBuild]:
        run._fresh_runner(self.setting, self.log, [self.subject])
        return self.subject._fresh

    def test_a_build_imports_the_cache_on_an_empty_engine(self) -> None:
        found = self.fresh()
        self.assertEqual(
            {way: one.seconds for way, one in found.items()}, {"loaded": [2.0], "pushed": [2.0]}
        )
        self.assertEqual([one.pulled for one in found.values()], [500, 500])
        cache = f"ref={self.subject.image}-cache"
        empty = ["builder prune --all --force", "image prune --all --force", "image ls --quiet"]
        check = "run --rm --entrypoint=python " + self.subject.image + " -c import humanize"
        self.assertEqual(
            self.events,
            [
                f"build unedited --cache-to=type=registry,{cache},mode=max",
                *empty,
                f"build edited --cache-from=type=registry,{cache}",
                check,
                *empty,
                f"build edited --cache-from=type=registry,{cache} {run._PUSHED}",
                f"pull --quiet {self.subject.image}",
                check,
            ],
        )

    def test_an_engine_that_was_not_empty_is_noticed(self) -> None:
        self.pulled = 399
        self.assertEqual(self.fresh(), {})
        self.assertIn("the engine was not empty", self.said[-1])


def _request(method: str, blob: str, size: int) -> str:
    path = f"/v2/library/python/blobs/sha256:{blob}?ns=mirror"
    return f'127.0.0.1 - - [28/Nov/2026:21:26:31 +0000] "{method} {path} HTTP/1.1" 200 {size} "" "buildkit"\n'


class Starts(unittest.TestCase):
    def test_the_first_successful_response_counts(self) -> None:
        answers = count()

        class Service(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(503 if next(answers) < 2 else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Service)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        with (
            mock.patch.object(docker, "docker", return_value="container") as command,
            mock.patch.object(docker, "_free_port", return_value=server.server_port),
        ):
            self.assertGreater(docker.seconds_to_answer("image", 8000), 0)
        self.assertEqual(next(answers), 3)
        self.assertEqual(
            command.call_args_list[-1], mock.call("rm", "--force", "--volumes", "container")
        )


class Pushes(unittest.TestCase):
    def test_a_blob_is_counted_once(self) -> None:
        repository = registry.Repository("here", "name")
        manifests = [_manifest(("c1", 10), ("a", 100)), _manifest(("c2", 20), ("a", 100), ("b", 7))]
        with (
            mock.patch.object(registry, "docker"),
            mock.patch.object(repository, "_manifest", side_effect=manifests),
        ):
            self.assertEqual([repository.push(), repository.push()], [110, 27])

    def test_an_index_of_the_containerd_store_is_followed(self) -> None:
        repository = registry.Repository("here", "name")
        index = {"manifests": [{"digest": "one"}, {"digest": "two"}]}
        found = [index, _manifest(("c1", 10), ("a", 100)), _manifest(("c2", 1), ("a", 100))]
        with (
            mock.patch.object(registry, "docker"),
            mock.patch.object(repository, "_manifest", side_effect=found),
        ):
            self.assertEqual(repository.push(), 111)


class Reports(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def test_results_are_kept_by_engine(self) -> None:
        path = self.scratch / "results.json"
        results().save(path)
        self.assertEqual(Results.load(path), results())
        data = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual(list(data), ["overlay2", "containerd"])

    def test_a_new_run_replaces_that_engine_alone(self) -> None:
        new = _engine("overlay2")
        new.machine["cores"] = "4"
        found = {one.name: one.machine["cores"] for one in results().replaced(new).engines}
        self.assertEqual(found, {"overlay2": "4", "containerd": "2"})

    def test_targets_are_judged_by_medians(self) -> None:
        overlay2, containerd = results().engines
        # Of both ways of ours: eight targets on the small project and nine on the service. On the containerd store there
        # are three more on the service, two of which are those of the fresh runner, which one of the ways is built on.
        self.assertEqual(len(verdicts(overlay2)), 2 * (8 + 9))
        self.assertEqual(len(verdicts(containerd)), 2 * (8 + 9) + 2 + 2)
        self.assertTrue(all(verdict.met for verdict in all_verdicts(results())))
        slow = results()
        slow.engines[0].projects[0].ours[0].measured[Kind.VERSION] = Measurement([2.9])
        missed = [verdict for verdict in all_verdicts(slow) if not verdict.met]
        self.assertEqual(
            [str(verdict) for verdict in missed],
            [
                "small, ours: version bump, at most 2.8 times a build that changes nothing:"
                " 2.90 s is 2.90 times 1.00 s"
            ],
        )
        document = report.document(slow)
        self.assertIn("71 of 72 targets are met", document)
        self.assertIn("- **missed**: small, ours: version", document)
        self.assertIn("changes nothing | **2.90, missed** | 1.00 | 1.00 | 1.00 |", document)

    def test_the_limits_are_those_of_the_engine(self) -> None:
        for engine, main, cold in (("overlay2", 0.6, 1.0), ("containerd", 0.3, 0.85)):
            found = _engine(engine)
            limits = {
                verdict.target: verdict.limit
                for verdict in verdicts(found)
                if verdict.project == "service" and "guide" in verdict.target
            }
            self.assertEqual(
                limits[f"main dependency added, at most {main:g} times the uv guide"], main
            )
            self.assertIn(cold, limits.values())

    def test_what_a_new_dependency_pushes_is_a_share_of_a_cold_push(self) -> None:
        large = _engine("containerd")
        large.projects[1].ours[0].measured[Kind.MAIN].pushed = 3001
        missed = [str(verdict) for verdict in verdicts(large) if not verdict.met]
        self.assertEqual(
            missed,
            [
                "service, ours: main dependency added, pushes at most 15% of a cold build:"
                " 3.0 kB is 0.15 times the 20.0 kB of a cold build"
            ],
        )

    def test_a_fresh_runner_that_was_not_measured_is_a_missed_target(self) -> None:
        engine = _engine("containerd")
        for one in engine.projects[1].approaches:
            one.fresh.clear()
        missed = [str(verdict) for verdict in verdicts(engine) if not verdict.met]
        self.assertEqual(len(missed), 2)
        self.assertTrue(all(one.endswith(": not measured") for one in missed))
        self.assertIn("**not measured**", report.document(Results([engine])))

    def test_byte_code_does_not_count(self) -> None:
        larger = _engine("overlay2")
        ours = larger.projects[0].ours[0]
        place = larger.projects[0].approaches.index(ours)
        larger.projects[0].approaches[place] = replace(
            ours, image=230_000_000, byte_code=60_000_000
        )
        self.assertTrue(all(verdict.met for verdict in verdicts(larger)))

    def test_without_dockerfiles_only_our_own_targets_are_judged(self) -> None:
        alone = _engine("containerd")
        for project in alone.projects:
            project.approaches = project.ours
        self.assertEqual(len(verdicts(alone)), 2 * 2 * len(targets._NO_SLOWER))

    def test_tables_have_all_figures(self) -> None:
        document = report.document(results())
        for engine in results().engines:
            self.assertIn(f"\n## {engine.title}\n", document)
        for kind in Kind:
            self.assertEqual(document.count(f"\n| {kind.value} |"), 2 * 2 * len(PROJECTS))
        self.assertEqual(document.count("\n| `docker run` |"), 2 * len(PROJECTS))
        self.assertIn("\n| image loaded: seconds | 5.00 | 5.00 | 1.00 |\n", document)
        self.assertIn("\n| image pushed: bytes from the registry | 60.0 MB |", document)
        self.assertIn(
            "built-in Dockerfile frontend, because no external one could be pulled", document
        )

    def test_an_external_frontend_is_named(self) -> None:
        found = results()
        for engine in found.engines:
            engine.machine["Dockerfile frontend"] = "docker/dockerfile:1"
        document = report.document(found)
        self.assertIn("All Dockerfiles are built with `# syntax=docker/dockerfile:1`", document)
        self.assertNotIn(
            "built-in", document.split("## Method")[0].replace("frontend: built-in", "")
        )

    def test_the_chart_shows_the_service(self) -> None:
        root = ElementTree.fromstring(chart.svg(results()))
        drawn = [one for one in root.iter() if one.get("class", "").startswith("bar")]
        bars = [one for one in drawn if len(one)]
        # Without `ours, copied` and `ours, fetched`.
        self.assertEqual(len(bars), 5 * (len(APPROACHES) - 2))
        self.assertEqual(len(drawn) - len(bars), len(APPROACHES) - 2)
        text = " ".join(root.itertext())
        self.assertIn("A service with 100 locked packages", text)
        self.assertIn("with the containerd image store", text)
        for name in ("Add a dependency", "Edit a source file", "poetry-frontend", "uv's guide"):
            self.assertIn(name, text)

    def test_the_chart_is_linear(self) -> None:
        found = results()
        service = found.engines[1].projects[1]
        for seconds, one in enumerate(service.approaches, 1):
            one.measured = {kind: Measurement([float(seconds)]) for kind in Kind}
        root = ElementTree.fromstring(chart.svg(found))
        widths = sorted(
            {
                float(one.get("width", "0"))
                for one in root.iter()
                if len(one) and one.tag.endswith("rect")
            }
        )
        for seconds, width in enumerate(widths, 1):
            self.assertAlmostEqual(width, seconds * widths[0], delta=0.5)

    def test_the_readme_states_the_figures_in_a_sentence(self) -> None:
        readme = "Before.\n<!-- figures: x -->\nold\n<!-- /figures -->\nAfter.\n"
        found = report.with_sentence(readme, report.sentence(results()))
        self.assertNotIn("old", found)
        said = " ".join(found.split())
        self.assertIn(
            "in 1.0 s after a new dependency, which takes 5.0 s with the Dockerfile of uv's guide;"
            " a first build takes 1.0 s against 5.0 s.",
            said,
        )
        self.assertEqual(report.with_sentence(found, report.sentence(results())), found)
        self.assertEqual(report.with_sentence("no marks", "x"), "no marks")

    def test_the_readme_has_a_place_for_the_figures(self) -> None:
        readme = Path(__file__).parents[2] / "README.md"
        text = readme.read_text(encoding="utf-8")
        self.assertIn("A sentence.", report.with_sentence(text, "A sentence."))

    def test_sizes_are_readable(self) -> None:
        shown = [readable(size) for size in (0, 1523, 141_592, 3_141_592)]
        self.assertEqual(shown, ["0", "1.5 kB", "142 kB", "3.1 MB"])


def _manifest(config: tuple[str, int], *layers: tuple[str, int]) -> dict[str, object]:
    def blob(one: tuple[str, int]) -> dict[str, object]:
        return {"digest": one[0], "size": one[1]}

    return {"config": blob(config), "layers": [blob(layer) for layer in layers]}


def _content_hash(lock: str) -> str:
    return str(tomllib.loads(lock)["metadata"]["content-hash"])


def _groups(lock: str, name: str) -> list[str]:
    (package,) = [one for one in tomllib.loads(lock)["package"] if one["name"] == name]
    return list(package["groups"])


class Overhead(unittest.TestCase):
    def test_the_ratios_are_those_of_the_medians(self) -> None:
        seconds = {
            overhead.OWN.title: [0.2, 9.0, 0.1],
            overhead.EXTERNAL.title: [0.4, 0.4, 0.1],
            overhead.BUILT_IN.title: [0.1, 0.1, 0.1],
        }
        shown = overhead.table([overhead.Measured("Small project", Kind.NOTHING, seconds)])
        self.assertIn("| Small project, no change | 0.20 | 0.40 | 0.10 | 0.50 | 2.00 |\n", shown)


if __name__ == "__main__":
    unittest.main()
