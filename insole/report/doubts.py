"""What a reader must know of the scale of the forces: the checks that body weight and the times of a run allow.

In: running contacts. Out: sentences, none where all is well.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from insole.blocks import K_DYN_STOP, ContactTable, FloatArray

K_DYN_WARN = 0.10  # METRICS.md 1.4
MODEL_OFF = 0.15  # METRICS.md 5


def doubts(running: ContactTable) -> Iterator[str]:
    """Doubts about the forces of a session."""
    k_dyn = _median(running.columns.get("k_dyn", np.empty(0)))
    if abs(k_dyn - 1.0) > K_DYN_WARN:
        off, direction = 100.0 * abs(1.0 - 1.0 / k_dyn), "low" if k_dyn > 1 else "high"
        text = (
            f"body-weight check {k_dyn:.2f}: the insoles read {off:.0f} % too {direction} for this body mass; give the "
            "true one or calibrate"
        )
        if abs(k_dyn - 1.0) > K_DYN_STOP:
            text += "; values in body weights are limited, and no flag comes of them"
        yield text
    ratio = _median(
        running.columns.get("peak_force_bw", np.empty(0)) / running.columns.get("modelled_peak_force_bw", 1)
    )
    if abs(1.0 / ratio - 1.0) > MODEL_OFF:
        off, direction = 100.0 * abs(ratio - 1.0), "below" if ratio < 1 else "above"
        yield (
            f"peak force is {off:.0f} % {direction} what contact and flight times give (half-sine model): body mass, "
            "calibration or the timing of the feet against each other may be off"
        )


def _median(values: FloatArray) -> float:
    """NaN where there are none."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")
