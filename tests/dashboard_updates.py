"""Hand-made updates for the dashboard's tests: one runner whose figures agree with each other. No pipeline, no Qt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from insole.blocks import (
    ContactShape,
    ContactTable,
    Flag,
    FlagState,
    FloatArray,
    FootHealth,
    FootPicture,
    ForceBand,
    Gauge,
    Health,
    KeyNumber,
    Kind,
    Load,
    MeanRise,
    RecentRates,
    RunningMedian,
    Side,
    Status,
    Update,
)
from insole.dashboard.model.scene import Scene
from insole.device import Device
from insole.settings import Baseline, Runner, Settings

FEET = (Side.LEFT, Side.RIGHT)
START_NS = 5_000_000_000_000
RUNNER = Runner(code="R-014", body_mass_kg=62.5, shoe="Trail A, 214 km")
SETTINGS = Settings(target_valr_bw_s=58.0, baseline=Baseline(cadence_spm=170.0))
VALR = {Side.LEFT: 73.4, Side.RIGHT: 62.0}
RISES = (
    MeanRise(Side.LEFT, 8.0, 0.28, 19.2, 1.08, 2.2, 20),
    MeanRise(Side.RIGHT, 9.0, 0.26, 21.4, 1.02, 2.5, 20),
)
PAIRS = (
    ("impulse_bw_s", (0.351, 0.348), "BW s"),
    ("stride_time_ms", (698.0, 698.0), "ms"),
    ("midfoot_pct", (6.0, 3.0), "%"),
    ("forefoot_pct", (0.0, 0.0), "%"),
    ("cpei_pct", (17.2, 16.1), "%"),
)
REGION_TIMES = {
    "toes": (43.0, 98.0), "hallux": (41.0, 99.0), "mth3_5": (15.0, 92.0), "mth2": (22.0, 94.0), "mth1": (24.0, 94.0),
    "midfoot": (9.0, 73.0), "heel": (0.0, 49.0),
}  # fmt: skip
SHARES = {
    "toes": (5, 5), "hallux": (9, 10), "mth3_5": (19, 20), "mth2": (17, 18), "mth1": (13, 14), "midfoot": (11, 11),
    "heel": (26, 22),
}  # fmt: skip


def empty_update(t_s: float = 0.0) -> Update:
    """Nothing new."""
    return Update(t_s, (), (), ContactTable.empty(), (), (), (), (), (), (), Health(), ())


def force_curve(scale: float, seed: int) -> FloatArray:
    """Impact and active peak, every ms, NaN after 250 ms."""
    t = np.arange(301.0)
    rng = np.random.default_rng(seed)
    impact = (1.25 + 0.05 * rng.standard_normal()) * np.exp(-(((t - 27) / 14.0) ** 2))
    active = 2.6 * scale * np.sin(np.pi * np.clip(t / 250, 0, 1)) ** 1.7
    out = impact * (1 - np.exp(-t / 6)) + active
    out[t > 250] = np.nan
    return out


def peak_picture(device: Device, heel: float) -> FloatArray:
    """Highest pressure of each cell: heel, heads of the metatarsals, big toe."""

    def bump(cx: float, cy: float, sx: float, sy: float, kpa: float) -> FloatArray:
        out: FloatArray = kpa * np.exp(-(((device.x - cx) / sx) ** 2) - ((device.y - cy) / sy) ** 2)
        return out

    spots = (
        (0.52, 0.12, 0.22, 0.09, heel), (0.3, 0.72, 0.14, 0.07, 220), (0.55, 0.7, 0.2, 0.07, 170),
        (0.8, 0.62, 0.15, 0.09, 110), (0.25, 0.9, 0.11, 0.05, 220), (0.8, 0.4, 0.14, 0.2, 85),
        (0.55, 0.87, 0.1, 0.04, 80),
    )  # fmt: skip
    return np.sum([bump(*spot) for spot in spots], axis=0)


def trail() -> FloatArray:
    """Centre of pressure from the heel to the big toe."""
    y = np.linspace(0.12, 0.9, 40)
    x = 0.55 + 0.05 * np.sin(3 * y) - 0.28 * np.clip((y - 0.6) / 0.3, 0, 1) ** 1.5
    return np.stack([x, y], axis=1)


def shape(device: Device, side: Side, strike_s: float, contact_id: int = 0, heel: float = 300.0) -> ContactShape:
    """One contact."""
    saturated = np.zeros(device.n_cells, np.bool_)
    picture = peak_picture(device, heel) if device.has_geometry else np.full(device.n_cells, 900.0)
    cop = trail() if device.n_cells >= 12 else np.empty((0, 2))
    return ContactShape(contact_id, side, strike_s, force_curve(1.0, contact_id), False, picture, saturated, cop)


def contacts(from_s: float, to_s: float, sides: tuple[Side, ...] = FEET, seed: int = 1) -> ContactTable:
    """Running contacts, a step every 0.35 s, with loading rates and their running medians."""
    rng = np.random.default_rng(seed)
    t = np.arange(from_s, to_s, 0.35)
    side = np.where(np.arange(len(t)) % 2 == 0, Side.LEFT, Side.RIGHT).astype(np.int8)
    keep = np.isin(side, sides)
    t, side = t[keep], side[keep]
    centre = np.where(side == Side.LEFT, VALR[Side.LEFT], VALR[Side.RIGHT])
    median = centre + np.cumsum(rng.standard_normal(len(t))) * 0.12
    n = len(t)
    return ContactTable(
        np.arange(n),
        side,
        np.full(n, Kind.RUN, np.int8),
        t,
        t + 0.25,
        np.zeros(n, np.uint16),
        {"valr_bw_s": centre + 6.0 * rng.standard_normal(n), "valr_bw_s_median": median},
        {},
        {"valr_bw_s": np.zeros(n, np.uint8)},
    )


def number(metric: str, side: Side | None, value: float, half: float, unit: str, **more: object) -> KeyNumber:
    """A key number with a symmetric interval."""
    base = KeyNumber(metric, side, value, value - half, value + half, 30, 10, unit, Status.OK)
    return base._replace(**more)  # type: ignore[arg-type]


def key_numbers(sides: tuple[Side, ...] = FEET) -> tuple[KeyNumber, ...]:
    """What the overview shows."""
    out = [number("cadence_spm", None, 172.0, 1.0, "steps/min")]
    table = {
        "valr_bw_s": ((73.4, 6.1), (62.0, 5.2), "BW/s"),
        "contact_time_ms": ((246.0, 5.0), (251.0, 5.0), "ms"),
        "peak_force_bw": ((2.62, 0.21), (2.58, 0.21), "BW"),
        "peak_pressure_kpa": ((312.0, 25.0), (268.0, 21.0), "kPa"),
        "rearfoot_pct": ((94.0, 3.0), (97.0, 3.0), "%"),
        "flight_time_ms": ((103.0, 4.0), (98.0, 4.0), "ms"),
    }
    for metric, (left, right, unit) in table.items():
        for side, (value, half) in zip(FEET, (left, right), strict=True):
            if side in sides:
                out.append(number(metric, side, value, half, unit))
    for metric, (left, right), unit in PAIRS:
        for side, value in zip(FEET, (left, right), strict=True):
            if side in sides:
                out.append(number(metric, side, value, 0.04 * value, unit))
    for region, (first, last) in REGION_TIMES.items():
        for side in (s for s in FEET if s in sides):
            out += [
                number(f"peak_pressure_kpa_{region}", side, 200.0 + first, 18.0, "kPa"),
                number(f"pti_peak_kpa_s_{region}", side, 14.8, 1.0, "kPa s"),
                number(f"t_on_pct_{region}", side, first, 1.0, "% of stance"),
                number(f"t_off_pct_{region}", side, last, 1.0, "% of stance"),
            ]
    for region, values in SHARES.items():
        out += [
            number(f"fti_rel_pct_{region}", s, float(v), 1.0, "%")
            for s, v in zip(FEET, values, strict=True)
            if s in sides
        ]
    return tuple(out)


def gauge(metric: str, value: float, half: float, note: float, **more: object) -> Gauge:
    """A left-right difference."""
    base = Gauge(metric, value, value - half, value + half, 30, 30, note, calibrated=True, status=Status.OK)
    return replace(base, **more)  # type: ignore[arg-type]


def gauges() -> tuple[Gauge, ...]:
    """The four of the overview."""
    return (
        gauge("valr_bw_s", 16.8, 6.1, 25.0),
        gauge("peak_force_bw", 1.5, 1.3, 10.0),
        gauge("impulse_bw_s", 0.9, 1.6, 7.0),
        gauge("contact_time_ms", -2.0, 1.0, 5.0),
        gauge("flight_time_ms", 5.0, 3.4, np.nan),
    )


def bands(sides: tuple[Side, ...] = FEET, unit: str = "BW") -> tuple[ForceBand, ...]:
    """Mean force of 20 contacts."""
    factor = 1.0 if unit == "BW" else 613.0
    scale = {Side.LEFT: 1.0, Side.RIGHT: 0.985}
    sd = 0.04 + 0.04 * np.sin(np.arange(301) / 50) ** 2
    return tuple(ForceBand(s, factor * force_curve(scale[s], int(s)), factor * sd, 20, unit) for s in sides)


def recent_rates(side: Side, target: float | None = 58.0) -> RecentRates:
    """Sixty contacts around the foot's loading rate."""
    centre = VALR[side]
    shifts = (("valr_bw_s", 0.0), ("valr_13_bw_s", 0.4), ("vilr_bw_s", 5.1))
    none = number("valr_ip_bw_s", side, np.nan, np.nan, "BW/s", status=Status.NO_TRANSIENT)
    medians = (
        *(number(metric, side, centre + shift, 6.0, "BW/s") for metric, shift in shifts),
        none._replace(reason="no impact transient"),
    )
    first = np.floor((centre - 12) / 4) * 4
    counts = np.array([3, 9, 14, 18, 11, 5])
    under = float("nan") if target is None else 2.0 if side == Side.LEFT else 27.0
    return RecentRates(side, medians, float(first), 4.0, counts, 60, under)


def picture(device: Device, side: Side) -> FootPicture:
    """Means of 30 contacts."""
    t = np.linspace(0, 1, 101)
    cop = np.stack([np.interp(t, np.linspace(0, 1, 40), column) for column in trail().T], axis=1)
    peak = peak_picture(device, 300.0)
    return FootPicture(side, 30, peak, 1.2 * peak, np.zeros(device.n_cells, np.bool_), cop, cop[:, 0] * device.width_mm,
                       np.full(101, 1.5))  # fmt: skip


def running_median(table: ContactTable, side: Side) -> RunningMedian:
    """The median of every contact of a foot, with a band."""
    rows = table.running(side)
    value = rows.columns["valr_bw_s_median"]
    return RunningMedian(side, rows.strike_s, value, value - 6.0, value + 6.0)


def foot_health(**more: object) -> FootHealth:
    """A good stream."""
    return replace(FootHealth(frames=9000, loss_pct=0.1, rate_hz=200.0, battery_pct=81.0), **more)  # type: ignore[arg-type]


def health(left: FootHealth | None = None, right: FootHealth | None = None) -> Health:
    """Both feet."""
    feet = {Side.LEFT: left or foot_health(), Side.RIGHT: right or foot_health(loss_pct=0.3, battery_pct=78.0)}
    return Health(feet=feet, alignment_s=0.0018, alignment_u_s=0.0003, k_dyn=1.02)


def rate_flag(state: FlagState = FlagState.WATCH, from_s: float = 992.0) -> Flag:
    """The left loading rate above its line."""
    value, limit = (73.4, 66.0) if state == FlagState.WATCH else (78.1, 70.0)
    low, high = value - 6.1, value + 6.1
    studies = "Some studies link such values to stress fractures, others found no link."
    text = f"Left loading rate {value} BW/s ({low:.1f} to {high:.1f}), above {limit:.0f} for 2 min 10 s. {studies}"
    return Flag(
        "high_loading_rate", state, Side.LEFT, from_s, 1122.0, value, low, high, limit, "BW/s", "C", text, "valr_bw_s"
    )


def running(device: Device, *, t_s: float = 1122.0, flags: tuple[Flag, ...] = ()) -> Update:
    """A minute of running in one update."""
    shapes = tuple(shape(device, side, t_s - 0.3, int(side), 312 if side == Side.LEFT else 268) for side in FEET)
    table = contacts(t_s - 75, t_s)
    return replace(
        empty_update(t_s),
        medians=tuple(running_median(table, side) for side in FEET),
        rises=RISES,
        rates=tuple(recent_rates(side) for side in FEET),
        pictures=tuple(picture(device, side) for side in FEET) if device.has_geometry else (),
        loads=(Load(Side.LEFT, 812, 812, 285.0, 2127.0, 38000.0), Load(Side.RIGHT, 811, 809, 282.0, 2092.0, 36000.0)),
        contacts=table,
        shapes=shapes,
        bands=bands(),
        numbers=key_numbers(),
        gauges=gauges(),
        flags=flags,
        health=health(),
    )


def scene_for(device: Device, **settings: object) -> Scene:
    """An empty scene with two feet of one device."""
    return Scene(dict.fromkeys(FEET, device), replace(SETTINGS, **settings), RUNNER, START_NS)  # type: ignore[arg-type]
