"""The last contacts of each foot over each other, for pictures: force curves, the rise, pressures, centre of pressure.

In: shapes as contacts end, rows once their kind is known. Out: `ForceBand`s and `MeanRise`s over the last 20 running
contacts, `FootPicture`s over the last 30.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from insole.blocks import ContactShape, ContactTable, FloatArray, FootPicture, ForceBand, Kind, MeanRise, Side
from insole.device import Device

CURVES, PICTURES = 20, 30
MIN_CURVES = 2
T = TypeVar("T", bound=np.generic)
_KEPT_SHAPES = 512  # whose kind is not known yet


class Pictures(NamedTuple):
    """What one push changed."""

    bands: tuple[ForceBand, ...] = ()
    rises: tuple[MeanRise, ...] = ()
    feet: tuple[FootPicture, ...] = ()


_NOTHING = Pictures()


class Bands:
    """The last shapes of each foot.

    Parameters
    ----------
    feet : mapping of Side to Device
    """

    def __init__(self, feet: Mapping[Side, Device]) -> None:
        self._feet = feet
        self._shapes: dict[int, ContactShape] = {}
        self._last: dict[Side, _LastShapes] = {}
        self._highest: dict[Side, FloatArray] = {}
        self._unit = "BW"

    def push(self, shapes: Sequence[ContactShape], rows: ContactTable) -> Pictures:
        """Take what is new; the pictures of the moment, of the feet that changed."""
        if not shapes and not len(rows):
            return _NOTHING
        for shape in shapes:
            self._shapes[shape.contact_id] = shape
            self._unit = "N" if shape.in_newtons else "BW"
        changed: set[Side] = set()
        for contact_id, code, kind in zip(
            rows.contact_id.tolist(), rows.side.tolist(), rows.kind.tolist(), strict=True
        ):
            shape_of = self._shapes.pop(contact_id, None)
            if shape_of is not None and kind == Kind.RUN:
                self._keep(Side(code), shape_of)
                changed.add(Side(code))
        for contact_id in list(self._shapes)[:-_KEPT_SHAPES]:
            del self._shapes[contact_id]
        sides = sorted(changed)
        return Pictures(
            tuple(self._band(side) for side in sides),
            tuple(self._rise(side) for side in sides),
            tuple(self._picture(side) for side in sides if self._device(side).has_geometry),
        )

    def _keep(self, side: Side, shape: ContactShape) -> None:
        if side not in self._last:
            self._last[side] = _LastShapes()
        self._last[side].add(shape)
        before = self._highest.get(side)
        self._highest[side] = shape.peak_kpa if before is None else np.fmax(before, shape.peak_kpa)

    def _device(self, side: Side) -> Device:
        return self._feet[side] if side in self._feet else self._feet[Side.BELT]

    def _band(self, side: Side) -> ForceBand:
        curves = self._last[side].curves.rows
        return ForceBand(side, *mean_and_spread(curves), len(curves), self._unit)

    def _rise(self, side: Side) -> MeanRise:
        rises = self._last[side].rises.rows
        known = rises[np.isfinite(rises).all(axis=1)]
        points = known.sum(axis=0) / len(known) if len(known) else np.full(4, np.nan)
        from_ms, from_bw, to_ms, to_bw = points.tolist()
        samples = (to_ms - from_ms) * 1e-3 * self._device(side).rate_hz
        return MeanRise(side, from_ms, from_bw, to_ms, to_bw, samples, len(known))

    def _picture(self, side: Side) -> FootPicture:
        device, last = self._device(side), self._last[side]
        mean_mm, sd_mm = (part.reshape(-1, 2) for part in mean_and_spread(last.cop_mm.rows))
        return FootPicture(
            side,
            len(last.peaks.rows),
            last.peaks.rows.sum(axis=0) / len(last.peaks.rows),
            self._highest[side],
            np.logical_or.reduce(last.saturated.rows),
            mean_mm / (device.width_mm, device.length_mm),
            mean_mm[:, 0],
            sd_mm[:, 0],
        )


class _LastShapes:
    """What the pictures need of the last shapes of one foot."""

    def __init__(self) -> None:
        self.curves, self.rises = _Last[np.float64](CURVES), _Last[np.float64](CURVES)
        self.cop_mm, self.peaks = _Last[np.float64](PICTURES), _Last[np.float64](PICTURES)
        self.saturated = _Last[np.bool_](PICTURES)

    def add(self, shape: ContactShape) -> None:
        """The newest one."""
        self.curves.add(shape.force_bw)
        self.rises.add(shape.rise)
        self.cop_mm.add(shape.cop_stance_mm.ravel())
        self.peaks.add(shape.peak_kpa)
        self.saturated.add(shape.saturated)


class _Last(Generic[T]):
    """The last arrays of one length, as the rows of a matrix: what is read at once for every contact lies together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: deque[npt.NDArray[T]] = deque(maxlen=most)
        self._rows: npt.NDArray[T] | None = None

    def add(self, array: npt.NDArray[T]) -> None:
        """The newest one."""
        self._new.append(array)

    @property
    def rows(self) -> npt.NDArray[T]:
        """(m, n), the newest last."""
        if self._new or self._rows is None:
            new = np.array(self._new)
            self._rows = new if self._rows is None else np.concatenate([self._rows, new])[-self._most :]
            self._new.clear()
        return self._rows


def mean_and_spread(stack: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over rows, (m, n) -> (n,) each; NaN where half of the rows have no value."""
    present = np.isfinite(stack)
    weight = present.astype(np.float64)
    n = weight.sum(axis=0)
    enough = n * 2 > len(stack)  # a mean of the few longest contacts would bend the end of the curve
    known = np.where(present, stack, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(enough, known.sum(axis=0) / n, np.nan)
        squares = ((known - mean) ** 2 * weight).sum(axis=0)
        sd = np.where(enough & (n >= MIN_CURVES), np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
    return mean, sd
