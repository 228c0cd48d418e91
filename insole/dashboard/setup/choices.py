"""What a person chooses before a session, and what it means: a SOURCE, a runner, a file. No Qt.

In: texts as they are typed. Out: `Choices` with plain values, or a few clear words on what is wrong with a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from insole.settings import HEIGHT_RANGE_M, INCLINE_RANGE_PCT, MASS_RANGE_KG, SPEED_RANGE_M_S, Runner
from insole.sources import SCHEMES

KM_H = 1 / 3.6
TRY_OUT = "synthetic:?fit=1"
LIVE = tuple(scheme for scheme in SCHEMES if scheme != "replay")
PROFILED = tuple(scheme for scheme in LIVE if scheme != "synthetic")  # may need to be told which insole it is
_OPTIONS = {"code": "runner", "body_mass_kg": "mass", "shoe": "shoe"}  # of live sources
_SYNTHETIC_NAMES = {"body_mass_kg": "mass", "height_m": "height", "speed_m_s": "running_speed"}
_SYNTHETIC_SPEED_M_S = (1.5, 7.0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a person may enter: label, unit, range as shown; times `factor` it is what is kept."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    factor: float = 1.0

    def shown(self, value: float | None) -> str:
        """The text of a value; empty where it is unknown."""
        return "" if value is None else f"{round(value / self.factor, 2):g}"

    def read(self, text: str) -> float | None:
        """The value of a text, None for an empty one.

        Raises
        ------
        ValueError
            Says what was expected.
        """
        text = text.strip().replace(",", ".")
        if not text:
            return None
        wanted = f"expected {self.low:g} to {self.high:g} {self.unit}"
        try:
            number = float(text)
        except ValueError:
            raise ValueError(f"'{text}' is no number: {wanted}") from None
        if not self.low <= number <= self.high:
            raise ValueError(f"{number:g} {self.unit}: {wanted}")
        return number * self.factor


QUANTITIES = (
    Quantity("body_mass_kg", "Body mass", "kg", *MASS_RANGE_KG),
    Quantity("height_m", "Height", "cm", HEIGHT_RANGE_M[0] * 100, HEIGHT_RANGE_M[1] * 100, 0.01),
    Quantity("speed_m_s", "Treadmill speed", "km/h", 0.5, SPEED_RANGE_M_S[1] // KM_H, KM_H),
    Quantity("incline_pct", "Incline", "%", *INCLINE_RANGE_PCT),
)
TEXTS = (("code", "Runner code"), ("shoe", "Shoe"), ("notes", "Notes"))


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything chosen; the empty text and None mean that it is not known."""

    source: str = ""
    device: str = ""  # profile; empty: the insole says itself what it is
    feet: str = "both"
    swap_feet: bool = False  # each insole is on the foot that it does not say
    code: str = ""
    body_mass_kg: float | None = None
    height_m: float | None = None
    shoe: str = ""
    notes: str = ""
    speed_m_s: float | None = None
    incline_pct: float | None = None
    record: bool = True
    folder: str = ""

    @property
    def scheme(self) -> str:
        """Which kind of source; empty where the text names none."""
        scheme, colon, _ = self.source.partition(":")
        return scheme if colon and scheme in SCHEMES else ""

    @property
    def target(self) -> str:
        """The source without its scheme and options: for a file its path."""
        text = self.source.partition(":")[2] if self.scheme else self.source
        return text.partition("?")[0].strip() if self.scheme else text.strip()

    @property
    def live(self) -> bool:
        """Whether the source is measured now, so that there is something to check and to record."""
        return self.scheme in LIVE

    @property
    def urls(self) -> list[str]:
        """The sources to open, with the profile and what a synthetic runner is to be like."""
        if self.scheme not in LIVE:
            return [self.source.strip()]  # the name of a file may hold spaces
        return [self._completed(url) for url in self.source.split()]

    def _completed(self, url: str) -> str:
        scheme, _, rest = url.partition(":")
        target, _, query = rest.partition("?")
        options = dict(part.partition("=")[::2] for part in query.split("&") if part)
        if scheme in PROFILED and self.device and "device" not in options and "lines" not in options:
            options["device"] = self.device
            options.setdefault("feet", self.feet)
        if scheme == "synthetic":
            for name, option in _SYNTHETIC_NAMES.items():
                value: float | None = getattr(self, name)
                if name == "speed_m_s" and value is not None and not _fits(value, _SYNTHETIC_SPEED_M_S):
                    continue
                if value is not None:
                    options.setdefault(option, f"{value:g}")
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"{scheme}:{target}?{query}" if query else f"{scheme}:{target}"

    def with_source(self, source: str) -> Choices:
        """The same for another source: its insoles are worn as they say, and who runs in a file is not known yet."""
        if source == self.source:
            return self
        other = replace(self, source=source, swap_feet=False)
        return other if other.live else other.with_runner({})[0]

    def with_source_options(self) -> Choices:
        """What is still unknown of the runner, where the source's own options say it."""
        texts = self.runner_texts()
        for url in self.source.split() if self.live else ():
            options = dict(part.partition("=")[::2] for part in url.partition("?")[2].split("&") if part)
            for name, option in _OPTIONS.items():
                texts[name] = texts[name] or options.get(option, "")
        return self.with_runner(texts)[0]

    @property
    def runner(self) -> Runner:
        """The runner of the session's header."""
        return Runner(
            code=self.code,
            body_mass_kg=self.body_mass_kg,
            height_m=self.height_m,
            shoe=self.shoe,
            speed_m_s=self.speed_m_s,
            incline_pct=self.incline_pct,
        )

    def with_runner(self, texts: Mapping[str, str]) -> tuple[Choices, dict[str, str]]:
        """These choices with the runner of a form, and what is wrong, by the name of the field.

        A field with something wrong is taken as unknown.
        """
        values: dict[str, Any] = {name: texts.get(name, "").strip() for name, _ in TEXTS}
        wrong: dict[str, str] = {}
        for quantity in QUANTITIES:
            values[quantity.name] = None
            try:
                values[quantity.name] = quantity.read(texts.get(quantity.name, ""))
            except ValueError as error:
                wrong[quantity.name] = str(error)
        return replace(self, **values), wrong

    def runner_texts(self) -> dict[str, str]:
        """The runner as a form shows it."""
        texts = {name: str(getattr(self, name)) for name, _ in TEXTS}
        return texts | {quantity.name: quantity.shown(getattr(self, quantity.name)) for quantity in QUANTITIES}


def recording_name(code: str, now: datetime) -> str:
    """A name for a recording of this runner, begun now: '2026-11-27_1405_R-014.mcap'."""
    safe = re.sub(r"[^\w.-]+", "-", code).strip("-.")
    return f"{now:%Y-%m-%d_%H%M}{'_' + safe if safe else ''}.mcap"


def free_name(folder: Path, name: str) -> str:
    """The name, with a number behind it where the folder has such a file already."""
    path, number = folder / name, 2
    while path.exists():
        path = folder / f"{Path(name).stem}_{number}{Path(name).suffix}"
        number += 1
    return path.name


def _fits(value: float, bounds: tuple[float, float]) -> bool:
    low, high = bounds
    return low <= value <= high
