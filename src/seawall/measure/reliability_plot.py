"""The reliability diagram: what scores said against what was so, as a picture in a file of its own (SVG).

A dot is a tenth of the scores, its size how many accounts are in it; on the dashed line a score of .7 would mean that
seven of ten are supporters (Murphy and Winkler 1977). No interval is drawn: the same accounts come in many splits.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from seawall.measure.metrics import Bin

_SIDE, _GAP, _TOP, _LEFT = 260, 70, 46, 60
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.axis,.even{stroke:#666;fill:none}.even{stroke-dasharray:4 4}"
    ".dot{fill:#1a5fb4;fill-opacity:.75}"
    "@media(prefers-color-scheme:dark){svg{background:#16181d}text{fill:#eee}.axis,.even{stroke:#aaa}.dot{fill:#78aeed}}"
)


def reliability_svg(panels: Sequence[tuple[int, Sequence[Bin]]]) -> str:
    """One panel for each number of posts a side."""
    width = _LEFT + len(panels) * (_SIDE + _GAP)
    height = _TOP + _SIDE + 56
    said = "; ".join(_said(k, bins) for k, bins in panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">Reliability of the score</title><desc id="desc">{said}</desc><style>{_STYLE}</style>',
        *(_panel(_LEFT + place * (_SIDE + _GAP), k, bins) for place, (k, bins) in enumerate(panels)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _said(k: int, bins: Sequence[Bin]) -> str:
    rows = (f"score {b.mean_score:.2f}: {b.positive_share:.1%} of {b.accounts}" for b in bins)
    return f"K = {k}: " + ", ".join(rows)


def _panel(left: int, k: int, bins: Sequence[Bin]) -> str:
    bottom = _TOP + _SIDE
    most = max((b.accounts for b in bins), default=1)
    lines = [
        f'<text x="{left}" y="{_TOP - 18}">K = {k}</text>',
        f'<rect class="axis" x="{left}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}"/>',
        f'<path class="even" d="M{left} {bottom}L{left + _SIDE} {_TOP}"/>',
        f'<text x="{left}" y="{bottom + 40}">mean score</text>',
        f'<text x="{left - 44}" y="{_TOP - 18}">share</text>',
    ]
    for tenth in (0.0, 0.5, 1.0):
        lines.append(f'<text x="{left + tenth * _SIDE:.0f}" y="{bottom + 20}" text-anchor="middle">{tenth:g}</text>')
        lines.append(f'<text x="{left - 8}" y="{bottom - tenth * _SIDE + 4:.0f}" text-anchor="end">{tenth:g}</text>')
    for b in bins:
        x, y = left + b.mean_score * _SIDE, bottom - b.positive_share * _SIDE
        size = 3 + 11 * sqrt(b.accounts / most)
        lines.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"><title>score {b.mean_score:.2f}: '
            f"{b.positive_share:.1%} of {b.accounts}</title></circle>"
        )
    return "\n".join(lines)
