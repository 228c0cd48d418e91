"""Both feet on one clock: frames at each foot's own times in, samples every 1/rate s of recording time out.

Files that hold one table for all channels need this. Between two frames the value is interpolated linearly; where
frames are missing it is NaN, never a guess.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import FloatArray

LONGEST_STEP = 1.5
"""In periods of the foot: a longer step in time means that frames are missing."""


class Grid:
    """Channels of one foot, filled piece by piece.

    Parameters
    ----------
    samples : int
        Sample i is at `i / rate_hz` s of recording time.
    channels : int
    rate_hz : float
    period_s : float
        Time between frames of the foot.

    Attributes
    ----------
    values : (samples, channels) float32
        NaN where there is no frame on both sides.
    """

    def __init__(self, samples: int, channels: int, rate_hz: float, period_s: float) -> None:
        self.values = np.full((samples, channels), np.nan, np.float32)
        self._rate_hz = rate_hz
        self._longest_s = LONGEST_STEP * period_s
        self._last_t_s = np.empty(0)
        self._last_values = np.empty((0, channels))

    def add(self, t_s: FloatArray, values: FloatArray) -> None:
        """Fill in from the next frames.

        Parameters
        ----------
        t_s : (n,) float64
            Rising, from piece to piece too.
        values : (n, channels) float64
        """
        t_s = np.concatenate([self._last_t_s, t_s])
        values = np.concatenate([self._last_values, values])
        self._last_t_s, self._last_values = t_s[-1:], values[-1:]
        if len(t_s) < 2:
            return
        first = max(int(np.ceil(t_s[0] * self._rate_hz - 1e-6)), 0)
        stop = min(int(np.floor(t_s[-1] * self._rate_hz + 1e-6)) + 1, len(self.values))
        at_s = np.clip(np.arange(first, stop) / self._rate_hz, t_s[0], t_s[-1])
        after = np.clip(np.searchsorted(t_s, at_s, side="right"), 1, len(t_s) - 1)
        step_s = t_s[after] - t_s[after - 1]
        share = ((at_s - t_s[after - 1]) / step_s).round(6)[:, np.newaxis]
        left, right = values[after - 1], values[after]
        # Where a frame lies on the sample itself, a NaN of its neighbour must not spread.
        between = np.where(share <= 0.0, left, np.where(share >= 1.0, right, left + share * (right - left)))
        between[(step_s > self._longest_s) & (share[:, 0] > 0.0) & (share[:, 0] < 1.0)] = np.nan
        self.values[first:stop] = between
