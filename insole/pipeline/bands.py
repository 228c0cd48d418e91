"""The last contacts of each foot over each other, for pictures: force curves, the rise, pressures, centre of pressure.

In: shapes as contacts end, rows once their kind is known. Out: `ForceBand`s and `MeanRise`s over the last 20 running
contacts, `FootPicture`s over the last 30.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

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
        self._last: dict[Side, deque[ContactShape]] = {}
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
        self._last.setdefault(side, deque(maxlen=PICTURES)).append(shape)
        before = self._highest.get(side)
        self._highest[side] = shape.peak_kpa if before is None else np.fmax(before, shape.peak_kpa)

    def _device(self, side: Side) -> Device:
        return self._feet[side] if side in self._feet else self._feet[Side.BELT]

    def _band(self, side: Side) -> ForceBand:
        curves = [shape.force_bw for shape in list(self._last[side])[-CURVES:]]
        return ForceBand(side, *mean_and_spread(_stacked(curves)), len(curves), self._unit)

    def _rise(self, side: Side) -> MeanRise:
        rises = _stacked([shape.rise for shape in list(self._last[side])[-CURVES:]])
        known = rises[np.isfinite(rises).all(axis=1)]
        points = known.sum(axis=0) / len(known) if len(known) else np.full(4, np.nan)
        from_ms, from_bw, to_ms, to_bw = points.tolist()
        samples = (to_ms - from_ms) * 1e-3 * self._device(side).rate_hz
        return MeanRise(side, from_ms, from_bw, to_ms, to_bw, samples, len(known))

    def _picture(self, side: Side) -> FootPicture:
        device, shapes = self._device(side), self._last[side]
        mean_mm, sd_mm = (
            part.reshape(-1, 2) for part in mean_and_spread(_stacked([shape.cop_stance_mm for shape in shapes]))
        )
        return FootPicture(
            side,
            len(shapes),
            _stacked([shape.peak_kpa for shape in shapes]).sum(axis=0) / len(shapes),
            self._highest[side],
            np.logical_or.reduce(_stacked([shape.saturated for shape in shapes])),
            mean_mm / (device.width_mm, device.length_mm),
            mean_mm[:, 0],
            sd_mm[:, 0],
        )


def _stacked(arrays: Sequence[npt.NDArray[T]]) -> npt.NDArray[T]:
    """Arrays of one shape as the rows of a matrix; quicker than np.array, which looks at each of them."""
    return np.concatenate(arrays).reshape(len(arrays), -1)


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
