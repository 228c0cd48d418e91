"""Vendors' text in, against general readers on the same file in the same run (I1): pedar and OpenGo.

The files are made up, seeded, in the layout of the vendors. 'Reading' is text to frames of checked numbers, clock and
totals held against the file; the whole import goes on to faults of transmission and packets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.measure import Line, in_turns
from insole.device import Device
from insole.formats import import_file

PEDAR_CELLS, OPENGO_CELLS = 99, 16
RATE_HZ = 100.0
LOADED_SHARE = 0.4
OPENGO_LONGER = 6  # with so much more time both files are as large
Job = Callable[[], object]


def reading(folder: Path, seconds: float, rounds: int) -> Iterator[Line]:
    """I1."""
    yield from _pedar(pedar_text(folder / "walk.asc", seconds), rounds)
    yield from _opengo(opengo_text(folder / "walk.txt", OPENGO_LONGER * seconds), rounds)


def _pedar(path: Path, rounds: int) -> Iterator[Line]:
    others: dict[str, Job] = {"np.fromfile": lambda: _from_file(path)}
    if find_spec("polars") is not None:
        others["polars, numbers stripped of blanks"] = lambda: _polars_padded(path)
    if find_spec("pandas") is not None:
        others["pandas"] = lambda: _pandas(path, 10, header=None, skipinitialspace=True)
    read_s, import_s, *taken = in_turns(lambda: _read(path), lambda: _import(path), *others.values(), rounds=rounds)
    for name, seconds in zip(others, taken, strict=True):
        limit = 1.5 if name == "np.fromfile" else None
        yield Line("I1", f"pedar, whole import against {name}", import_s / seconds, limit)
        yield Line("I1", f"pedar, reading against {name}", read_s / seconds, None)


def _opengo(path: Path, rounds: int) -> Iterator[Line]:
    others: dict[str, Job] = {}
    if find_spec("polars") is not None:
        others["polars"] = lambda: _polars(path, 4)
    if find_spec("pandas") is not None:
        others["pandas"] = lambda: _pandas(path, 4)
    if find_spec("pyarrow") is not None:
        others["pyarrow"] = lambda: _arrow(path, 4)
    if find_spec("moticon_opengo") is not None:
        others["moticon-opengo"] = lambda: _moticon(path)
    if not others:
        return
    read_s, import_s, *taken = in_turns(lambda: _read(path), lambda: _import(path), *others.values(), rounds=rounds)
    yield Line("I1", "OpenGo, reading against the fastest general reader", read_s / min(taken), 1.2)
    for name, seconds in zip(others, taken, strict=True):
        yield Line("I1", f"OpenGo, reading against {name}", read_s / seconds, None)
        yield Line("I1", f"OpenGo, whole import against {name}", import_s / seconds, None)


def _read(path: Path) -> None:
    deque(import_file(path).file.stream(), maxlen=0)


def _import(path: Path) -> None:
    deque(import_file(path).inputs, maxlen=0)


def _from_file(path: Path) -> object:
    with path.open("rb") as file:
        for _ in range(10):
            file.readline()
        return np.fromfile(file, sep="\t")


def _polars(path: Path, skip: int) -> object:
    import polars as pl

    return pl.read_csv(path, separator="\t", skip_rows=skip)


def _polars_padded(path: Path) -> object:
    """Cells padded with blanks are text to polars: they have to be stripped and cast."""
    import polars as pl

    text = pl.read_csv(path, separator="\t", skip_rows=10, has_header=False, infer_schema=False)
    return text.select(pl.all().str.strip_chars().cast(pl.Float64, strict=False))


def _pandas(path: Path, skip: int, **options: object) -> object:
    import pandas as pd

    return pd.read_csv(path, sep="\t", skiprows=skip, **options)  # type: ignore[call-overload]


def _arrow(path: Path, skip: int) -> object:
    """On one thread: on several it takes more processor time."""
    from pyarrow import csv

    one_thread = csv.ReadOptions(use_threads=False, skip_rows=skip)
    return csv.read_csv(path, one_thread, csv.ParseOptions(delimiter="\t"))


def _moticon(path: Path) -> object:
    from moticon_opengo.txt_export import Measurement

    return Measurement(str(path))


def pedar_text(path: Path, seconds: float) -> Path:
    """A pedar export of both feet: cells in steps of 2.5 kPa, padded with blanks."""
    kpa = 2.5 * _steps(seconds, 2 * PEDAR_CELLS, 160)
    numbers = ",".join(map(str, range(1, PEDAR_CELLS + 1)))
    header = [
        "file name:  run.sol\tdate/time  25.04.23 10.49",
        "sensor type:  y-1865l-1870r-pxf306",
        f"total time [secs]:  {seconds:.3f}\ttime per frame [secs]:  0.01000\tscanning rate [Hz]:   {RATE_HZ:.0f}",
        "pressure values in  kPa",
        "",
        f"left insole: {numbers}",
        f"right insole: {numbers}",
        "",
        "",
        "\t".join(["time[secs]", *2 * [f"{n:7d}" for n in range(1, PEDAR_CELLS + 1)]]),
    ]
    rows = (
        "\t".join([f"{(i + 1) / RATE_HZ:12.5f}", *map("{:7.3f}".format, row)]) for i, row in enumerate(kpa.tolist())
    )
    return _written(path, header, rows)


def opengo_text(path: Path, seconds: float) -> Path:
    """An OpenGo export of both feet with all its columns: cells in steps of 0.25 N/cm2, total force as they give it."""
    area_cm2 = Device.named("opengo_size6").area_mm2 / 100.0
    names, columns = ["time"], [np.arange(int(seconds * RATE_HZ)) / RATE_HZ]
    for foot, seed in (("left", 1), ("right", 2)):
        cells = 0.25 * _steps(seconds, OPENGO_CELLS, 60, seed)
        motion = np.random.default_rng(seed).normal(size=(len(cells), 8)).round(2)
        names += [f"{foot} pressure {n}[N/cm²]" for n in range(1, OPENGO_CELLS + 1)]
        names += [f"{foot} acceleration {axis}[g]" for axis in "XYZ"]
        names += [f"{foot} angular {axis}[dps]" for axis in "XYZ"]
        names += [f"{foot} total force[N]", f"{foot} center of pressure X[-0.5...+0.5]"]
        names += [f"{foot} center of pressure Y[-0.5...+0.5]"]
        columns += [*cells.T, *motion[:, :6].T, np.round(cells @ area_cm2), *motion[:, 6:].T]
    header = [
        "# Start time: 27.09.2023 10:21:14.922",
        "# Duration: 00:00:00.000",
        "# Sensor insoles: Left SN1, Right SN2",
    ]
    header += ["# Size: 6", "# " + "\t".join(names)]
    rows = ("\t".join(map("{:.2f}".format, row)) for row in np.column_stack(columns).tolist())
    return _written(path, header, rows)


def _steps(seconds: float, cells: int, most: int, seed: int = 1) -> np.ndarray:
    """Whole steps of pressure (n, cells): nothing for 0.42 s, then 0.28 s of load, cells of their own size."""
    rng = np.random.default_rng(seed)
    phase = np.mod(np.arange(int(seconds * RATE_HZ)) / RATE_HZ, 0.7) / 0.7
    load = np.where(phase > 1 - LOADED_SHARE, np.sin(np.pi * (phase - 1 + LOADED_SHARE) / LOADED_SHARE), 0.0)
    return np.rint(most * load[:, np.newaxis] * rng.uniform(0.1, 1.0, cells))


def _written(path: Path, header: list[str], rows: Iterator[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in header)
        file.writelines(row + "\n" for row in rows)
    return path
