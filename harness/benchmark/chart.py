"""The service's build times as a chart: bars on a linear scale, with names that need no explanation."""

from collections.abc import Iterator
from math import floor, log10
from xml.sax.saxutils import escape

from .approaches import FINAL, MULTI_STAGE, OURS, SIMPLE, UV
from .edits import Kind
from .errors import Failure
from .results import ApproachResult, Results

# The approaches, from top to bottom in each group.
_NAMES = {
    OURS.name: "poetry-frontend",
    UV.name: "Dockerfile with uv, from uv's guide",
    FINAL.name: "Dockerfile with Poetry, several stages and a cache",
    MULTI_STAGE.name: "Dockerfile with Poetry, several stages",
    SIMPLE.name: "Dockerfile with Poetry, one stage",
}
_ROWS = {
    Kind.SOURCE: ("Edit a source file", ""),
    Kind.MAIN: ("Add a dependency", ""),
    Kind.DEV: ("Add a development", "dependency"),
    Kind.VERSION: ("Bump the version", ""),
    Kind.COLD: ("First build,", "nothing cached"),
}

_WIDTH = 860
_LEFT = 170
_RIGHT = 60
_TOP = 152
_BAR = 15
_GAP = 18
_FOOT = 14
_LEGEND_COLUMN = 400

# The background is painted, so that the text is legible on any page. The frontend's bars have the strongest colour.
_STYLE = """
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #424a53 }
.title { font-size: 17px; font-weight: 600; fill: #1f2328 }
.kind { font-size: 13px; fill: #1f2328 }
.value { font-size: 11px }
.ours { font-weight: 600; fill: #1f2328 }
.page { fill: #ffffff }
.grid { stroke: #d8dee4; stroke-width: 1 }
.bar0 { fill: #0a7d6c }
.bar1 { fill: #6d5bb5 }
.bar2 { fill: #76838f }
.bar3 { fill: #9ea9b5 }
.bar4 { fill: #c4ccd4 }
@media (prefers-color-scheme: dark) {
text { fill: #aab4be }
.title, .kind, .ours { fill: #f0f6fc }
.page { fill: #0d1117 }
.grid { stroke: #30363d }
.bar0 { fill: #2fc4a9 }
.bar1 { fill: #a594f0 }
.bar2 { fill: #7a8692 }
.bar3 { fill: #59646f }
.bar4 { fill: #3d4650 }
}
"""


class _Scale:
    """Seconds to pixels, from zero."""

    def __init__(self, longest: float) -> None:
        self._longest = longest

    def __call__(self, seconds: float) -> float:
        return _LEFT + seconds / self._longest * (_WIDTH - _LEFT - _RIGHT)

    def ticks(self) -> Iterator[float]:
        """Four to eight round numbers, from zero."""
        power = 10.0 ** floor(log10(self._longest))
        step = next(power * part for part in (0.2, 0.5, 1, 2) if self._longest / (power * part) < 8)
        number = 0
        while number * step <= self._longest:
            yield number * step
            number += 1


def svg(results: Results) -> str:
    """Draws the service, on the engine that the README's sentence is about."""
    engine = results.headline
    project = engine.project("service") if engine else None
    if not engine or not project:
        raise Failure("the chart needs results of the service")
    approaches = [one for one in map(project.approach, _NAMES) if one]
    scale = _Scale(max(one.seconds(kind) for one in approaches for kind in _ROWS))
    group = len(approaches) * _BAR + _GAP
    height = _TOP + len(_ROWS) * group + _FOOT
    caption = f"A service with {project.locked} locked packages. Seconds of docker buildx build, {engine.title}."
    return "\n".join(
        [
            *_head(height, caption),
            *_legend(approaches),
            *_grid(scale, height),
            *(
                part
                for number, kind in enumerate(_ROWS)
                for part in _group(approaches, kind, scale, _TOP + number * group)
            ),
            "</svg>",
            "",
        ]
    )


def _head(height: int, caption: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
        f' height="{height}" role="img" aria-label="Build time of a service after each edit">',
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{height}" rx="8"/>',
        _text(20, 32, "How long a build takes after each edit", "title"),
        _text(20, 52, caption, ""),
    ]


def _legend(approaches: list[ApproachResult]) -> Iterator[str]:
    for place, approach in enumerate(approaches):
        x, y = 20 + place % 2 * _LEGEND_COLUMN, 68 + place // 2 * 18
        yield f'<rect class="bar{place}" x="{x}" y="{y}" width="12" height="12"/>'
        yield _text(x + 18, y + 10.5, _NAMES[approach.name], "ours" if approach.ours else "")


def _grid(scale: _Scale, height: int) -> Iterator[str]:
    for tick in scale.ticks():
        x = f"{scale(tick):.1f}"
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{height - _FOOT}"/>'
        yield _text(x, _TOP - 14, f"{tick:g} s", "", anchor="middle")


def _group(approaches: list[ApproachResult], kind: Kind, scale: _Scale, top: int) -> Iterator[str]:
    lines = [line for line in _ROWS[kind] if line]
    middle = top + len(approaches) * _BAR / 2
    for number, line in enumerate(lines):
        y = middle + 4 + (number - (len(lines) - 1) / 2) * 16
        yield _text(_LEFT - 12, y, line, "kind", anchor="end")
    for place, approach in enumerate(approaches):
        yield from _bar(approach, kind, scale, place, top + place * _BAR)


def _bar(approach: ApproachResult, kind: Kind, scale: _Scale, place: int, y: int) -> Iterator[str]:
    seconds = approach.seconds(kind)
    end = scale(seconds)
    row = " ".join(_ROWS[kind]).strip()
    yield (
        f'<rect class="bar{place}" x="{_LEFT}" y="{y}" width="{end - _LEFT:.1f}" height="{_BAR - 2}">'
        f"<title>{escape(_NAMES[approach.name])}, {escape(row)}: {seconds:.2f} s</title></rect>"
    )
    css = "value ours" if approach.ours else "value"
    yield _text(f"{end + 5:.1f}", y + _BAR - 4.5, _short(seconds), css)


def _short(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"


def _text(x: float | str, y: float, text: str, css: str, anchor: str = "") -> str:
    attributes = f' class="{css}"' if css else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x}" y="{y}"{attributes}>{escape(text)}</text>'
