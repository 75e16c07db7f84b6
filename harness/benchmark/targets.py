"""The frontend's targets, compared with the measurements. All are ratios of figures of one run on one engine."""

from collections.abc import Iterator
from dataclasses import dataclass

from .approaches import OURS, OURS_FETCHED, UV
from .edits import Kind
from .results import ApproachResult, EngineResult, FreshBuild, ProjectResult, Results

# The edits that change no installed package, compared with a build that changes nothing. The limits are the ratios when the
# targets were set, rounded up: on the service, 0.34 s for a source edit and 0.46 s for a version bump, against 0.17 s.
_NO_SLOWER = (
    (Kind.SOURCE, 2.0),
    (Kind.DEV, 1.2),
    (Kind.VERSION, 2.8),
    (Kind.README, 1.2),
    (Kind.COMMENT, 1.2),
)
# None of these changes the image, so they all take the same time. The fastest had the least noise: in the run that the limits
# come from, `no change` took 0.28 s, and the three others 0.17 to 0.19 s.
_REBUILD_NOTHING = (Kind.NOTHING, Kind.DEV, Kind.README, Kind.COMMENT)

# The same packages in the same versions, so that more is a mistake.
_SIZE_LIMIT = 1.01
_PUSHED_LIMIT = 0.15
# A loaded image is unpacked, layer by layer, which takes as long with every approach.
_FRESH_LIMITS = {"loaded": 0.5, "pushed": 0.4}


@dataclass(frozen=True)
class _Limits:
    """What depends on the engine's image store: layers are merged without a copy only on the containerd store."""

    main_uv: float
    main_best: float
    cold_uv: float
    merges: bool


_CONTAINERD = _Limits(main_uv=0.3, main_best=0.3, cold_uv=0.85, merges=True)
_OVERLAY2 = _Limits(main_uv=0.6, main_best=1.0, cold_uv=1.0, merges=False)


@dataclass(frozen=True)
class Verdict:
    """One target for one of our approaches on one project."""

    target: str
    project: str
    approach: str
    ours: str
    """The figure."""
    against: str
    """The figure that it is compared with, and whose it is."""
    ratio: float
    limit: float

    @property
    def met(self) -> bool:
        return self.ratio <= self.limit

    def __str__(self) -> str:
        found = f"{self.ours} is {self.ratio:.2f} times {self.against}"
        if self.ratio == float("inf"):
            found = "not measured"
        return f"{self.project}, {self.approach}: {self.target}: {found}"


def all_verdicts(results: Results) -> list[Verdict]:
    """Those of all engines."""
    return [verdict for engine in results.engines for verdict in verdicts(engine)]


def verdicts(engine: EngineResult) -> list[Verdict]:
    """Those of one engine. Without a Dockerfile or the frontend among the approaches, some or all are missing."""
    limits = _CONTAINERD if engine.name == "containerd" else _OVERLAY2
    return [
        verdict
        for project in engine.projects
        for approach in project.ours
        # It is there to be compared with the default.
        if approach.name != OURS_FETCHED.name
        for verdict in _verdicts(project, approach, limits)
    ]


def _verdicts(project: ProjectResult, ours: ApproachResult, limits: _Limits) -> Iterator[Verdict]:
    for kind, limit in _NO_SLOWER:
        yield _no_slower(project, ours, kind, limit)
    uv = project.approach(UV.name)
    if uv:
        yield _against(project, ours, Kind.MAIN, uv, "the uv guide", limits.main_uv)
        yield _against(project, ours, Kind.COLD, uv, "the uv guide", limits.cold_uv)
        yield _against_best(project, ours, Kind.MAIN, limits.main_best)
        if limits.merges:
            yield _pushed(project, ours)
            yield from _fresh_runner(project, ours, uv)
    elif project.others:
        yield _against_best(project, ours, Kind.MAIN, 1.0)
        yield _against_best(project, ours, Kind.COLD, 1.0)
    if project.others:
        yield _size(project, ours)


def _no_slower(project: ProjectResult, ours: ApproachResult, kind: Kind, limit: float) -> Verdict:
    seconds = ours.seconds(kind)
    base = min(ours.seconds(one) for one in _REBUILD_NOTHING)
    return Verdict(
        f"{kind.value}, at most {limit:g} times a build that changes nothing",
        project.name,
        ours.title,
        _seconds(seconds),
        _seconds(base),
        seconds / base,
        limit,
    )


def _against(
    project: ProjectResult,
    ours: ApproachResult,
    kind: Kind,
    other: ApproachResult,
    whose: str,
    limit: float,
) -> Verdict:
    seconds, base = ours.seconds(kind), other.seconds(kind)
    bound = "not slower than" if limit == 1 else f"at most {limit:g} times"
    return Verdict(
        f"{kind.value}, {bound} {whose}",
        project.name,
        ours.title,
        _seconds(seconds),
        f"the {_seconds(base)} of {other.title}",
        seconds / base,
        limit,
    )


def _against_best(
    project: ProjectResult, ours: ApproachResult, kind: Kind, limit: float
) -> Verdict:
    best = min(project.others, key=lambda one: one.seconds(kind))
    return _against(project, ours, kind, best, "the best Dockerfile", limit)


def _pushed(project: ProjectResult, ours: ApproachResult) -> Verdict:
    main, cold = ours.measured[Kind.MAIN].pushed, ours.measured[Kind.COLD].pushed
    return Verdict(
        f"{Kind.MAIN.value}, pushes at most {_PUSHED_LIMIT:.0%} of a cold build",
        project.name,
        ours.title,
        readable(main),
        f"the {readable(cold)} of a cold build",
        ours.pushed_share,
        _PUSHED_LIMIT,
    )


def _fresh_runner(
    project: ProjectResult, ours: ApproachResult, uv: ApproachResult
) -> Iterator[Verdict]:
    """Of the approaches that are built on a fresh runner. A missing figure is a missed target."""
    if ours.name != OURS.name:
        return
    for way, limit in _FRESH_LIMITS.items():
        measured, base = ours.fresh.get(way), uv.fresh.get(way)
        yield Verdict(
            f"fresh runner with one new package, image {way}, at most {limit:g} times the uv guide",
            project.name,
            ours.title,
            _fresh_seconds(measured),
            f"the {_fresh_seconds(base)} of {uv.title}",
            measured.median / base.median if measured and base else float("inf"),
            limit,
        )


def _fresh_seconds(build: FreshBuild | None) -> str:
    return _seconds(build.median) if build else ""


def _size(project: ProjectResult, ours: ApproachResult) -> Verdict:
    best = min(project.others, key=lambda one: one.image_without_byte_code)
    size, base = ours.image_without_byte_code, best.image_without_byte_code
    return Verdict(
        f"image without bytecode, at most {_SIZE_LIMIT:g} times the smallest Dockerfile's",
        project.name,
        ours.title,
        readable(size),
        f"the {readable(base)} of {best.title}",
        size / base,
        _SIZE_LIMIT,
    )


def readable(size: int) -> str:
    """A size as people read it."""
    if size == 0:
        return "0"
    if size < 100_000:
        return f"{size / 1e3:.1f} kB"
    if size < 1_000_000:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:.1f} MB"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"
