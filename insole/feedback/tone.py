"""The sound of a cue as plain samples: no device, no clock.

In: which foot, level, how far above the target. Out: (n, 2) float32, left and right, between -1 and 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insole.blocks import Side
from insole.feedback.steps import LEVELS

Samples = npt.NDArray[np.float32]

TONE_S = 0.09
RISE_S = 0.005  # a raised cosine at both ends: a tone cut off sharply would click
BEEP_HZ = 880.0
PITCH_HZ = 440.0  # at the target, an octave more at 50 % above it (METRICS.md 9)
PITCH_TOP = 0.5
PEAK = 0.8
LEVEL_STEP_DB = 4.0  # between two levels of a beep
OTHER_EAR = 0.2  # of the amplitude: who wears one earphone still hears the other foot


def cue_tone(sound: str, side: Side, level: int, excess: float, rate_hz: float) -> Samples:
    """The tone of a cue.

    Parameters
    ----------
    sound : str
        beep: one pitch, louder with the level. pitch: one loudness, ``440 · 2^(2 min(excess, 0.5))`` Hz.
    side : Side
        The ear that hears it; both alike for a belt.
    level : int
        1 to 5.
    excess : float
        Mean over target, minus 1; above 0.
    rate_hz : float
        Samples a second.

    Returns
    -------
    (n, 2) float32
    """
    beep = sound == "beep"
    amplitude = PEAK * 10.0 ** (-LEVEL_STEP_DB * (LEVELS - level) / 20.0) if beep else PEAK
    hz = BEEP_HZ if beep else pitch_hz(excess)
    mono = amplitude * _envelope(rate_hz) * np.sin(2.0 * np.pi * hz * np.arange(round(TONE_S * rate_hz)) / rate_hz)
    ears = (1.0 if side != Side.RIGHT else OTHER_EAR, 1.0 if side != Side.LEFT else OTHER_EAR)
    out: Samples = (mono[:, None] * np.array(ears)).astype(np.float32)
    return out


def pitch_hz(excess: float) -> float:
    """Pitch for a mean so far above the target."""
    return float(PITCH_HZ * 2.0 ** (2.0 * min(max(excess, 0.0), PITCH_TOP)))


def _envelope(rate_hz: float) -> npt.NDArray[np.float64]:
    n, rise = round(TONE_S * rate_hz), round(RISE_S * rate_hz)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    out = np.ones(n)
    out[:rise], out[n - rise :] = ramp, ramp[::-1]
    return out
