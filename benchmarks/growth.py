"""How refresh time and memory grow: `python -m benchmarks.growth` measures and draws docs/images/growth.svg.

Each point is a process of its own, `python -m benchmarks.pages`, with 25 entries a document.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_ENTRIES = 25
_USERS = (1_000, 10_000, 100_000)
_CHANGED = (1, 10, 100, 1_000)
_PICTURE = Path(__file__).parents[1] / "docs" / "images" / "growth.svg"
_WIDTH, _HEIGHT, _LEFT, _TOP = 280, 180, 60, 48  # of one panel's plot, and its margins
_PANEL = _WIDTH + _LEFT + 24

Series = dict[str, list[float]]


def measure(users: int, changed: int) -> dict[str, Any]:
    """Run one point; see `benchmarks.pages.measure`."""
    numbers = ["--users", users, "--changed", changed, "--entries", _ENTRIES]
    command = [sys.executable, "-m", "benchmarks.pages", "--json", "--no-pandas", *map(str, numbers)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own module
    result: dict[str, Any] = json.loads(printed)
    print(printed.strip())
    return result


def panel(number: int, title: str, across: Sequence[float], series: Series, unit: str) -> str:
    """Draw one panel, both axes logarithmic."""
    highest = 10 ** math.ceil(math.log10(max(max(values) for values in series.values())))
    lowest = 10 ** math.floor(math.log10(min(min(values) for values in series.values())))
    parts = [f'<text x="0" y="{_TOP - 26}" class="title">{title}</text>']
    for tick in _decades(lowest, highest):
        y = _place(tick, lowest, highest, _TOP + _HEIGHT, _TOP)
        parts.append(f'<path d="M{_LEFT} {y:.1f}h{_WIDTH}" class="grid"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g} {unit}</text>')
    for value in across:
        x = _place(value, across[0], across[-1], _LEFT, _LEFT + _WIDTH)
        parts.append(f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">{value:,}</text>')
    for colour, (name, values) in enumerate(series.items()):
        parts.append(_line(colour, name, across, values, (lowest, highest)))
    return f'<g transform="translate({12 + number * _PANEL} 8)">{"".join(parts)}</g>'


def _line(colour: int, name: str, across: Sequence[float], values: Sequence[float], span: tuple[float, float]) -> str:
    points = [
        (_place(x, across[0], across[-1], _LEFT, _LEFT + _WIDTH), _place(y, *span, _TOP + _HEIGHT, _TOP))
        for x, y in zip(across, values, strict=True)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    label = f'<text x="{_LEFT + 8 + 150 * (colour % 2)}" y="{_TOP - 8}" class="name">{name}</text>'
    return f'<g class="line{colour}"><polyline points="{path}"/>{dots}{label}</g>'


def _place(value: float, lowest: float, highest: float, start: float, end: float) -> float:
    return start + (end - start) * math.log(value / lowest) / math.log(highest / lowest)


def _decades(lowest: float, highest: float) -> list[float]:
    return [lowest * 10**power for power in range(round(math.log10(highest / lowest)) + 1)]


def picture(panels: Sequence[str]) -> str:
    """Put the panels side by side; legible on light and dark pages."""
    style = (
        "text{font:12px system-ui,sans-serif;fill:#667085}.title{font-weight:600;font-size:13px;fill:#0f766e}"
        ".grid{stroke:#98a2b3;stroke-opacity:.35}polyline{fill:none;stroke-width:2}"
        ".line0 polyline{stroke:#0f766e}.line0 circle,.line0 .name{fill:#0f766e}"
        ".line1 polyline{stroke:#d97706}.line1 circle,.line1 .name{fill:#d97706}"
    )
    width, height = 12 + _PANEL * len(panels), _TOP + _HEIGHT + 44
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<title>How refresh time and memory grow</title><style>{style}</style>{''.join(panels)}</svg>\n"
    )


def main() -> None:
    """Measure all points and draw them."""
    by_users = [measure(users, 100) for users in _USERS]
    by_changed = [measure(10_000, changed)["seconds"][f"{changed} documents changed"] * 1000 for changed in _CHANGED]
    times = {
        "nothing changed": [point["seconds"]["nothing changed"] * 1000 for point in by_users],
        "100 documents changed": [point["seconds"]["100 documents changed"] * 1000 for point in by_users],
    }
    panels = [
        panel(0, "Refresh, by users", _USERS, times, "ms"),
        panel(1, "Refresh of 10,000 users, by changed documents", _CHANGED, {"one refresh": by_changed}, "ms"),
        panel(2, "Memory of the process, by users", _USERS, {"resident": [p["resident_mib"] for p in by_users]}, "MiB"),
    ]
    _PICTURE.write_text(picture(panels), encoding="utf-8")
    print(f"drawn: {_PICTURE.name}")


if __name__ == "__main__":
    main()
