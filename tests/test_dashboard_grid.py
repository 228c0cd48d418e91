"""Where panels stand: columns of twelve, rows of shares, and what happens to the room of a panel that is away."""

from __future__ import annotations

import pytest

from insole.dashboard.model.grid import Box, Column, Row, boxes

TWO = (
    Column(4, (Row({"feet": 1.0}),)),
    Column(8, (Row({"a": 1.0, "b": 3.0}, fixed="tiles"), Row({"c": 1.0}), Row({"d": 1.0}, 2.0))),
)
SIZE = (1200, 600)


def placed(*away: str) -> dict[str, Box]:
    return boxes(TWO, SIZE, 12, {"tiles": 100}, away)


def test_columns_rows_and_shares() -> None:
    found = placed()
    assert found["feet"] == Box(0, 0, 392, 600)
    assert found["a"] == Box(404, 0, 600, 100)
    assert found["b"] == Box(612, 0, 1200, 100)
    assert found["c"] == Box(404, 112, 1200, 271)  # a third of 476, below the tiles
    assert found["d"] == Box(404, 283, 1200, 600)


def test_room_of_an_absent_panel_goes_to_its_row_then_its_column_then_the_others() -> None:
    assert placed("a")["b"] == Box(404, 0, 1200, 100)
    assert placed("a", "b")["c"].top == 0
    assert placed("c")["d"] == Box(404, 112, 1200, 600)
    assert placed("feet")["d"].left == 0
    assert placed("feet")["d"].right == 1200
    assert placed("a", "b", "c", "d") == {"feet": Box(0, 0, 1200, 600)}
    assert placed("feet", "a", "b", "c", "d") == {}


def test_a_share_does_not_go_below_the_least_height() -> None:
    columns = (Column(12, (Row({"a": 1.0}), Row({"b": 1.0}, least="b"))),)
    for height, top in ((1000, 505), (500, 210)):  # half of it, or what the other leaves of 500 with a gap of 10
        found = boxes(columns, (100, height), 10, {"b": 290})
        assert found["b"] == Box(0, top, 100, height)
        assert found["a"].bottom == top - 10


@pytest.mark.parametrize("size", [(1248, 574), (1408, 706), (3776, 1844), (30, 20)])
def test_every_box_is_inside_and_none_overlaps(size: tuple[int, int]) -> None:
    found = list(boxes(TWO, size, 8, {"tiles": 10}).values())
    assert all(box.left < box.right and box.top < box.bottom for box in found)
    if size[0] > 100:
        assert all(box.left >= 0 and box.right <= size[0] and box.bottom <= size[1] for box in found)
        apart = [a.right <= b.left or b.right <= a.left or a.bottom <= b.top or b.bottom <= a.top
                 for i, a in enumerate(found) for b in found[:i]]  # fmt: skip
        assert all(apart)
