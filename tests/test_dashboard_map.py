"""Outline, mirror and pressure picture of a foot. No Qt."""

from __future__ import annotations

import dashboard_updates as du
import numpy as np
import pytest

from insole.blocks import Side
from insole.dashboard.model.outline import (
    DEFAULT_OUTLINE,
    Placement,
    bezier,
    cell_squares,
    inside,
    smooth_polygon,
)
from insole.dashboard.model.pressure_map import PressureMap, colour_table, coloured
from insole.device import Device

GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
BED, WHITE = (10, 12, 17), (255, 255, 255)


def at(picture: np.ndarray, device: Device, cell: int) -> float:
    """Value of a picture in foot coordinates at the centre of a cell."""
    rows, columns = picture.shape
    row = int((1 - device.y[cell]) * rows)
    column = int(device.x[cell] * columns)
    return float(picture[row, column])


def test_big_toes_and_arches_face_each_other() -> None:
    left, right = Placement(Side.LEFT, 0, 0, 100, 260), Placement(Side.RIGHT, 120, 0, 100, 260)
    medial_toe = np.array([0.1, 0.9])
    assert left(medial_toe)[0] > 50
    assert right(medial_toe)[0] < 170
    assert left(medial_toe)[1] == right(medial_toe)[1] < 130  # toes up
    np.testing.assert_allclose(left(np.array([0.0, 0.0])), [100, 260])
    np.testing.assert_allclose(right(np.array([0.0, 0.0])), [120, 260])


def test_the_outline_is_closed_smooth_and_as_drawn() -> None:
    pieces = bezier(DEFAULT_OUTLINE)
    np.testing.assert_array_equal(pieces[-1, 2], DEFAULT_OUTLINE[0])
    incoming = pieces[:, 2] - pieces[:, 1]
    outgoing = np.roll(pieces[:, 0], -1, axis=0) - pieces[:, 2]
    np.testing.assert_allclose(incoming, outgoing, atol=1e-12)
    polygon = smooth_polygon(DEFAULT_OUTLINE)
    assert polygon.min() > -0.01
    assert polygon.max() < 1.01


def test_inside() -> None:
    polygon = smooth_polygon(DEFAULT_OUTLINE)
    points = np.array([[0.5, 0.1], [0.5, 0.7], [0.05, 0.4], [1.2, 0.5], [0.02, 0.02]])  # the arch is outside
    np.testing.assert_array_equal(inside(points, polygon), [True, True, False, False, False])


@pytest.mark.parametrize("name", ["demo16", "demo32", "demo99"])
def test_the_picture_shows_each_cells_own_pressure_and_nothing_beyond(name: str) -> None:
    device = Device.named(name)
    picture_of = PressureMap(device)
    rng = np.random.default_rng(5)
    kpa = du.peak_picture(device, 312.0) + rng.uniform(0, 30, device.n_cells)
    field = picture_of.field(kpa)
    assert field.shape == (picture_of.rows, picture_of.columns)
    assert field.max() <= kpa.max() + 1e-3
    assert field.min() >= 0
    shown = np.array([at(field, device, c) for c in range(device.n_cells)])
    assert np.abs(shown - kpa).max() < 0.12 * kpa.max()  # a pixel beside the centre at most
    assert np.abs(shown - kpa).mean() < 0.03 * kpa.max()


def test_nothing_is_painted_far_outside_the_outline() -> None:
    device = Device.named("demo99")
    field = PressureMap(device).field(np.full(device.n_cells, 200.0))
    assert field[:, 0].max() == pytest.approx(200, abs=1) or field[:, 0].max() == 0
    rows, columns = field.shape
    assert field[int(0.6 * rows), 0] == 0  # medial of the arch
    assert field[2, columns - 2] == 0  # lateral of the toes
    assert field[rows // 2, columns // 2] == pytest.approx(200, abs=0.5)


def test_cells_in_one_place_do_not_break_the_map() -> None:
    device = Device.named("demo16")
    device = device.with_changes(x=np.full(16, 0.5), y=np.full(16, 0.5))
    field = PressureMap(device).field(np.full(16, 120.0))
    assert field.max() == pytest.approx(120, abs=0.1)


def test_unmeasured_cells_count_as_no_pressure() -> None:
    device = Device.named("demo16")
    field = PressureMap(device).field(np.full(16, np.nan))
    assert field.max() == 0


def test_colours_are_linear_with_bed_below_and_white_above() -> None:
    table = colour_table(GREYS, BED, WHITE, 400.0)
    field = np.array([[0.0, 4.0, 30.0, 200.0, 400.0, 400.5, 9999.0]], np.float32)
    red = (coloured(field, table) >> 16) & 255
    blue = coloured(field, table) & 255
    assert list(red[0]) == [10, 10, round(30 / 400 * 255), round(200 / 400 * 255), 255, 255, 255]
    assert list(blue[0])[:2] == [17, 17]
    assert (coloured(field, table) >> 24 == 255).all()


def test_a_square_has_the_area_of_its_cell() -> None:
    device = Device.named("demo99")
    sizes = cell_squares(device) * [device.width_mm, device.length_mm]
    np.testing.assert_allclose(sizes.prod(axis=1), device.area_mm2)
