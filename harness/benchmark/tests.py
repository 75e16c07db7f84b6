"""Tests of what needs no engine: `PYTHONPATH=harness python3 -B -m unittest benchmark.tests`."""

import tempfile
import tomllib
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

from . import chart, diffs, edits, overhead, registry, report
from .approaches import APPROACHES, working_copy
from .edits import Kind
from .errors import Failure
from .projects import DEV_ADDITION, LOCK, MAIN_ADDITIONS, PROJECTS, PYPROJECT, Project, WorkingCopy
from .results import ApproachResult, Measurement, ProjectResult, Results
from .targets import readable, verdicts

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
    """Of a frontend that is twice as fast as the Dockerfiles, whatever is measured."""
    return Results({"cores": "2", "Docker": "1.0"}, [_project(project) for project in PROJECTS])


def _project(project: Project) -> ProjectResult:
    measured = [
        ApproachResult(
            one.name,
            one.title,
            one.ours,
            150_000_000 if one.ours else 200_000_000,
            20_000_000,
            {kind: Measurement([9.0, 1.0 if one.ours else 2.0, 0.1], 1500) for kind in Kind},
        )
        for one in APPROACHES
    ]
    return ProjectResult(project.name, project.title, project.locked(), measured)


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
    def test_the_frontend_that_is_measured_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            for approach in APPROACHES:
                copy = working_copy(approach, PROJECTS[0], Path(scratch), "somewhere/frontend:1")
                first = copy.read(approach.file).split("\n", 1)[0]
                self.assertEqual(first == "# syntax=somewhere/frontend:1", approach.ours)


class Pushes(unittest.TestCase):
    def test_a_blob_is_counted_once(self) -> None:
        repository = registry.Repository("here", "name")
        manifests = [_manifest(("c1", 10), ("a", 100)), _manifest(("c2", 20), ("a", 100), ("b", 7))]
        with (
            mock.patch.object(registry, "docker"),
            mock.patch.object(repository, "_manifest", side_effect=manifests),
        ):
            self.assertEqual([repository.push(), repository.push()], [110, 27])


class Reports(unittest.TestCase):
    def test_results_are_kept(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, "results.json")
            results().save(path)
            self.assertEqual(Results.load(path), results())

    def test_targets_are_judged_by_medians(self) -> None:
        found = verdicts(results())
        # Two projects, two ways of ours, eight targets.
        self.assertEqual(len(found), 2 * 2 * 8)
        self.assertTrue(all(verdict.met for verdict in found))
        slow = results()
        slow.projects[0].ours[0].measured[Kind.DEV] = Measurement([1.3])
        missed = [verdict for verdict in verdicts(slow) if not verdict.met]
        self.assertEqual(
            [str(verdict) for verdict in missed],
            [
                "small, ours: dev dependency added, at most 1.2 times no change:"
                " 1.30 s is 1.30 times 1.00 s"
            ],
        )
        document = report.document(slow)
        self.assertIn("31 of 32 targets are met", document)
        self.assertIn("- **missed**: small, ours: dev", document)
        self.assertIn("times no change | **1.30, missed** | 1.00 | 1.00 | 1.00 |", document)

    def test_byte_code_does_not_count(self) -> None:
        larger = results()
        ours = larger.projects[0].ours[0]
        larger.projects[0].approaches[3] = replace(ours, image=230_000_000, byte_code=60_000_000)
        self.assertTrue(all(verdict.met for verdict in verdicts(larger)))

    def test_without_dockerfiles_only_our_own_targets_are_judged(self) -> None:
        alone = results()
        for project in alone.projects:
            project.approaches = project.ours
        self.assertEqual(len(verdicts(alone)), 2 * 2 * 4)

    def test_tables_have_all_edits(self) -> None:
        document = report.document(results())
        for kind in Kind:
            self.assertEqual(document.count(f"\n| {kind.value} |"), 2 * len(PROJECTS))

    def test_the_chart_has_all_bars(self) -> None:
        root = ElementTree.fromstring(chart.svg(results()))
        bars = [one for one in root.iter() if one.get("class", "").startswith("bar")]
        self.assertEqual(len(bars), len(PROJECTS) * len(Kind) * len(APPROACHES))
        self.assertTrue(all(float(bar.get("width", "0")) > 0 for bar in bars))

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
