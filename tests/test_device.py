"""Device profiles: what is read, what is refused, and which cell belongs to which region."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from insole.device import MASKS, REGIONS, Device, device_names, force_device
from insole.errors import SettingsError

PLAIN = {
    "name": "three",
    "rate_hz": 100.0,
    "x": [0.5] * 3,
    "y": [0.1, 0.5, 0.9],
    "area_mm2": [100.0] * 3,
    "scale_kpa": 1.0,
}


@pytest.mark.parametrize("name", device_names())
def test_every_shipped_profile_reads_and_goes_through_a_header_unchanged(name: str) -> None:
    device = Device.named(name)
    again = Device.from_dict(device.to_dict())
    for key in Device.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again, key), getattr(device, key), err_msg=key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rate_hz", 0.0),
        ("rate_hz", "fast"),
        ("offset_counts", "abc"),
        ("name", 5),
        ("zeroed", "no"),
        ("length_mm", [1.0]),
        ("length_mm", -3.0),
        ("curve", [[0.0, 0.0]]),
        ("curve", [[0.0, 0.0], [2.0, 1.0], [1.0, 2.0]]),
        ("scale_kpa", [[1.0, 1.0, 1.0]]),
        ("x", [0.5, 0.5]),
        ("area_mm2", []),
        ("area_mm2", 100.0),
        ("area_mm2", [0.0, 0.0, 0.0]),
        ("colour", "red"),
    ],
)
def test_what_a_profile_cannot_be_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=key):
        Device.from_dict({**PLAIN, key: value}, "three.toml")


@pytest.mark.parametrize("key", ["name", "rate_hz", "area_mm2", "scale_kpa"])
def test_what_a_profile_lacks_is_said(key: str) -> None:
    with pytest.raises(SettingsError, match=rf"^three\.toml: '{key}' is missing$"):
        Device.from_dict({name: value for name, value in PLAIN.items() if name != key}, "three.toml")


def test_masks_are_disjoint_and_cover_every_cell() -> None:
    for name in ("demo16", "demo32", "demo99"):
        weights = Device.named(name).region_weights()[:, [REGIONS.index(mask) for mask in MASKS]]
        np.testing.assert_allclose(np.nan_to_num(weights).sum(axis=1), 1.0, atol=1e-9)


def test_a_curve_is_monotone_and_clamped_at_its_ends() -> None:
    device = Device.from_dict({**PLAIN, "curve": [[0, 0.0], [100, 50.0], [1000, 600.0]]})
    kpa = device.to_kpa(np.arange(0, 2000, 10)[:, None] * np.ones(3, np.int64))[:, 0]
    assert (np.diff(kpa) >= 0).all()
    assert kpa[-1] == kpa[120] == 600.0


def test_a_force_device_reads_newtons() -> None:
    plate = force_device("plate", 500.0, newton_per_count=0.1, offset_counts=20_000)
    kpa = plate.to_kpa(np.array([[20_000], [27_000], [19_000]]))
    np.testing.assert_allclose(kpa[:, 0] * plate.area_mm2[0] * 1e-3, [0.0, 700.0, -100.0])
    assert not plate.has_geometry
