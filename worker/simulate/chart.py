"""Delay against budget as a picture: one line for each policy, both axes logarithmic."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 440, 70, 130, 40, 50
_COLOURS = ("#0b6e4f", "#8a8d91", "#c8553d", "#3d5a98", "#b08900", "#7b4fa3", "#222222")

Line = Sequence[tuple[float, float]]


def delay_chart(lines: Mapping[str, Line]) -> str:
    """An SVG of (polls for each feed and hour, mean delay in minutes), all above 0, by policy."""
    points = [point for line in lines.values() for point in line]
    xs, ys = sorted({x for x, _ in points}), [y for _, y in points]
    across = _scale(xs[0], xs[-1], _LEFT, _WIDTH - _RIGHT)
    down = _scale(min(ys), max(ys), _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        _text(_LEFT, 22, "Mean delay (minutes) by budget (polls for each feed and hour)"),
    ]
    for x in xs:
        at = _place(across, x)
        parts.append(f'<path d="M{at} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#eee"/>')
        parts.append(_text(at - 8, _HEIGHT - _BOTTOM + 20, f"{x:g}"))
    for y in _marks(min(ys), max(ys)):
        at = _place(down, y)
        parts.append(f'<path d="M{_LEFT} {at}H{_WIDTH - _RIGHT}" stroke="#eee"/>')
        parts.append(_text(_LEFT - 40, at + 4, f"{y:g}"))
    for n, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[n % len(_COLOURS)]
        path = " ".join(f"{_place(across, x)},{_place(down, y)}" for x, y in sorted(line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(_WIDTH - _RIGHT + 12, _TOP + 18 * n + 10, name, colour))
    return "\n".join([*parts, "</svg>", ""])


def _scale(low: float, high: float, start: float, end: float) -> tuple[float, float]:
    span = math.log(high / low) or 1.0
    slope = (end - start) / span
    return start - slope * math.log(low), slope


def _place(scale: tuple[float, float], value: float) -> float:
    return round(scale[0] + scale[1] * math.log(value), 1)


def _marks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [k * 10.0**n for n in decades for k in (1, 2, 5) if low <= k * 10.0**n <= high]


def _text(x: float, y: float, text: str, colour: str = "#333") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}">{escape(text)}</text>'
