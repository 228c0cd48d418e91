"""The table of metrics as a whole: one call of a function serves all its rows, and every row stands on its own."""

from __future__ import annotations

import numpy as np
import pytest
from stances import Pressures, alone, insole, stances

from insole.blocks import ContactShape, FloatArray
from insole.pipeline.metrics import CONTACT_METRICS, Scale, shapes
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.kept import kept
from insole.pipeline.metrics.measurement import measured

PLACES = np.random.default_rng(5).random((2, 80))
FOOT = insole(*PLACES.tolist(), rate_hz=200.0)
LASTS_S = (0.21, 0.24, 0.30, 0.26)


def rolling(seed: int, lasts_s: float) -> Pressures:
    """From heel to toe, every cell by a random amount."""
    amount = np.random.default_rng(seed).uniform(5.0, 60.0, FOOT.n_cells)

    def kpa(t: FloatArray) -> FloatArray:
        share = t[:, None] / lasts_s
        shape = np.sin(np.pi * np.clip(share * 1.6 - 0.6 * FOOT.y, 0.0, 1.0))
        return np.asarray(np.where((share >= 0) & (share <= 1), amount * shape, 0.0))

    return kpa


@pytest.fixture(scope="module")
def contacts() -> Contacts:
    kpa = [rolling(seed, lasts) for seed, lasts in enumerate(LASTS_S)]
    return stances(FOOT, kpa, lasts_s=LASTS_S, lost=lambda t: (t > 0.10) & (t < 0.11))


def shapes_of(contacts: Contacts) -> list[ContactShape]:
    return shapes(contacts, Scale.FULL, contacts.batch.contact_id, contacts.strike_s)


@pytest.mark.parametrize("scale", list(Scale))
def test_a_metric_measured_alone_is_its_row_of_the_table(contacts: Contacts, scale: Scale) -> None:
    table, uncertainties = measured(CONTACT_METRICS, contacts, scale), 0
    for i, metric in enumerate(CONTACT_METRICS):
        fresh = Contacts(contacts.batch, contacts.rates, contacts.device, contacts.body_weight_n)
        single = measured((metric,), fresh, scale)
        np.testing.assert_array_equal(single.value[0], table.value[i], err_msg=metric.name)
        np.testing.assert_array_equal(single.status[0], table.status[i], err_msg=metric.name)
        for row in single.uncertainty:
            np.testing.assert_array_equal(row, table.uncertainty[uncertainties], err_msg=metric.name)
            uncertainties += 1
    assert uncertainties == len(table.uncertainty)


def test_rows_in_any_order_are_the_same_rows(contacts: Contacts) -> None:
    table = measured(CONTACT_METRICS, contacts, Scale.FULL)
    order = np.random.default_rng(2).permutation(len(CONTACT_METRICS))
    shuffled = measured(tuple(CONTACT_METRICS[i] for i in order), contacts, Scale.FULL)
    np.testing.assert_array_equal(shuffled.value, table.value[order])
    np.testing.assert_array_equal(shuffled.status, table.status[order])
    assert np.isfinite(table.value).mean() > 0.8  # there was something to compare


def test_places_along_stance_lie_on_the_lines_between_the_frames(contacts: Contacts) -> None:
    known = np.isfinite(contacts.cop_mm[0])
    for i, shape in enumerate(shapes_of(contacts)):
        mine = known & (contacts.of == i)
        share = contacts.share[mine]
        for axis, at_stance in enumerate(shape.cop_stance_mm.T):
            of_frames = contacts.cop_mm[axis, mine]
            want = np.interp(np.linspace(0, 1, 101), share, of_frames, left=np.nan, right=np.nan)
            np.testing.assert_array_equal(at_stance, want)
        assert 60 < np.isfinite(shape.cop_stance_mm[:, 0]).sum() < 101


def test_a_shape_is_the_same_alone_and_in_company(contacts: Contacts) -> None:
    together = shapes_of(contacts)
    assert len(together) == len(contacts)
    for i, shape in enumerate(together):
        (single,) = shapes_of(alone(contacts, i))
        for name in ("contact_id", "strike_s", "force_bw", "peak_kpa", "cop", "cop_stance_mm", "rise"):
            np.testing.assert_array_equal(getattr(single, name), getattr(shape, name), err_msg=name)


def test_what_is_kept_is_computed_when_first_asked_for_and_only_then() -> None:
    asked = []

    class Square:
        @kept
        def area(self) -> float:
            asked.append(self)
            return 4.0

    one, other = Square(), Square()
    assert asked == []
    assert [one.area, one.area, other.area] == [4.0, 4.0, 4.0]
    assert asked == [one, other]
