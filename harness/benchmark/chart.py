"""The results as a chart: bars on a logarithmic scale, one panel a project."""

from collections.abc import Iterator
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from .edits import Kind
from .results import ApproachResult, ProjectResult, Results

_WIDTH = 860
_LEFT = 186
_RIGHT = 130
_TOP = 64
_BAR = 12
_GAP = 14
_PANEL_HEAD = 60
_PANEL_FOOT = 26

# The background is painted, so that the text is legible wherever the chart is shown; a viewer that knows of dark pages
# gets another set of colours. The frontend's bars have the strong ones.
_STYLE = """
text { font: 11px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #424a53 }
.title { font-size: 17px; font-weight: 600; fill: #1f2328 }
.panel { font-size: 14px; font-weight: 600; fill: #1f2328 }
.kind { font-size: 13px; fill: #1f2328 }
.value { font-size: 10px; paint-order: stroke; stroke: #ffffff; stroke-width: 3px }
.ours { font-weight: 600; fill: #1f2328 }
.page { fill: #ffffff }
.grid { stroke: #d8dee4; stroke-width: 1 }
.bar0 { fill: #c4ccd4 }
.bar1 { fill: #9ea9b5 }
.bar2 { fill: #76838f }
.bar3 { fill: #0a7d6c }
.bar4 { fill: #35b39d }
@media (prefers-color-scheme: dark) {
text { fill: #aab4be }
.title, .panel, .kind, .ours { fill: #f0f6fc }
.page { fill: #0d1117 }
.value { stroke: #0d1117 }
.grid { stroke: #30363d }
.bar0 { fill: #3d4650 }
.bar1 { fill: #59646f }
.bar2 { fill: #7a8692 }
.bar3 { fill: #2fc4a9 }
.bar4 { fill: #15816f }
}
"""


class _Scale:
    """Seconds to pixels, logarithmically between two round numbers."""

    def __init__(self, shortest: float, longest: float) -> None:
        # The shortest bar has a length too.
        self._low = shortest * 0.6
        self._high = longest

    def __call__(self, seconds: float) -> float:
        share = log10(seconds / self._low) / log10(self._high / self._low)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def ticks(self) -> Iterator[float]:
        for power in range(floor(log10(self._low)), ceil(log10(self._high)) + 1):
            for step in (1, 2, 5):
                tick = step * 10.0**power
                if self._low <= tick <= self._high:
                    yield tick


def svg(results: Results) -> str:
    """Draws all projects, one below the other on one scale."""
    every = [
        one.seconds(kind)
        for project in results.projects
        for one in project.approaches
        for kind in Kind
    ]
    scale = _Scale(min(every), max(every))
    parts: list[str] = []
    top = _TOP
    for project in results.projects:
        parts += _panel(project, scale, top)
        top += _panel_height(project)
    return "\n".join([*_head(top), *parts, "</svg>", ""])


def _head(height: int) -> list[str]:
    label = "Seconds of docker buildx build after each edit, by approach"
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
        f' height="{height}" role="img" aria-label="{label}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{height}" rx="8"/>',
        _text(20, 32, "Build time in seconds after each edit", "title"),
        _text(20, 52, "median wall time of docker buildx build, logarithmic scale", ""),
    ]


def _panel_height(project: ProjectResult) -> int:
    return _PANEL_HEAD + len(Kind) * _group_height(project) + _PANEL_FOOT


def _group_height(project: ProjectResult) -> int:
    return len(project.approaches) * _BAR + _GAP


def _panel(project: ProjectResult, scale: _Scale, top: int) -> Iterator[str]:
    bottom = top + _panel_height(project) - _PANEL_FOOT
    packages = f"{project.locked} locked package{'' if project.locked == 1 else 's'}"
    yield _text(20, top + 26, f"{project.title}, {packages}", "panel")
    for tick in scale.ticks():
        x = f"{scale(tick):.1f}"
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{top + _PANEL_HEAD - 8}" y2="{bottom - 6}"/>'
        yield _text(x, top + _PANEL_HEAD - 12, f"{tick:g} s", "", anchor="middle")
    for number, kind in enumerate(Kind):
        y = top + _PANEL_HEAD + number * _group_height(project)
        yield _text(
            _LEFT - 12, y + _group_height(project) / 2 - 3, kind.value, "kind", anchor="end"
        )
        for place, approach in enumerate(project.approaches):
            yield from _bar(approach, kind, scale, place, y + place * _BAR)


def _bar(approach: ApproachResult, kind: Kind, scale: _Scale, place: int, y: int) -> Iterator[str]:
    seconds = approach.seconds(kind)
    end = scale(seconds)
    yield (
        f'<rect class="bar{place}" x="{_LEFT}" y="{y}" width="{end - _LEFT:.1f}" height="{_BAR - 2}">'
        f"<title>{escape(approach.title)}, {escape(kind.value)}: {seconds:.2f} s</title></rect>"
    )
    css = "value ours" if approach.ours else "value"
    yield _text(f"{end + 5:.1f}", y + _BAR - 3.5, f"{_short(seconds)} {approach.title}", css)


def _short(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}"


def _text(x: float | str, y: float, text: str, css: str, anchor: str = "") -> str:
    attributes = f' class="{css}"' if css else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x}" y="{y}"{attributes}>{escape(text)}</text>'
