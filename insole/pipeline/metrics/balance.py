"""Load on the medial against the lateral side, and on the arch (METRICS.md 6.3, 6.4).

In: `Contacts`. Out: rows of the table. These are proxies of how the foot rolls, not angles: they are read against the
runner's own values.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import FloatArray, Status
from insole.device import REGIONS
from insole.pipeline.metrics import plantar
from insole.pipeline.metrics.contacts import COP_MIN_BW, Contacts
from insole.pipeline.metrics.curves import row_starts
from insole.pipeline.metrics.metric import Gap, Metric, Needs

PHASES = (0.0, 0.20, 0.40, 0.60, 1.0)  # of stance
PHASE_NAMES = ("initial", "contact", "mid", "propulsion")
_FOREFOOT = [plantar.PLACES.index(place) for place in ("mth1", "hallux", "mth3_5")]
_PHASE_ENDS = np.array(PHASES)[:, None]
_PHASE_SHARES = np.diff(_PHASE_ENDS, axis=0)
_SIDES = [REGIONS.index("medial"), REGIONS.index("lateral")]


def medial_lateral_ratio(c: Contacts) -> FloatArray:
    """(medial - lateral) / (medial + lateral) force of heel and forefoot in each phase of stance, (4, k).

    NaN where the two carry less than 0.05 BW on average: when the foot stands on the midfoot alone.
    """
    to = _impulses_to(c, _PHASE_ENDS)
    medial, lateral = np.maximum(to[:, 1:] - to[:, :-1], 0.0)
    enough = COP_MIN_BW * c.body_weight_n * _PHASE_SHARES * c.contact_s
    return np.where(medial + lateral >= enough, (medial - lateral) / (medial + lateral), np.nan)


def _impulses_to(c: Contacts, shares: FloatArray) -> FloatArray:
    """Impulse of the medial and the lateral side from the first frame to shares (s, 1) of stance, (2, s, k).

    Trapezoid over the frames, with the part frame at the end. Sums run along each contact's own row.
    """
    frames, last = c.frames, c.frames.lengths - 1
    at = frames.starts[:, None] + np.minimum(np.arange(int(np.maximum.reduce(last)) + 1), last[:, None])
    force = c.load_n[_SIDES].take(at, axis=1)  # (2, k, longest)
    areas = np.zeros(force.shape)
    np.add.accumulate((force[..., 1:] + force[..., :-1]) / 2, axis=-1, out=areas[..., 1:])
    place = (shares * c.contact_s - frames.after_s[frames.starts]) / c.spacing_s  # (s, k)
    place = np.minimum(np.maximum(place, 0.0), last)
    low = np.minimum(place.astype(np.int64), np.maximum(last - 1, 0))
    u = place - low
    row = row_starts(*at.shape)
    here, next_one = row + low, row + np.minimum(low + 1, last)
    flat = force.reshape(2, -1)
    a, b = flat.take(here, axis=1), flat.take(next_one, axis=1)
    out: FloatArray = (areas.reshape(2, -1).take(here, axis=1) + u * (a + u * (b - a) / 2)) * c.spacing_s
    return out


def mth_ratio(c: Contacts) -> FloatArray:
    """Force-time integral of first metatarsal head and hallux over that of the third to fifth heads."""
    first, hallux, third_to_fifth = plantar.fti_n_s(c)[_FOREFOOT]
    return np.where(third_to_fifth > 0, (first + hallux) / third_to_fifth, np.nan)


def arch_index(c: Contacts) -> FloatArray:
    """Area of the middle third over the area of the footprint without toes; cells that carried 20 kPa at any time."""
    return _middle_share(plantar.places(c.device).third_steps @ plantar.ever_active(c))


def arch_index_load(c: Contacts) -> FloatArray:
    """Force-time integral of the middle third over that of the foot without toes."""
    return _middle_share(c.load_n_s[plantar.THIRDS])


def preload_kpa(c: Contacts) -> FloatArray:
    """What the lacing presses in the air: zero of the swings less that of the insole off the foot, over the area."""
    if c.batch.unloaded_kpa is None:
        return np.full(len(c), np.nan)
    area = c.device.area_mm2
    out: FloatArray = ((c.batch.zero_kpa - c.batch.unloaded_kpa) * area).sum(axis=1) / area.sum()
    return out


def _middle_share(thirds: FloatArray) -> FloatArray:
    whole = thirds[0] + thirds[1] + thirds[2]
    return np.where(whole > 0, thirds[1] / whole, np.nan)


_THIRD = "of three equal parts of the insole's length behind the toe line (0.80)"

ROWS: tuple[Metric, ...] = (
    *(
        Metric(
            f"mlr_{name}", f"Medial-lateral ratio, {low:.0%} to {high:.0%} of stance", "",
            "(medial - lateral) / (medial + lateral) force of heel and forefoot, split at half the width, from "
            f"{low:.0%} to {high:.0%} of stance: +1 is all medial; a proxy, not an eversion angle",
            "METRICS.md 6.4", medial_lateral_ratio, part=phase, needs=Needs.ACROSS, region="medial", signed=True,
            decimals=2,
        )
        for phase, (name, low, high) in enumerate(zip(PHASE_NAMES, PHASES[:-1], PHASES[1:], strict=True))
    ),
    Metric(
        "mth_ratio", "Medial over lateral forefoot", "",
        "force-time integral of first metatarsal head and hallux over that of the third to fifth metatarsal heads",
        "METRICS.md 6.4", mth_ratio, gap=Gap.LOAD, needs=Needs.ACROSS, decimals=2,
    ),
    Metric(
        "arch_index", "Arch index", "",
        f"area of the middle {_THIRD} over the area of all three; cells that carried more than 20 kPa at any time of "
        "the contact; for comparison with the runner's own values only",
        "Cavanagh & Rodgers 1987, J Biomech 20:547 [M], in the shoe and in motion", arch_index, ok_hz=50.0,
        limited_hz=50.0, needs=Needs.FINE, region="middle_third", decimals=3,
    ),
    Metric(
        "arch_index_load", "Arch index by load", "",
        f"force-time integral of the middle {_THIRD} over that of all three", "METRICS.md 6.3 (pressure-weighted)",
        arch_index_load, ok_hz=50.0, limited_hz=50.0, gap=Gap.LOAD, needs=Needs.FINE, region="middle_third", decimals=3,
    ),
    Metric(
        "preload_kpa", "Preload of the lacing", "kPa",
        "mean pressure in the swings before the contact, above the zero of the insole off the foot: how the shoe fits, "
        "not a load", "METRICS.md 1.3", preload_kpa, ok_hz=25.0, limited_hz=25.0, gap=Gap.HARMLESS,
        of_area=True, absent=Status.NO_UNLOADED_ZERO, signed=True,
    ),
)  # fmt: skip
