"""Numbers, durations and names as people read them on the screen. In: plain values. Out: text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from insole.blocks import Side
from insole.pipeline import METRIC_BY_NAME

DASH = "—"
MINUS = "−"
_DIGITS = {"BW/s": 1, "BW": 2, "BW·s": 3, "BW s": 3, "s": 2, "kPa s": 1, "kN/m": 1}

SHORT_NAMES = {  # in place of the table's title, or of what is no metric of one contact
    "fti_rel_pct_heel": "Heel share",
    "cpei_pct": "COP excursion",
    "cadence_spm": "Cadence",
}


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How the user's locale writes numbers; files never use it."""

    decimal: str = "."
    group: str = "\N{NARROW NO-BREAK SPACE}"

    def number(self, value: float, digits: int) -> str:
        """Rounded to `digits` decimals, thousands apart, with a true minus; a dash for NaN and infinity."""
        if not math.isfinite(value):
            return DASH
        text = f"{abs(value):,.{digits}f}".replace(",", "\0").replace(".", self.decimal).replace("\0", self.group)
        negative = value < 0 and any(c in "123456789" for c in text)
        return MINUS + text if negative else text

    def signed(self, value: float, digits: int) -> str:
        """Like `number`, with a plus where it is positive."""
        text = self.number(value, digits)
        return f"+{text}" if value >= 0 and text != DASH else text

    def half_width(self, low: float, high: float, digits: int) -> str:
        """'± 6.1'; what would be rounded to ± 0 is one of the last digit; empty without an interval."""
        half = (high - low) / 2
        return f"± {self.number(max(half, 10.0**-digits), digits)}" if math.isfinite(half) else ""

    def localised(self, text: str) -> str:
        """A ready sentence with its decimal points as the locale writes them."""
        return text if self.decimal == "." else re.sub(r"(?<=\d)\.(?=\d)", self.decimal, text)


def digits_of(unit: str) -> int:
    """Decimals that a value of this unit is shown with."""
    return _DIGITS.get(unit, 0)


def clock(seconds: float) -> str:
    """'18:42', '1:02:05': session time."""
    whole = max(0, math.floor(seconds + 1e-9)) if math.isfinite(seconds) else 0
    hours, rest = divmod(whole, 3600)
    minutes, s = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{s:02d}" if hours else f"{minutes}:{s:02d}"


def duration(seconds: float) -> str:
    """'45 s', '2 min 10 s', '6 min', '1 h 5 min'."""
    whole = max(0, math.floor(seconds + 1e-9)) if math.isfinite(seconds) else 0
    if whole < 60:
        return f"{whole} s"
    minutes, s = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {s} s" if s else f"{minutes} min"
    hours, m = divmod(minutes, 60)
    return f"{hours} h {m} min" if m else f"{hours} h"


def first_sentence(text: str) -> str:
    """Up to the first full stop that is followed by a space; the whole text without one."""
    head, stop, _ = text.partition(". ")
    return f"{head}." if stop else text


def sentence(text: str) -> str:
    """With a capital letter at the front and a full stop at the end."""
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


def plural(count: int, noun: str) -> str:
    """'1 watch flag', '3 watch flags'."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def metric_name(metric: str) -> str:
    """Short name of a metric for a title; the column's own name, made readable, for one without."""
    if metric in SHORT_NAMES or metric not in METRIC_BY_NAME:
        return SHORT_NAMES.get(metric, metric.replace("_", " ").capitalize())
    return METRIC_BY_NAME[metric].title


def side_name(side: Side | None) -> str:
    """'Left', 'Right', 'Belt', or 'Both feet'."""
    return "Both feet" if side is None else side.label.capitalize()


def letter(side: Side) -> str:
    """'L' or 'R'."""
    return "L" if side == Side.LEFT else "R"
