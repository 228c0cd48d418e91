"""Ground truth: contacts of one foot in, a row of plain values for each out, by definition on the noise-free force."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from insole.blocks import FloatArray, Kind, Side
from insole.sources.synthetic.foot import Foot
from insole.sources.synthetic.gait import Contacts
from insole.sources.synthetic.landmarks import GRID_S, Landmarks, find_landmarks

STAND_LOOK_S = 3.3  # of each end of a stand: its loads of more than the quiet half are there, and a whole sway
STRIKE_WINDOW_S = 0.020
STRIKE_STOP_BW = 0.30


def contact_truth(side: Side, contacts: Contacts, foot: Foot, threshold_bw: float) -> list[dict[str, Any]]:
    """Rows of the ground truth, in order; `frames`, `frames_lost` and `whole` are still to be filled in."""
    rows: list[dict[str, Any]] = []
    for kind in Kind:
        chosen = contacts.pick(contacts.kind == kind)
        if len(chosen) == 0:
            continue
        marks, strike = (
            _standing(side, chosen, threshold_bw) if kind is Kind.STAND else _moving(side, chosen, foot, threshold_bw)
        )
        rows += [
            {
                "side": side.label,
                "kind": kind.label,
                "ic_s": float(marks.ic_s[i]),
                "to_s": float(marks.toe_off_s[i]),
                "valr_bw_s": _number(marks.valr_bw_s[i]),
                "peak_force_bw": _number(marks.peak_bw[i]),
                "strike_index_pct": _number(strike[i]),
                "whole": True,
                "frames": 0,
                "frames_lost": 0,
            }
            for i in range(len(chosen))
        ]
    return rows


def _moving(side: Side, contacts: Contacts, foot: Foot, threshold_bw: float) -> tuple[Landmarks, FloatArray]:
    """Landmarks of running or walking contacts, in recording time, and their strike index in percent."""
    longest_s = float((contacts.end_s - contacts.start_s).max())
    t_s = GRID_S * np.arange(round(longest_s / GRID_S) + 2)
    row = np.arange(len(contacts))[:, None]
    at_s = contacts.start_s[:, None] + t_s
    force_bw = contacts.force_bw(side, row, at_s)
    marks = find_landmarks(force_bw, threshold_bw)

    strike = np.full(len(contacts), np.nan)
    window = round(STRIKE_WINDOW_S / GRID_S)
    for i, ic_s in enumerate(marks.ic_s):
        first = int(np.ceil(ic_s / GRID_S))
        force = force_bw[i, first : first + window]
        over = np.flatnonzero(force > STRIKE_STOP_BW)
        force = force[: over[0]] if len(over) else force
        progress = (first + np.arange(len(force))) * GRID_S / (contacts.end_s[i] - contacts.start_s[i])
        shares = foot.shares(progress, np.full(len(force), contacts.roll[i]), np.full(len(force), contacts.lean[i]))
        strike[i] = 100.0 * (force * foot.cop_y(shares)).sum() / force.sum()
    return _at(marks, contacts.start_s), strike


def _standing(side: Side, contacts: Contacts, threshold_bw: float) -> tuple[Landmarks, FloatArray]:
    """Landmarks of stands from their first and last seconds; they have no loading rate and no strike index."""
    rows = []
    for i in range(len(contacts)):
        start_s, end_s = contacts.start_s[i], contacts.end_s[i]
        t_s = GRID_S * np.arange(round(min(STAND_LOOK_S, end_s - start_s) / GRID_S) + 1)
        first = find_landmarks(contacts.force_bw(side, np.full(len(t_s), i), start_s + t_s)[None], threshold_bw)
        to_s, peak_bw = np.inf, first.peak_bw[0]
        if np.isfinite(end_s):
            last = find_landmarks(
                contacts.force_bw(side, np.full(len(t_s), i), end_s - t_s[-1] + t_s)[None], threshold_bw
            )
            to_s, peak_bw = end_s - t_s[-1] + last.toe_off_s[0], max(peak_bw, last.peak_bw[0])
        rows.append((start_s + first.ic_s[0], to_s, peak_bw))
    ic_s, toe_off_s, peak_bw = np.array(rows).T
    none = np.full(len(contacts), np.nan)
    return Landmarks(ic_s, toe_off_s, peak_bw, none, none), none


def _at(marks: Landmarks, start_s: FloatArray) -> Landmarks:
    """The same in recording time."""
    return replace(marks, ic_s=marks.ic_s + start_s, toe_off_s=marks.toe_off_s + start_s, poi_s=marks.poi_s + start_s)


def _number(value: float) -> float | None:
    """A plain number of six digits behind the point, None for NaN."""
    return round(float(value), 6) if np.isfinite(value) else None
