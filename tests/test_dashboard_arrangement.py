"""How a person arranges a view, and which lines of the flags can be moved. Without Qt."""

from __future__ import annotations

import pytest

from insole.dashboard.model.arrangement import Arrangement, movable
from insole.dashboard.model.grid import Column, Row
from insole.dashboard.model.limits import LIMITS, moved, text_of, value_of
from insole.dashboard.model.words import NumberStyle
from insole.errors import SettingsError
from insole.settings import Settings

COLUMNS = (
    Column(4, (Row({"feet": 1.0}), Row({"below": 1.0}))),
    Column(5, (Row({"a": 1.0, "b": 1.0}), Row({"c": 1.0}), Row({"d": 1.0}))),
    Column(3, (Row({"e": 1.0}), Row({"f": 1.0}))),
)


def names(arranged: Arrangement) -> list[list[str]]:
    return [[next(iter(row.panels)) for row in column.rows] for column in arranged.columns(COLUMNS)]


def test_rows_of_the_right_columns_move_up_one_by_one_and_the_left_stays() -> None:
    assert movable(COLUMNS) == ["c", "d", "f"]
    once = Arrangement().moved_up(COLUMNS, "d")
    assert names(once) == [["feet", "below"], ["a", "d", "c"], ["e", "f"]]
    assert names(once.moved_up(COLUMNS, "d").moved_up(COLUMNS, "f")) == [["feet", "below"], ["d", "a", "c"], ["f", "e"]]
    assert names(once.moved_up(COLUMNS, "below")) == names(once)
    assert names(once.moved_up(COLUMNS, "a")) == names(once)  # it is at the top


def test_an_arrangement_is_remembered_as_a_text() -> None:
    arranged = Arrangement().toggled("c").toggled("e").moved_up(COLUMNS, "f")
    assert Arrangement.of(arranged.text) == arranged
    assert Arrangement.of("") == Arrangement()
    assert not Arrangement().text
    assert arranged.toggled("c").hidden == {"e"}
    strange = Arrangement.of("gone,c|nowhere,f")
    assert names(strange)[2] == ["f", "e"]


def test_every_limit_exists_and_moves_by_its_step() -> None:
    settings = Settings()
    for limit in LIMITS:
        value = moved(settings, limit, 1)
        assert value == pytest.approx(value_of(settings, limit) + limit.step)
        assert value_of(settings.changed(limit.key, value), limit) == value
    assert text_of(settings, LIMITS[0], NumberStyle()) == "66 BW/s"
    with pytest.raises(SettingsError, match="valr_watch_bw_s"):
        moved(settings, LIMITS[0], 5)  # watch above on
    with pytest.raises(SettingsError):
        moved(settings, next(limit for limit in LIMITS if limit.key.endswith("loss_pct")), -5)
