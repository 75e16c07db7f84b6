"""The sequence of measurements: every approach cold, then every edit from the cached, unedited project.

Approaches take turns, and each round starts with another one, so that other load on the machine affects all of them
alike.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import docker, edits
from .approaches import Approach, working_copy
from .docker import Build
from .edits import Edit, Kind
from .errors import Failure
from .projects import Project, WorkingCopy
from .registry import Repository
from .results import ApproachResult, Measurement, ProjectResult


@dataclass(frozen=True)
class Setting:
    """Settings of all builds of a run."""

    frontend: str
    registry: str
    mirror: str
    repeats: int
    cold_repeats: int
    scratch: Path
    logs: Path
    say: Callable[[str], None]
    started: int = field(default_factory=lambda: int(time.time()))
    """Part of every name and edit, to keep them apart from those of other runs."""
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def nonce(self) -> int:
        """A number that no build has used yet."""
        return self.started * 10000 + next(self._count)


class Subject:
    """One approach on one project."""

    def __init__(self, setting: Setting, project: Project, approach: Approach) -> None:
        self.approach = approach
        self.measured = {kind: Measurement() for kind in Kind}
        self._setting = setting
        self._project = project
        self._copy: WorkingCopy = working_copy(approach, project, setting.scratch, setting.frontend)
        self._label = f"{project.name}-{approach.name}"
        self._world = ""
        name = f"bench/{setting.started}/{self._label}"
        self._repository = Repository(setting.registry, name)
        self._unedited = ""

    @property
    def image(self) -> str:
        return self._repository.image

    def prepare(self) -> None:
        """Pushes the base image, which a real registry usually has already."""
        self._repository.push_as_well(docker.BASE)

    def cold(self, repetition: int) -> None:
        """Builds without any cache of steps or package managers."""
        self.clean_up()
        self._world = f"bench-{self._setting.nonce()}"
        seconds = self._build(Kind.COLD, repetition, "--no-cache")
        self._check(Edit({}))
        self._add(Kind.COLD, seconds)

    def settle(self) -> None:
        """Builds the unedited project, which every edit starts from."""
        self._build_unedited()
        self._unedited = docker.image_id(self.image)
        self._repository.push()

    def edit(self, kind: Kind, repetition: int) -> None:
        """Measures one edit, then rebuilds the unedited project."""
        edit = edits.make(kind, self._copy, self._setting.nonce(), repetition)
        self._copy.write(edit.files)
        seconds = self._build(kind, repetition)
        self._check(edit)
        self._add(kind, seconds)
        edited = docker.image_id(self.image)
        self._copy.restore()
        self._build_unedited()
        if docker.image_id(self.image) != self._unedited:
            raise Failure(
                f"{self._label}: the image of the unedited project has changed after `{kind.value}`:"
                " the engine removed cached steps, or another process built the same steps"
            )
        if edited != self._unedited:
            docker.remove_image(edited)

    def result(self) -> ApproachResult:
        return ApproachResult(
            self.approach.name,
            self.approach.title,
            self.approach.ours,
            docker.image_size(self.image),
            docker.byte_code_size(self.image),
            self.measured,
        )

    def clean_up(self) -> None:
        """Removes the images and the cache mounts of this approach."""
        self._drop_cache_mounts()
        docker.forget_repository(self.image)

    def _drop_cache_mounts(self) -> None:
        if self._world:
            docker.remove_cache_mounts(self._world)

    def _build_unedited(self) -> None:
        self._build(None, 0)

    def _build(self, kind: Kind | None, repetition: int, *options: str) -> float:
        slug = kind.slug if kind else "unedited"
        log = self._setting.logs / f"{self._label}-{slug}-{repetition + 1}.log"
        options += (*self._options(), *self._own_world())
        return docker.build(
            Build(self._copy.directory, self.approach.file, self.image, options), log
        )

    def _options(self) -> Iterator[str]:
        if self._setting.mirror:
            yield f"--build-arg=PYPI_MIRROR={self._setting.mirror}"
        if not self.approach.ours:
            yield f"--build-arg=POETRY_VERSION={self._project.poetry_version()}"

    def _own_world(self) -> tuple[str, str]:
        """Options that separate the caches of this approach from those of others and of earlier runs.

        The namespace separates cache mounts. The extra host separates steps, since it is part of their cache keys. Without
        it, approaches with equal commands would share steps, and the engine would choose among several cached results.
        """
        return (
            f"--build-arg=BUILDKIT_CACHE_MOUNT_NS={self._world}",
            f"--add-host={self._world}:127.0.0.1",
        )

    def _check(self, edit: Edit) -> None:
        """Checks that the image behaves like the edited project."""
        answer = docker.answer(self.image, self._project.port)
        if edit.answer not in answer:
            raise Failure(f"{self._label} answered {answer!r} instead of {edit.answer!r}")
        if edit.module:
            docker.run_python(self.image, self.approach.python, f"import {edit.module}")

    def _add(self, kind: Kind, seconds: float) -> None:
        measurement = self.measured[kind]
        measurement.seconds.append(seconds)
        pushed = ""
        if len(measurement.seconds) == 1:
            measurement.pushed = self._repository.push()
            pushed = f", {measurement.pushed} bytes pushed"
        self._setting.say(f"{self._label}: {kind.value}: {seconds:.2f} s{pushed}")


def measure(setting: Setting, project: Project, approaches: Sequence[Approach]) -> ProjectResult:
    """Measures all approaches on one project."""
    subjects = [Subject(setting, project, approach) for approach in approaches]
    try:
        for subject in subjects:
            subject.prepare()
        _rounds(setting, Kind.COLD, subjects, Subject.cold)
        for subject in subjects:
            subject.settle()
        for kind in Kind:
            if kind is not Kind.COLD:
                _rounds(setting, kind, subjects, _editing(kind))
        results = [subject.result() for subject in subjects]
    finally:
        for subject in subjects:
            subject.clean_up()
    return ProjectResult(project.name, project.title, project.locked(), results)


def machine(setting: Setting, projects: Sequence[Project]) -> dict[str, str]:
    """The conditions that the figures depend on."""
    poetry = sorted({project.poetry_version() for project in projects})
    return {
        "cores": str(os.cpu_count()),
        **docker.versions(),
        "Poetry": ", ".join(poetry),
        "base image": docker.BASE,
        "repetitions": ", ".join(
            f"{kind.repeats(setting.repeats, setting.cold_repeats)} of {kind.value}"
            for kind in Kind
        ),
    }


def _editing(kind: Kind) -> Callable[[Subject, int], None]:
    return lambda subject, repetition: subject.edit(kind, repetition)


def _rounds(
    setting: Setting,
    kind: Kind,
    subjects: list[Subject],
    measure_one: Callable[[Subject, int], None],
) -> None:
    for repetition in range(kind.repeats(setting.repeats, setting.cold_repeats)):
        first = repetition % len(subjects)
        for subject in subjects[first:] + subjects[:first]:
            measure_one(subject, repetition)
