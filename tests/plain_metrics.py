"""METRICS.md once more, plainly: one foot, contact by contact, numpy and scipy, nothing of insole.

In: counts and what the device profile says of them. Out: one dict a contact. Slow, and meant to be read beside the
specification; test_plain_metrics holds the contact table against it. Linear devices without lost frames only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import savgol_coeffs

G = 9.80665
Array = NDArray[np.float64]
REGIONS = {  # METRICS.md 6.1: y from, y to, x from, x to
    "heel": (0.0, 0.27, 0.0, 1.0),
    "midfoot": (0.27, 0.55, 0.0, 1.0),
    "mth1": (0.55, 0.80, 0.0, 0.30),
    "mth2": (0.55, 0.80, 0.30, 0.47),
    "mth3_5": (0.55, 0.80, 0.47, 1.0),
    "hallux": (0.80, 1.01, 0.0, 0.33),
    "toes": (0.80, 1.01, 0.33, 1.0),
}
PHASES = {"initial": (0.0, 0.2), "contact": (0.2, 0.4), "mid": (0.4, 0.6), "propulsion": (0.6, 1.0)}


@dataclass
class Foot:
    """Frames of one foot and its device."""

    kpa: Array  # (n, c) before any zero
    t_s: Array  # (n,) device time
    fs: float
    x: Array
    y: Array
    area_mm2: Array
    length_mm: float
    width_mm: float
    width_at_two_thirds_mm: float
    mass_kg: float
    zeroed: bool = False

    @property
    def bw(self) -> float:
        return self.mass_kg * G

    @property
    def raw_n(self) -> Array:
        return (self.kpa * self.area_mm2).sum(axis=1) * 1e-3

    def smooth(self, signal: Array) -> Array:
        """1.5: Savitzky-Golay, order 2, +-10 ms, from 200 Hz on."""
        if self.fs < 200:
            return signal
        taps = savgol_coeffs(2 * round(0.010 * self.fs) + 1, 2)
        half, out = len(taps) // 2, signal.copy()
        out[half:-half] = np.convolve(signal, taps, "valid")
        return out


def unloaded_start(foot: Foot, force: Array, spell_s: float = 0.15) -> tuple[Array, float]:
    """1.3: mask of the unloaded frames of the first 3 s window with steps in it (n,), and the noise of the force."""
    size, hop = round(3.0 * foot.fs), round(0.25 * foot.fs)
    for a in range(0, len(force) - size + 1, hop):
        w = force[a : a + size]
        if np.ptp(w) < 400:
            continue
        low = w < w.min() + 0.1 * np.ptp(w)
        inner = [(i, j) for i, j in runs(low) if i > 0 and j < size and j - i >= spell_s * foot.fs]
        steep = [
            (w[max(i - round(0.2 * foot.fs), 0) : i] >= w.min() + np.ptp(w) / 2).any()
            and (w[j : j + round(0.2 * foot.fs)] >= w.min() + np.ptp(w) / 2).any()
            for i, j in inner
        ]
        mostly = np.median(w) - w.min() <= 0.15 * np.ptp(w) or w.min() <= 40
        if len(inner) >= 2 and (mostly or sum(steep) >= 2):
            mask = np.zeros(len(force), bool)
            mask[a : a + size] = low
            margin = int(np.ceil(0.025 * foot.fs))
            parts = [w[i + margin : j - margin] for i, j in runs(low) if j - i >= max(0.06 * foot.fs, 2 * margin + 2)]
            return mask, noise(parts)
    raise AssertionError("no unloaded moment")


def noise(parts: list[Array]) -> float:
    """1.4826 MAD about the level of each part, or about one slope of all, whichever is less."""
    level = np.concatenate([part - np.median(part) for part in parts])
    centred = np.concatenate([part - part.mean() for part in parts])
    at = np.concatenate([np.arange(len(part)) - np.arange(len(part)).mean() for part in parts])
    slope = np.linalg.lstsq(at[:, None], centred, rcond=None)[0][0]
    return 1.4826 * float(min(np.median(np.abs(level)), np.median(np.abs(centred - slope * at))))


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def contacts(foot: Foot, sigma_n: float, merge_s: float = 0.060) -> list[dict[str, Any]]:
    """Every contact of the foot, METRICS.md 2.1 to 6.4; `sigma_n` is the noise of the noisier foot."""
    raw = foot.raw_n
    unloaded = [] if foot.zeroed else unloaded_start(foot, raw)[0]
    zero = np.zeros(foot.kpa.shape[1]) if foot.zeroed else np.median(foot.kpa[unloaded], axis=0)
    smooth = foot.smooth(raw)
    event = max(0.05 * foot.bw, 20.0, 6 * sigma_n)
    arm, off = max(0.2 * foot.bw, 1.5 * event), 0.6 * event
    on_n, off_n = (max(2, round(s * foot.fs)) for s in (0.010, 0.020))
    merge, margin = round(merge_s * foot.fs), int(np.ceil(0.040 * foot.fs))
    out: list[dict[str, Any]] = []
    i, last_release = 0, None
    while i < len(smooth):
        force = smooth - (zero * foot.area_mm2).sum() * 1e-3
        onset = next_onset(force, i, event, arm, off, on_n)
        if onset is None:
            break
        release = next_release(force, onset, event, off, off_n, merge)
        if release is None:
            break
        confirmed = release
        while not (force[confirmed : confirmed + off_n] < off).all():
            confirmed += 1
        end = confirmed + off_n + round(0.060 * foot.fs)
        if onset > 0 and release - onset <= 2.0 * foot.fs:
            out.append(measured(foot, zero, onset, release, end, event))
            if last_release is not None and onset - last_release >= 0.150 * foot.fs:
                b = onset - margin
                a = max(last_release + margin, b - round(1.0 * foot.fs))
                a += (b - a) % 2 == 0  # an odd number of frames
                if b - a >= 3:
                    zero = np.clip(zero + 0.25 * (np.median(foot.kpa[a:b], axis=0) - zero), -30, 30)
        last_release, i = release, confirmed + off_n
    return out


def next_onset(force: Array, i: int, event: float, arm: float, off: float, on_n: int) -> int | None:
    """First frame of a load that stays and reaches the arming threshold."""
    while True:
        above = np.flatnonzero(force[i:] >= event)
        if not len(above):
            return None
        start = i + int(above[0])
        if (force[start : start + on_n] < event).any() or start + on_n > len(force):
            i = start + int(np.argmax(force[start:] < event))
            if start + on_n > len(force):
                return None
            continue
        armed = np.flatnonzero(force[start:] >= arm)
        fallen = np.flatnonzero(force[start + on_n :] < off)
        if not len(armed):
            return None
        if len(fallen) and start + on_n + fallen[0] < start + armed[0]:
            i = start + on_n + int(fallen[0])
            continue
        at = max(start + int(armed[0]), start + on_n - 1)
        below = np.flatnonzero(force[start:at] < event)
        return start + int(below[-1]) + 1 if len(below) else start


def next_release(force: Array, onset: int, event: float, off: float, off_n: int, merge: int) -> int | None:
    """First frame under the reporting threshold once the foot stays off for longer than the merge gap."""
    i = onset + int(np.argmax(force[onset:] >= 0.2))
    while True:
        low = [j for j, k in runs(force[i:] < off) if k - j >= off_n]
        if not low:
            return None
        first_low = i + low[0]
        release = onset + int(np.flatnonzero(force[onset:first_low] >= event)[-1]) + 1
        again = np.flatnonzero(force[first_low + off_n : release + merge] >= event)
        if not len(again):
            return release
        i = first_low + off_n + int(again[0])


def crossing(t: Array, f: Array, level: float, before: int) -> float:
    """Last upward crossing of a level up to grid point `before`, on the line between grid points."""
    hits = np.flatnonzero((f[:before] < level) & (f[1 : before + 1] >= level))
    if not len(hits):
        return float("nan")
    k = int(hits[-1])
    return float(t[k] + (level - f[k]) / (f[k + 1] - f[k]) * (t[k + 1] - t[k]))


def on_grid(t_s: Array, f: Array, fs: float) -> tuple[Array, Array]:
    """1 kHz grid of the nominal rate; times are those of the device."""
    index = np.arange(len(f))
    at = np.arange(0, len(f) - 1 + 1e-9, fs / 1000.0)
    return t_s[0] + at * (t_s[-1] - t_s[0]) / (len(f) - 1), CubicSpline(index, f, bc_type="not-a-knot")(at)


@dataclass
class Stance:
    """One contact: frames of the contact window, and sums of cells smoothed over frames beyond it."""

    foot: Foot
    kpa: Array  # (n, c) with the zero of the contact taken away
    newton: Array  # (m, c) with some frames more on both sides
    inner: slice  # of those
    t: Array  # (n,)
    ic: float = 0.0
    to: float = 0.0

    def force(self, cells: NDArray[np.bool_] | slice = slice(None)) -> Array:
        return self.foot.smooth(self.newton[:, cells].sum(axis=1))[self.inner]

    def centre(self, of: Array) -> Array:
        """Moment over force."""
        with np.errstate(invalid="ignore", divide="ignore"):  # nothing is carried in the air
            return self.foot.smooth((self.newton * of).sum(axis=1))[self.inner] / self.force()

    @property
    def frames(self) -> slice:
        """From the last frame before initial contact to the first after toe-off."""
        return slice(int(np.searchsorted(self.t, self.ic, "right")) - 1, int(np.searchsorted(self.t, self.to)) + 1)

    def integral(self, values: Array, low: float = 0.0, high: float = 1.0) -> float:
        """Of the line through the frames of the stance, between two shares of it."""
        start, end = (self.ic + share * (self.to - self.ic) for share in (low, high))
        at = np.concatenate([[start], self.t[(self.t > start) & (self.t < end)], [end]])
        return float(np.trapezoid(np.interp(at, self.t, values), at))


def measured(foot: Foot, zero: Array, onset: int, release: int, end: int, event: float) -> dict[str, Any]:
    fs, bw = foot.fs, foot.bw
    start, end = max(onset - round(0.060 * fs), 0), min(end, len(foot.kpa))
    wide = slice(max(start - 20, 0), end + 20)
    kpa = foot.kpa[wide] - zero
    inner = slice(start - wide.start, end - wide.start)
    stance = Stance(foot, kpa[inner], kpa * foot.area_mm2 * 1e-3, inner, foot.t_s[start:end])
    t, force = stance.t, stance.force()
    gt, gf = on_grid(t, force, fs)
    ic = crossing(gt, gf, event, int(np.ceil((onset - start) * 1000 / fs)))
    before = gt[1:] <= t[min(release - start, len(t) - 1)] + 1.1e-3
    k = int(np.flatnonzero((gf[:-1] >= event) & (gf[1:] < event) & before)[-1])
    to = float(gt[k] + (event - gf[k]) / (gf[k + 1] - gf[k]) * (gt[k + 1] - gt[k]))
    stance.ic, stance.to = ic, to
    tc, f = to - ic, gf / bw
    row: dict[str, Any] = {"ic_s": ic, "contact_time_ms": 1e3 * tc}
    fine = np.concatenate([[ic], gt[(gt > ic) & (gt < to)], [to]])
    row["peak_force_bw"] = f[(gt >= ic) & (gt <= to)].max()
    row["impulse_bw_s"] = float(np.trapezoid(np.interp(fine, gt, f), fine))
    row |= loading_rate(foot, t, force, onset - start, event)
    row |= published_rates(gt, f, ic, tc, row)
    if foot.kpa.shape[1] > 1:
        row |= pressures(stance)
        row |= path(stance, onset - start)
    return row


def loading_rate(foot: Foot, t: Array, force: Array, onset: int, event: float) -> dict[str, Any]:
    """3.3 on the rate window of 1.6."""
    fs, f = foot.fs, force / foot.bw
    flat = np.flatnonzero((f[onset:-1] >= 0.75) & (np.diff(f[onset:]) * fs < 15))
    if not len(flat):
        return {}
    window = slice(0, onset + int(flat[0]) + round(0.020 * fs) + 1)
    gt, g = on_grid(t[window], f[window], fs)
    slope = np.diff(g) / (gt[1] - gt[0])
    ic = crossing(gt, g, event / foot.bw, int(np.ceil(onset * 1000 / fs)))
    poi = int(np.flatnonzero((gt[:-1] > ic) & (g[:-1] >= 0.75) & (slope < 15))[0])
    t20, t80 = (crossing(gt, g, share * g[poi], poi) for share in (0.2, 0.8))
    inside = (gt[:-1] >= t20 - 1e-3) & (gt[:-1] < t80)
    return {"valr_bw_s": 0.6 * g[poi] / (t80 - t20), "vilr_bw_s": slope[inside].max(), "poi_s": gt[poi]}


def published_rates(gt: Array, f: Array, ic: float, tc: float, row: dict[str, Any]) -> dict[str, Any]:
    """3.1, and the impact transient of 3.3."""
    at = lambda s: float(np.interp(s, gt, f))  # noqa: E731
    out: dict[str, Any] = {
        "lr_3_12_bw_s": (at(ic + 0.12 * tc) - at(ic + 0.03 * tc)) / (0.09 * tc),
        "poi_pct": 100 * (row["poi_s"] - ic) / tc if "poi_s" in row else np.nan,
    }
    p13 = ic + 0.13 * tc
    n13 = int(np.searchsorted(gt, p13))
    t20, t80 = (crossing(gt, f, share * at(p13), n13) for share in (0.2, 0.8))
    out["valr_13_bw_s"] = 0.6 * at(p13) / (t80 - t20)
    a, b = ic + 0.2 * (p13 - ic), ic + 0.8 * (p13 - ic)
    out["valr_13_t_bw_s"] = (at(b) - at(a)) / (b - a)
    for k in np.flatnonzero((f[1:-1] > f[:-2]) & (f[1:-1] >= f[2:])) + 1:
        if not ic < gt[k] <= ic + min(0.075, 0.35 * tc):
            continue
        after = f[k : np.searchsorted(gt, ic + tc)]
        higher = np.flatnonzero(after > f[k])
        until = after[: higher[0] + 1 if len(higher) else None]
        lowest = np.minimum.accumulate(until)
        if ((lowest <= f[k] - 0.02) & (until - lowest >= 0.02)).any():
            bend, lean, _ = np.polyfit([-1.0, 0.0, 1.0], f[k - 1 : k + 2], 2)  # the top lies between grid points
            ip_s, ip = gt[k] - lean / bend / 2 * (gt[1] - gt[0]), f[k] - lean**2 / bend / 4
            out |= {
                "impact_peak_bw": ip,
                "time_to_impact_peak_ms": 1e3 * (ip_s - ic),
                "lr_ic_ip_bw_s": ip / (ip_s - ic),
            }
            n_ip = int(np.searchsorted(gt, ip_s))
            t20, t80 = (crossing(gt, f, share * at(ip_s), n_ip) for share in (0.2, 0.8))
            out["valr_ip_bw_s"] = 0.6 * at(ip_s) / (t80 - t20)
            a, b = ic + 0.2 * (ip_s - ic), ic + 0.8 * (ip_s - ic)
            out["valr_t2080_bw_s"] = (at(b) - at(a)) / (b - a)
            break
    poi = row.get("poi_s", -np.inf)
    late = (gt >= max(poi, ic + 0.25 * tc)) & (gt <= ic + tc)
    out["active_peak_bw"] = f[late].max()
    return out


def pressures(stance: Stance) -> dict[str, Any]:
    """6.2 and 6.4; regions by the centres of the cells."""
    foot, ic, to = stance.foot, stance.ic, stance.to
    kpa, ft, out = stance.kpa[stance.frames], stance.t[stance.frames], dict[str, Any]()
    total = stance.integral(stance.force())
    for name, (y0, y1, x0, x1) in {"": (-1.0, 2.0, -1.0, 2.0), **REGIONS}.items():
        cells = (foot.y >= y0) & (foot.y < y1) & (foot.x >= x0) & (foot.x < (x1 if x1 < 1 else 2.0))
        if not cells.any():
            continue
        end, force = f"_{name}" if name else "", stance.force(cells)
        active = foot.area_mm2[cells][(kpa[:, cells] > 20).any(axis=0)].sum()
        highest = np.maximum(stance.kpa[:, cells].max(axis=1), 0.0)
        fti, top = stance.integral(force), force[stance.frames].max()
        out[f"peak_pressure_kpa{end}"] = highest[stance.frames].max()
        out[f"pti_peak_kpa_s{end}"] = stance.integral(highest)
        out[f"fti_n_s{end}"] = fti
        if active:
            out[f"mean_pressure_kpa{end}"] = top / active * 1e3
            out[f"pti_mean_kpa_s{end}"] = fti / active * 1e3
        at_once = ((kpa[:, cells] > 20) * foot.area_mm2[cells]).sum(axis=1).max()
        out[f"contact_area_pct{end}"] = 100 * at_once / foot.area_mm2[cells].sum()
        if name:
            out[f"fti_rel_pct_{name}"] = 100 * fti / total
            if top >= 0.03 * foot.bw:
                at = ft[int(force[stance.frames].argmax())]
                out[f"t_peak_pct_{name}"] = 100 * float(np.clip((at - ic) / (to - ic), 0, 1))
    away = (foot.y < 0.27) | (foot.y >= 0.55)
    sides = [stance.force(away & side) for side in (foot.x < 0.5, foot.x >= 0.5)]
    for name, (low, high) in PHASES.items():
        medial, lateral = (max(stance.integral(side, low, high), 0.0) for side in sides)
        if medial + lateral >= 0.05 * foot.bw * (high - low) * (to - ic):
            out[f"mlr_{name}"] = (medial - lateral) / (medial + lateral)
    if {"fti_n_s_mth1", "fti_n_s_hallux", "fti_n_s_mth3_5"} <= out.keys():
        out["mth_ratio"] = (out["fti_n_s_mth1"] + out["fti_n_s_hallux"]) / out["fti_n_s_mth3_5"]
    return out


def path(stance: Stance, onset: int) -> dict[str, Any]:
    """Strike index (4) and centre of pressure (6.3)."""
    foot, t, force = stance.foot, stance.t, stance.force()
    share = (t - stance.ic) / (stance.to - stance.ic)
    x, y = stance.centre(foot.x * foot.width_mm), stance.centre(foot.y * foot.length_mm)
    strong = np.flatnonzero(force[onset:] >= 0.30 * foot.bw)
    stop = onset + max(int(strong[0]), 2)
    early = slice(onset, min(stop, int(np.searchsorted(t, stance.ic + 0.020, "right"))))
    early = slice(onset, max(early.stop, onset + 2))
    out: dict[str, Any] = {
        "strike_index_pct": 100 * (force[early] * y[early]).sum() / force[early].sum() / foot.length_mm
    }
    known = (share >= 0) & (share <= 1) & (force >= 0.05 * foot.bw)
    kx, ky, kt, ks = x[known], y[known], t[known], share[known]
    together = np.diff(np.flatnonzero(known)) == 1  # a time without load is not crossed
    way = np.hypot(np.diff(kx), np.diff(ky))[together].sum()
    out |= {"cop_path_mm": way, "cop_velocity_mm_s": way / (kt[-1] - kt[0]), "cop_advance_mm": ky[-1] - ky[0]}
    middle = (ks >= 0.1) & (ks <= 0.9)
    out["cop_ml_range_mm"] = np.ptp(kx[middle])
    out["cop_x_50_mm"] = float(np.interp(0.5, ks, kx))
    (x0, x1), (y0, y1) = (np.interp([0.1, 0.9], ks, k) for k in (kx, ky))
    line = foot.length_mm * 2 / 3
    passed = np.flatnonzero((ky[:-1] < line) & (ky[1:] >= line) & (ks[1:] >= 0.1) & (ks[:-1] <= 0.9))
    if len(passed) and y0 < line <= y1:
        k = int(passed[-1])
        there = kx[k] + (line - ky[k]) / (ky[k + 1] - ky[k]) * (kx[k + 1] - kx[k])
        chord = x0 + (line - y0) / (y1 - y0) * (x1 - x0)
        out["cpei_pct"] = 100 * (there - chord) / foot.width_at_two_thirds_mm
    return out
