"""The sequence of measurements: every approach cold, then every edit from the cached, unedited project, then the start of
a container, then cold again, and last, where the engine may be emptied, a fresh CI runner.

Cold builds are repeated after the edits: each leaves equal steps with different files, and an edit would be built from
any of them.

Approaches take turns, and each round starts with another one, so that other load on the machine affects all of them
alike.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import docker, edits, uv
from .approaches import Approach, Images, working_copy
from .docker import Build
from .edits import Edit, Kind
from .errors import Failure
from .projects import Project, WorkingCopy
from .registry import Downloads, Repository
from .results import ApproachResult, FreshBuild, Measurement, ProjectResult
from .uv import Uv

_PUSHED = "--output=type=image,push=true,store=false,unpack=false"
FRESH_WAYS = {"loaded": (), "pushed": (_PUSHED,)}
"""What happens to the image that a fresh runner builds, with the options for it. A builder in a container, which runners
usually have, pushes without storing and unpacking the image."""


@dataclass(frozen=True)
class Setting:
    """Settings of all builds of a run."""

    images: Images
    registry: str
    mirror: str
    repeats: int
    cold_repeats: int
    scratch: Path
    logs: Path
    say: Callable[[str], None]
    uv: Uv | None = None
    registry_log: Path | None = None
    """The registry's access log. Only given if the engine may be emptied."""
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
        self._copy: WorkingCopy = working_copy(
            approach,
            project,
            setting.scratch,
            setting.images,
            setting.uv.lock if setting.uv else None,
        )
        self._start: list[float] = []
        self._fresh: dict[str, FreshBuild] = {}
        self._base = 0
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
        self._base = self._repository.push_as_well(docker.BASE)

    def cold(self, repetition: int) -> None:
        """Builds without any cache of steps or package managers."""
        self.clean_up()
        self._world = f"bench-{self._setting.nonce()}"
        seconds = self._build(self._log(Kind.COLD.slug, repetition), "--no-cache")
        self._check(Edit({}))
        self._add(Kind.COLD, seconds)

    def settle(self) -> None:
        """Builds the unedited project, which every edit starts from, after an edit whose image stays.

        Layers that edits of this project share would otherwise be unpacked anew by the first edit that has them.
        """
        edit = edits.make(Kind.SOURCE, self._copy, self._setting.nonce(), 0)
        self._copy.write(edit.files)
        self._build(self._log("first", 0))
        docker.docker("tag", self.image, f"{self.image}:first")
        self._copy.restore()
        self._build_unedited()
        self._unedited = docker.image_id(self.image)
        # Otherwise, the engine would remove its layers while an edited image has its name.
        docker.docker("tag", self.image, f"{self.image}:unedited")
        self._repository.push()

    def edit(self, kind: Kind, repetition: int) -> None:
        """Measures one edit, then rebuilds the unedited project."""
        edit = edits.make(kind, self._copy, self._setting.nonce(), repetition)
        self._copy.write(edit.files)
        seconds = self._build(self._log(kind.slug, repetition))
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

    def start(self, _repetition: int) -> None:
        """Measures the time until a container of the image answers."""
        seconds = docker.seconds_to_answer(self.image, self._project.port)
        self._start.append(seconds)
        self._setting.say(f"{self._label}: docker run: {seconds:.2f} s")

    def export_cache(self) -> None:
        """Exports the cache of the unedited project to the registry."""
        log = self._log("export", 0)
        self._build(log, f"--cache-to=type=registry,ref={self._cache},mode=max")

    def fresh(self, way: str, registry_log: Path, repetition: int) -> None:
        """Empties the engine, and measures a build with one more package and the exported cache."""
        edit = edits.make(Kind.MAIN, self._copy, self._setting.nonce(), 0)
        self._copy.write(edit.files)
        if self._setting.uv:
            self._setting.uv.close()
        docker.empty_engine()
        downloads = Downloads(registry_log)
        cache = f"--cache-from=type=registry,ref={self._cache}"
        log = self._log(f"fresh-{way}", repetition)
        seconds = self._build(log, cache, *FRESH_WAYS[way])
        pulled, from_elsewhere = downloads.pulled(), downloads.from_elsewhere()
        self._copy.restore()
        if pulled < self._base:
            raise Failure(
                f"{self._label}: a fresh runner pulled {pulled} bytes, less than its base image has:"
                " the engine was not empty"
            )
        if way == "pushed":
            docker.docker("pull", "--quiet", self.image)
        self._check(edit)
        build = self._fresh.setdefault(way, FreshBuild([], pulled, from_elsewhere))
        build.seconds.append(seconds)
        self._setting.say(
            f"{self._label}: fresh runner, {way}: {seconds:.2f} s, {pulled} bytes pulled,"
            f" {from_elsewhere} from elsewhere"
        )

    def forget_fresh(self) -> None:
        """Drops the figures of the fresh runner, of which some are missing."""
        self._fresh.clear()

    def result(self) -> ApproachResult:
        return ApproachResult(
            self.approach.name,
            self.approach.title,
            self.approach.ours,
            *docker.sizes(self.image),
            self.measured,
            self._start,
            self._fresh,
        )

    def clean_up(self) -> None:
        """Removes the images and the cache mounts of this approach."""
        self._drop_cache_mounts()
        docker.forget_repository(self.image)

    def _drop_cache_mounts(self) -> None:
        if self._world:
            docker.remove_cache_mounts(self._world)

    @property
    def _cache(self) -> str:
        return f"{self.image}-cache"

    def _build_unedited(self) -> None:
        self._build(self._log("unedited", 0))

    def _log(self, name: str, repetition: int) -> Path:
        return self._setting.logs / f"{self._label}-{name}-{repetition + 1}.log"

    def _build(self, log: Path, *options: str) -> float:
        options += (*self._options(), *self._own_world())
        return docker.build(
            Build(self._copy.directory, self.approach.file, self.image, options), log
        )

    def _options(self) -> Iterator[str]:
        if self._setting.mirror:
            yield f"--build-arg=PYPI_MIRROR={self._setting.mirror}"
        if not self.approach.ours and not self.approach.uv:
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
    pull(setting.images)
    subjects = [Subject(setting, project, approach) for approach in approaches]
    try:
        for subject in subjects:
            subject.prepare()
        _rounds(range(1), subjects, Subject.cold)
        for subject in subjects:
            subject.settle()
        for kind in Kind:
            if kind is not Kind.COLD:
                repeats = kind.repeats(setting.repeats, setting.cold_repeats)
                _rounds(range(repeats), subjects, _editing(kind))
        _rounds(range(setting.repeats), subjects, Subject.start)
        _rounds(range(1, setting.cold_repeats), subjects, Subject.cold)
        results = [subject.result() for subject in subjects]
        if setting.registry_log and project.fresh_runner and docker.store() == "containerd":
            # Last, since it removes the images. It adds to the results.
            _fresh_runner(setting, setting.registry_log, subjects)
    finally:
        for subject in subjects:
            subject.clean_up()
    return ProjectResult(project.name, project.title, project.locked(), results)


def pull(images: Images) -> None:
    """Pulls what every build needs, so that no measurement includes it."""
    for image in (docker.BASE, images.frontend, images.dockerfile, images.uv):
        if image:
            docker.docker("pull", "--quiet", image)


def machine(setting: Setting, projects: Sequence[Project]) -> dict[str, str]:
    """The conditions that the figures depend on."""
    poetry = sorted({project.poetry_version() for project in projects})
    return {
        "cores": str(os.cpu_count()),
        **docker.versions(),
        "Dockerfile frontend": without_registry(setting.images.dockerfile) or "built-in",
        "Poetry": ", ".join(poetry),
        **({"uv": uv.version()} if setting.uv else {}),
        "base image": docker.BASE,
        "repetitions": ", ".join(
            f"{kind.repeats(setting.repeats, setting.cold_repeats)} of {kind.value}"
            for kind in Kind
        ),
    }


def without_registry(image: str) -> str:
    """An image's name without the registry that it came from."""
    return "/".join(image.split("/")[-2:])


def _editing(kind: Kind) -> Callable[[Subject, int], None]:
    return lambda subject, repetition: subject.edit(kind, repetition)


def _fresh(way: str, registry_log: Path) -> Callable[[Subject, int], None]:
    return lambda subject, repetition: subject.fresh(way, registry_log, repetition)


def _fresh_runner(setting: Setting, registry_log: Path, subjects: list[Subject]) -> None:
    subjects = [subject for subject in subjects if subject.approach.fresh]
    try:
        for subject in subjects:
            subject.export_cache()
        for way in FRESH_WAYS:
            _rounds(range(setting.cold_repeats), subjects, _fresh(way, registry_log))
    except Failure as failure:
        # The other figures took an hour.
        setting.say(f"the fresh runner is not measured: {failure}")
        for subject in subjects:
            subject.forget_fresh()


def _rounds(
    repetitions: range, subjects: list[Subject], measure_one: Callable[[Subject, int], None]
) -> None:
    for repetition in repetitions:
        first = repetition % len(subjects)
        for subject in subjects[first:] + subjects[:first]:
            measure_one(subject, repetition)
