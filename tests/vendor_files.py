"""Small files in the formats of vendors, made up: the same runner in each, to hold what is read against it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

import numpy as np

from insole.blocks import FloatArray
from insole.device import Device

STEP_S = 0.35
CONTACT_S = 0.25
PEAK_N = 1500.0


def force_n(t_s: FloatArray, *, right: bool = False) -> FloatArray:
    """Vertical force of one foot: half sines of 0.25 s, the feet in turn every 0.35 s."""
    phase = np.mod(t_s - 0.1 - STEP_S * right, 2 * STEP_S)
    return np.where(phase < CONTACT_S, PEAK_N * np.sin(np.pi * np.minimum(phase, CONTACT_S) / CONTACT_S), 0.0)


def times(seconds: float, rate_hz: float) -> FloatArray:
    """Regular stamps from 0."""
    return np.arange(int(seconds * rate_hz)) / rate_hz


def table(rows: Sequence[Sequence[str]], delimiter: str = ",", line_end: str = "\n") -> str:
    """Rows of cells as text, every line ended."""
    return "".join(delimiter.join(row) + line_end for row in rows)


def force_table(seconds: float = 3.0, rate_hz: float = 200.0) -> str:
    """The generic force table of both feet."""
    t = times(seconds, rate_hz)
    cells = zip(t, force_n(t), force_n(t, right=True), strict=True)
    return table(
        [["time_s", "left_force_n", "right_force_n"], *([f"{a:.4f}", f"{b:.2f}", f"{c:.2f}"] for a, b, c in cells)]
    )


def opengo_cells(force: FloatArray, area_cm2: Sequence[float]) -> FloatArray:
    """Pressures (n, 16) in N/cm2 on the insole's steps of 0.25, that together make about the force."""
    share = np.linspace(0.5, 1.5, 16)
    each = force[:, None] * share / float(share @ np.asarray(area_cm2))
    return np.round(each * 4) / 4


def opengo(
    area_cm2: Sequence[float],
    seconds: float = 3.0,
    *,
    native: bool = True,
    late_left_frames: int = 0,
    feet: Sequence[str] = ("left", "right"),
    with_force: bool = True,
    size: int = 6,
) -> str:
    """An OpenGo export with or without its '#' header."""
    t = times(seconds, 100.0)
    names = ["time"]
    columns: list[list[str]] = [[f"{v:.2f}" for v in t]]
    for foot in feet:
        cells = opengo_cells(force_n(t, right=foot == "right"), area_cm2)
        names += [f"{foot} pressure {n}[N/cm²]" for n in range(1, 17)] + [f"{foot} acceleration X[g]"]
        own = [*cells.T, np.full(len(t), -0.98)]
        if with_force:
            names.append(f"{foot} total force[N]")
            own.append(np.round(cells @ np.asarray(area_cm2)))
        for values in own:
            late = late_left_frames if foot == "left" else 0
            columns.append(["" if i < late else f"{v:.2f}" for i, v in enumerate(values)])
    delimiter = "\t" if native else ";"
    rows = [list(row) for row in zip(*columns, strict=True)]
    if not native:
        return table([["Time", *names[1:]], *rows], delimiter)
    header = f"# Start time: 27.09.2023 10:21:14.922\n# Size: {size}\n# Name: Jane Doe\n# Notes: knee hurts\n"
    return header + "# " + table([names, *rows], delimiter)


def loadsol(
    seconds: float = 3.0,
    *,
    zones: bool = False,
    feet: Sequence[str] = ("L", "R"),
    repeat_every: int = 40,
    delimiter: str = "\t",
    spoil: Callable[[str, FloatArray], object] = lambda _foot, _force: None,
) -> str:
    """A loadsol export: every `repeat_every` rows one is held, as a clock slower than 200 Hz is padded."""
    names, units = [""], ["Time[secs]"]
    columns: list[list[str]] = []
    rows = int(seconds * 200)
    held = np.cumsum(np.arange(rows) % repeat_every == repeat_every - 1) if repeat_every else np.zeros(rows, int)
    true_rows = np.arange(rows) - held
    stamps = np.round(true_rows * (rows - 1) / true_rows[-1]) * 0.005  # the app stretches them over its 200 Hz
    for at, foot in enumerate(feet):
        if at:
            names.append("")
            units.append("Time[secs]")
        true_s = true_rows / true_rows[-1] * (rows - 1) * 0.005
        force = np.round(force_n(true_s, right=foot == "R") / 2.5) * 2.5
        spoil(foot, force)
        lost = np.isnan(force)
        columns.append([f"{v:.3f}" for v in stamps])
        if zones:
            order = ("heel", "medial", "lateral") if foot == "L" else ("lateral", "medial", "heel")
            share = {"heel": 0.5, "medial": 0.3, "lateral": 0.2}
            for zone in order:
                names.append(f"PGV1-{foot}::{zone}")
                units.append("Force[N]")
                columns.append([f"{v:.3f}" for v in np.where(lost, -1.0, share[zone] * force)])
        names.append(f"PGV1-{foot}")
        units.append("Force[N]")
        columns.append([f"{v:.3f}" for v in np.where(lost, 0.0, force)])
    body = [[*row, "", ""] for row in zip(*columns, strict=True)]
    head = f"loadapp_2024.loadflux\ncomment Jane Doe left knee{delimiter}\n"
    return head + table([[*names, "", ""], [*units, ""], *body], delimiter)


def pedar(
    seconds: float = 2.0, *, size: str = "y", insoles: Sequence[str] = ("left", "right"), area_mm2: FloatArray
) -> str:
    """A pedar export: padded cells in steps of 2.5 kPa."""
    t = 0.01 + times(seconds, 100.0)
    header = [
        "file name:  Jane_Doe.sol\tdate/time  25.04.23 10.49",
        f"sensor type:  {size}-1865l-1870r-pxf306 ",
        f"total time [secs]:  {seconds:.3f}\ttime per frame [secs]:  0.01000\tscanning rate [Hz]:   100",
        "pressure values in  kPa",
        "",
        *(
            f"{foot} insole: " + ("".join(f"{n}," for n in range(1, 100)) if foot in insoles else "")
            for foot in ("left", "right")
        ),
        "",
        "\t".join(["time[secs]    ", *[f"{n:7d}" for _ in insoles for n in range(1, 100)], ""]),
    ]
    kpa = [
        np.round(force_n(t, right=foot == "right")[:, None] * np.ones(99) / area_mm2.sum() * 1e3 / 2.5) * 2.5
        for foot in insoles
    ]
    rows = ["\t".join([f"{a:12.5f}", *(f"{v:7.3f}" for foot in kpa for v in foot[i])]) for i, a in enumerate(t)]
    return "\n".join([*header, *rows]) + "\n"


def xsensor(frames: int = 40, *, numbers: Sequence[int] | None = None, start_s: float = 30063.982) -> str:
    """An XSENSOR export: 6 x 3 sensels a foot, of which the corners are never loaded, and GROUP blocks behind them."""
    comma = "," * 9
    lines = [f'File:,"C:\\Users\\Jane Doe\\run.XSN"{comma}', comma, f"Units:,mmHg{comma}", comma]
    for i in range(frames):
        t = (start_s + i / 75) % 86400
        clock = f"{int(t // 3600):02}:{int(t // 60 % 60):02}:{t % 60:06.3f}"
        number = 1464 + i if numbers is None else numbers[i]
        lines += [
            f"FRAME,{number}{comma}",
            comma,
            f"Date, 2022 Aug 16{comma}",
            comma,
            f"Time, {clock}{comma}",
            comma,
        ]
        for foot in ("LF", "RF"):
            mmhg = np.zeros((6, 3))
            mmhg[1:5] = np.round(100 + 50 * np.arange(12).reshape(4, 3) + 10 * np.sin(i) * (foot == "LF"), 2)
            load = mmhg.sum() * 0.1333223684 * 74.0e-3
            lines += [f"SENSOR,HX.3.6-DFM-{foot} S1{comma}", comma, f"Rows,6{comma}", f"Columns,3{comma}"]
            lines += [
                f"Sensel Width (cm),0.86{comma}",
                f"Sensel Height (cm),0.86{comma}",
                f"Est. Load (N),{load:.2f}{comma}",
            ]
            lines += [f"SENSELS{comma}"]
            for row in mmhg:
                lines += [",".join(f"{v:g}" for v in row) + comma, comma]
        lines += [
            f"GROUP,1{comma}",
            f"Name,Left Heel{comma}",
            f"Est. Load (N),9999{comma}",
            f"SENSELS{comma}",
            "1,2,3" + comma,
        ]
    return "\n".join(lines) + "\n"


def fscan(
    frames: int = 40, *, foot: str = "L", shape: tuple[int, int] = (6, 4), numbers: Sequence[int] | None = None
) -> str:
    """An F-Scan movie: corners without sensels, a load that grows from toe to heel."""
    rows, columns = shape
    header = [
        "DATA_TYPE MOVIE",
        f"FILENAME C:\\JaneDoe\\run01{foot}.fsx",
        f"ROWS {rows}",
        f"COLS {columns}",
        f"ROW_SPACING {250 / rows:.2f} mm",
        f"COL_SPACING {90 / columns:.2f} mm",
        "SENSEL_AREA 25.8064 mm2",
        "SECONDS_PER_FRAME 0.01",
        "SATURATION_PRESSURE 1514.73 KPa ",
        "COMMENTS:",
        "knee hurts",
        "UNITS KPa",
        "ASCII_DATA @@",
        "",
    ]
    lines = list(header)
    for i in range(frames):
        lines.append(f"Frame {i + 1 if numbers is None else numbers[i]}")
        for r in range(rows):
            cells = [str(10 * r + c + i % 7) for c in range(columns)]
            if r in {0, rows - 1}:
                cells[0] = cells[-1] = "B"
            lines.append(",".join(cells))
        lines.append("")
    return "\n".join([*lines, "@@"]) + "\n"


def stappone(seconds: float = 6.0, soles: Sequence[int] = (1,)) -> str:
    """A stAPPone recording: 12 raw channels that carry the force upon some offset."""
    names = ["sole_id", "timestamp", "accel_x", *(f"pressure_{n:02}" for n in range(1, 13)), "corrupt"]
    rows = []
    for i in range(int(seconds * 62.5)):
        for sole in soles:
            raw = 200 + np.arange(12) * 10 + force_n(np.array([i / 62.5]), right=sole == 2)[0] / 5
            rows.append([str(sole), str(1768494979568 + 16 * i), "-1780", *(f"{v:.0f}" for v in raw), "0"])
    return table([names, *rows])


def mot(seconds: float = 2.0) -> str:
    """OpenSim ground forces of both feet at 300 Hz, padded as OpenSim does."""
    t = times(seconds, 300.0)
    names = ["time"] + [f"{foot}_ground_force_{axis}" for foot in "RL" for axis in ("vx", "vy", "vz", "px", "py", "pz")]
    head = f"name grf.mot\ndatacolumns {len(names)}\ndatarows {len(t)}\nrange 0 {t[-1]:e}\nendheader\n\n"
    rows = []
    for a, right, left in zip(t, force_n(t, right=True), force_n(t), strict=True):
        values = [a, 1.0, right, 2.0, 0.0, 0.0, 0.0, 3.0, left, 4.0, 0.0, 0.0, 0.0]
        rows.append("".join(f"{v:20.8f}\t" for v in values) + "      ")
    return head + "".join(f"{name:>20}\t" for name in names) + "\n" + "\n".join(rows) + "\n"


def c3d(
    force: FloatArray,
    labels: Sequence[str],
    *,
    rate_hz: float = 1000.0,
    point_hz: float = 100.0,
    order: str = "<",
    in_floats: bool = True,
    scale: float = 1.0,
) -> bytes:
    """A C3D file of force plates without markers: `force` (n, plates) is Fz, down as plates of type 2 have it."""
    frames, plates = len(force), force.shape[1]
    per_frame = round(rate_hz / point_hz)
    processor = {"<": 84, ">": 86}[order]
    numbers = {1: "b", 2: "h", 4: "f"}
    records = b""

    def name_of(text: str, group: int) -> bytes:
        return struct.pack("bb", len(text), group) + text.encode()

    def group(number: int, text: str) -> bytes:
        return name_of(text, -number) + struct.pack(order + "h", 3) + b"\0"

    def parameter(number: int, text: str, kind: int, shape: Sequence[int], data: bytes) -> bytes:
        body = struct.pack("bB", kind, len(shape)) + bytes(shape) + data + b"\0"
        return name_of(text, number) + struct.pack(order + "h", len(body) + 2) + body

    def values(kind: int, *given: float) -> bytes:
        return struct.pack(f"{order}{len(given)}{numbers[kind]}", *given)

    text = "".join(f"{label:8}" for plate in range(plates) for label in ("Fx", "Fy", labels[plate])).encode()
    channels = 3 * plates
    records += group(1, "POINT") + group(2, "ANALOG") + group(3, "FORCE_PLATFORM")
    records += parameter(1, "USED", 2, [], values(2, 0)) + parameter(1, "RATE", 4, [], values(4, point_hz))
    records += parameter(1, "SCALE", 4, [], values(4, -1.0 if in_floats else 1.0))
    records += parameter(1, "DATA_START", 2, [], values(2, 4))
    records += parameter(2, "USED", 2, [], values(2, channels)) + parameter(2, "RATE", 4, [], values(4, rate_hz))
    records += parameter(2, "GEN_SCALE", 4, [], values(4, 1.0))
    records += parameter(2, "SCALE", 4, [channels], values(4, *[scale] * channels))
    records += parameter(2, "OFFSET", 2, [channels], values(2, *[0] * channels))
    records += parameter(2, "LABELS", -1, [8, channels], text)
    records += parameter(3, "USED", 2, [], values(2, plates)) + parameter(
        3, "TYPE", 2, [plates], values(2, *[2] * plates)
    )
    records += parameter(3, "CHANNEL", 2, [3, plates], values(2, *range(1, channels + 1)))
    section = (struct.pack("4B", 1, 80, 2, processor) + records + b"\0\0").ljust(1024, b"\0")
    header = struct.pack("BB", 2, 80) + struct.pack(
        f"{order}HHHHHfHHf", 0, channels * per_frame, 1, frames // per_frame, 0, -1.0, 4, per_frame, point_hz
    )
    analog = np.zeros((frames // per_frame * per_frame, channels))
    analog[:, 2::3] = -force[: len(analog)] / scale
    return header.ljust(512, b"\0") + section + analog.astype(order + ("f4" if in_floats else "i2")).tobytes()


PEDAR_MM2 = Device.named("pedar_y").area_mm2
OPENGO_CM2 = Device.named("opengo_size6").area_mm2 / 100
PLATES_N = force_n(times(2.0, 1000.0))[:, None]

FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "loadsol": ("loadsol", lambda: loadsol().encode()),
    "loadsol_zones": ("loadsol", lambda: loadsol(zones=True, delimiter=",").encode()),
    "opengo": ("opengo", lambda: opengo(OPENGO_CM2, late_left_frames=20).encode()),
    "opengo_again": ("opengo", lambda: opengo(OPENGO_CM2, native=False).encode()),
    "pedar": ("pedar", lambda: pedar(1.0, area_mm2=PEDAR_MM2).encode()),
    "xsensor": ("xsensor", lambda: xsensor().encode("utf-8-sig")),
    "fscan": ("fscan", lambda: fscan().encode()),
    "stappone": ("stappone", lambda: stappone().encode()),
    "mot": ("mot", lambda: mot().encode()),
    "c3d": ("c3d", lambda: c3d(PLATES_N, ["Fz1"])),
    "force": ("force", lambda: force_table().encode()),
}
"""A small file of every kind: the name of its format, and its bytes."""
