"""The command from outside: results, one clear line for every fault, exit codes, nothing overwritten."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import insole
from insole.cli import VERBS, build_parser, main

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "run.mcap"
    assert main(["simulate", "-o", str(path), "--seconds", "30", "--limp", "0.2"]) == 0
    return path


@pytest.fixture
def cut_in_half(recording: Path, tmp_path: Path) -> Path:
    path = tmp_path / "half.mcap"
    data = recording.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


@pytest.fixture
def force_table(tmp_path: Path) -> Path:
    """A minute of one runner's belt force: 160 steps/min of half sines of 250 ms, 200 Hz."""
    import numpy as np

    t_s = np.arange(0, 60, 0.005)
    step_s = 60 / 160
    phase_s = t_s % step_s
    force_n = np.where(phase_s < 0.25, 1650 * np.sin(np.pi * np.minimum(phase_s, 0.25) / 0.25), 0.0)
    left = (t_s // step_s) % 2 == 0
    path = tmp_path / "force.csv"
    rows = [f"{t:.3f},{a:.2f},{b:.2f}" for t, a, b in zip(t_s, force_n * left, force_n * ~left, strict=True)]
    path.write_text("\n".join(["time_s,left_force_n,right_force_n", *rows, ""]), encoding="utf-8")
    return path


class Outcome:
    """What a run of the command left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def must_be_one_line(self, *parts: str) -> None:
        assert self.code == 1
        assert self.out == ""
        assert self.err.startswith("insole: ")
        assert self.err.count("\n") == 1
        for part in parts:
            assert part in self.err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """The command in this process."""

    def call(*argv: object) -> Outcome:
        capsys.readouterr()
        try:
            code = main([str(part) for part in argv])
        except SystemExit as end:  # argparse: help and usage errors
            code = int(end.code or 0)
        return Outcome(code, *capsys.readouterr())

    return call


def in_process(*argv: object, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with no display, after some lines of Python."""
    code = f"import sys\n{before}\nfrom insole.cli import main\nsys.exit(main(sys.argv[1:]))"
    clean = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, argv)],
        capture_output=True, text=True, check=False, env={**clean, **environment}, stdin=subprocess.DEVNULL,
    )  # fmt: skip


# ---- help and usage ------------------------------------------------------------------------------------------------


def test_help_is_short(run) -> None:
    done = run("--help")
    assert done.code == 0
    assert len(done.out.splitlines()) <= 25
    assert all(verb.name in done.out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_an_example_that_it_takes(run, verb) -> None:
    done = run(verb.name, "--help")
    assert done.code == 0
    assert verb.example in done.out
    words = shlex.split(verb.example)
    assert words[:2] == ["insole", verb.name]
    assert build_parser(words[1:]).parse_args(words[1:]).run is verb.run


def test_version(run) -> None:
    assert run("--version").out == f"insole {insole.__version__}\n"


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("analyse-everything",),
        ("analyze",),
        ("analyze", "run.mcap", "--jsn"),
        ("analyze", "a.mcap", "b.mcap", "--table", "t.csv"),
        ("analyze", "run.mcap", "--body-mass", "7"),
        ("analyze", "run.mcap", "--body-mass", "heavy"),
        ("import", "run.csv"),
        ("record", "synthetic:", "-o", "x.mcap", "--seconds", "-1"),
        ("record", "synthetic:", "-o", "x.mcap", "--cue", "horn"),
        ("live", "synthetic:", "--target", "softer"),
        ("live", "synthetic:", "--target", "1000"),
        ("replay", "run.mcap", "--size", "huge"),
        ("simulate",),
    ],
)
def test_wrong_usage_is_2(run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert done.code == 2
    assert done.out == ""
    assert "error:" in done.err.splitlines()[-1]


# ---- results -------------------------------------------------------------------------------------------------------


def test_analyze_prints_a_summary(run, recording: Path) -> None:
    done = run("analyze", recording)
    assert done.code == 0
    assert done.err == ""
    assert "Cadence, steps/min" in done.out


def test_json_is_one_document_and_nothing_else(run, recording: Path) -> None:
    done = run("analyze", recording, "--json")
    assert done.code == 0
    assert json.loads(done.out)["file"] == str(recording)


def test_several_files_are_an_array_and_one_bad_one_spoils_only_itself(run, recording: Path, tmp_path: Path) -> None:
    done = run("analyze", recording, tmp_path / "gone.mcap", recording, "--json")
    assert done.code == 1
    assert [document["file"] for document in json.loads(done.out)] == [str(recording)] * 2
    assert done.err.count("\n") == 1
    assert "gone.mcap" in done.err


def test_body_mass_and_settings_reach_the_analysis(run, recording: Path, tmp_path: Path) -> None:
    settings = tmp_path / "limits.toml"
    settings.write_text("[flags]\nenabled = false\n", encoding="utf-8")
    done = run("analyze", recording, "--json", "--body-mass", "82.5", "--settings", settings)
    document = json.loads(done.out)
    assert (document["body_mass_kg"], document["body_mass_source"]) == (82.5, "option")
    assert {flag["rule"] for flag in document["flags"]} <= {"signal_quality"}  # the body-weight check still speaks
    settings.write_text("[flags]\nloudness = 11\n", encoding="utf-8")
    run("analyze", recording, "--settings", settings).must_be_one_line("limits.toml", "flags.loudness")


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.parquet"])
def test_table_and_export_write_the_same(run, recording: Path, tmp_path: Path, name: str) -> None:
    assert run("analyze", recording, "--table", tmp_path / f"a_{name}").code == 0
    done = run("export", recording, "-o", tmp_path / f"b_{name}")
    assert done.code == 0
    assert "contacts" in done.out
    assert (tmp_path / f"a_{name}").read_bytes() == (tmp_path / f"b_{name}").read_bytes()


def test_import_makes_the_recording_that_analyze_makes_of_the_file(run, force_table: Path, tmp_path: Path) -> None:
    assert run("import", "--explain", force_table).out
    made = tmp_path / "force.mcap"
    assert run("import", force_table, "-o", made, "--body-mass", "70").code == 0
    of_recording = json.loads(run("analyze", made, "--json").out)
    of_file = json.loads(run("analyze", force_table, "--json", "--body-mass", "70").out)
    assert of_recording["contacts"] == of_file["contacts"]
    assert of_recording["metrics"] == of_file["metrics"]
    assert of_file["cadence_spm"]["mean"] == pytest.approx(160, abs=0.1)


def test_simulate_writes_the_truth_beside_it(run, tmp_path: Path) -> None:
    path = tmp_path / "walk.mcap"
    assert run("simulate", "-o", path, "--plan", "walk:10", "--mass", "60").code == 0
    truth = json.loads((tmp_path / "walk.mcap.truth.json").read_text(encoding="utf-8"))
    assert truth["schema"] == 1
    assert {contact["kind"] for contact in truth["contacts"]} == {"walk"}
    assert path.stat().st_mode & 0o077 == 0
    run("simulate", "-o", tmp_path / "x.mcap", "--cadence", "fast").must_be_one_line("cadence", "fast")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["walk.mcap", "walk.mcap.truth.json"]


def test_record_a_source(run, tmp_path: Path) -> None:
    path = tmp_path / "kept.mcap"
    assert run("record", "synthetic:?seed=3&seconds=20&speed=inf", "-o", path, "--seconds", "5").code == 0
    checked = json.loads(run("check", path, "--json").out)
    assert checked["whole"]
    assert checked["duration_s"] == pytest.approx(5, abs=0.5)
    run("record", "carrier-pigeon:coo", "-o", tmp_path / "x.mcap").must_be_one_line("carrier-pigeon", "synthetic")


def test_the_readme_is_right(run, force_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    force_table.rename("jogging.csv")
    blocks = [block.partition("\n") for block in readme.split("```")[1::2]]
    lines = [line.partition(" #")[0] for kind, _, text in blocks if kind == "sh" for line in text.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("insole ")]
    assert {words[0] for words in commands} == {verb.name for verb in VERBS} - {"demo"}
    for words in commands:
        if words[0] in ("app", "live", "replay", "scan", "virtual"):  # need a display or hardware, or never end
            build_parser(words).parse_args(words)
        else:
            done = run(*words)
            assert (done.code, done.err) == (0, ""), words
    for kind, _, text in blocks:
        if kind == "python":
            exec(text, {})  # noqa: S102


# ---- files that are not what they should be ------------------------------------------------------------------------


def bad_file(kind: str, folder: Path) -> Path:
    path = folder / "bad.mcap"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "picture":
        path.write_bytes(PNG)
    elif kind == "text":
        path.write_text("to whom it may concern\n", encoding="utf-8")
    elif kind == "head only":
        path.write_bytes(b"\x89MCAP0\r\n")
    elif kind == "folder":
        path.mkdir()
    elif kind == "unreadable":
        path = Path("/proc/self/mem") if sys.platform == "linux" else folder / ("x" * 300)
    return path


@pytest.mark.parametrize("kind", ["missing", "empty", "picture", "text", "head only", "folder", "unreadable"])
@pytest.mark.parametrize("verb", ["analyze", "check", "export", "import", "replay"])
def test_bad_file_is_one_clear_line(run, tmp_path: Path, verb: str, kind: str) -> None:
    path = bad_file(kind, tmp_path)
    output = ["-o", tmp_path / "out.csv"] if verb in ("export", "import") else []
    run(verb, path, *output).must_be_one_line(str(path))
    assert not (tmp_path / "out.csv").exists()


def test_recording_cut_in_half(run, cut_in_half: Path, tmp_path: Path) -> None:
    done = run("analyze", cut_in_half, "--json")
    assert done.code == 0
    document = json.loads(done.out)
    assert 10 < document["duration_s"] < 20
    assert document["contacts"]["left"] > 10
    assert document["warnings"]

    done = run("check", cut_in_half)
    assert done.code == 1
    assert "not whole" in done.out
    assert done.err.count("\n") == 1

    repaired = tmp_path / "repaired.mcap"
    assert run("check", cut_in_half, "--repair", repaired).code == 0
    assert run("check", repaired).code == 0
    again = json.loads(run("analyze", repaired, "--json").out)
    assert again["contacts"] == document["contacts"]


@pytest.mark.parametrize(
    ("options", "missing"),
    [(("--plan", "stand"), "running"), (("--plan", "walk"), "running"), (("--feet", "right"), "left")],
)
def test_result_says_what_is_missing(run, tmp_path: Path, options: tuple[str, ...], missing: str) -> None:
    path = tmp_path / "part.mcap"
    assert run("simulate", "-o", path, "--seconds", "12", *options).code == 0
    done = run("analyze", path)
    assert done.code == 0
    assert done.err == ""
    assert f"{missing} 0" in done.out or missing in done.out.partition("Running contacts")[2]


# ---- nothing is overwritten ----------------------------------------------------------------------------------------


def test_existing_output_is_left_alone(run, recording: Path, force_table: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken.csv"
    taken.write_text("mine", encoding="utf-8")
    for argv in (
        ("analyze", recording, "--table", taken),
        ("export", recording, "-o", taken),
        ("simulate", "-o", taken, "--seconds", "3"),
        ("import", force_table, "-o", taken),
        ("record", "synthetic:?speed=inf", "-o", taken, "--seconds", "1"),
        ("check", recording, "--repair", taken),
    ):
        done = run(*argv)
        assert done.code == 1, argv
        assert "--force" in done.err
        assert taken.read_text(encoding="utf-8") == "mine"
    assert run("export", recording, "-o", taken, "--force").code == 0
    assert taken.read_text(encoding="utf-8").startswith("contact_id,")


def test_output_into_nowhere(run, recording: Path, tmp_path: Path) -> None:
    run("export", recording, "-o", tmp_path / "no" / "where.csv").must_be_one_line("there is no folder")
    run("export", recording, "-o", tmp_path / "table.xlsx").must_be_one_line(
        "a table is written as", ".csv", ".parquet"
    )
    run("export", recording, "-o", tmp_path).must_be_one_line(str(tmp_path))


# ---- ends ----------------------------------------------------------------------------------------------------------


def test_names_with_control_characters_do_not_reach_the_terminal(run) -> None:
    done = run("analyze", "\x1b[2J\u202egone")
    done.must_be_one_line(r"\x1b[2J\u202egone")
    assert "\x1b" not in done.err


def test_interrupt_is_quiet(run, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("insole.analysis.analyse", interrupted)
    done = run("analyze", recording)
    assert (done.code, done.out, done.err) == (130, "", "")


def test_closed_pipe_is_quiet(recording: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "insole", "analyze", recording, "--json"],
            stdout=closed, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_terminal_that_knows_ascii_only(recording: Path) -> None:
    done = in_process("analyze", recording, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "Cadence" in done.stdout


@pytest.mark.parametrize(
    ("module", "argv", "extra"),
    [
        ("pyarrow", ("export", "{recording}", "-o", "out.parquet"), "parquet"),
        ("PySide6", ("replay", "{recording}"), "gui"),
    ],
)
def test_missing_extra_is_named(recording: Path, module: str, argv: tuple[str, ...], extra: str) -> None:
    words = [word.format(recording=recording) for word in argv]
    done = in_process(*words, before=f"sys.modules['{module}'] = None")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert f"pip install 'insole[{extra}]'" in done.stderr


# ---- the dashboard's verbs, without a display ----------------------------------------------------------------------


def test_no_display_is_said(recording: Path) -> None:
    done = in_process("replay", recording)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no display" in done.stderr
    assert done.stderr.count("\n") == 1


def test_replay_draws_a_picture_offscreen(recording: Path, tmp_path: Path) -> None:
    picture = tmp_path / "seen.png"
    done = in_process("replay", recording, "--speed", "inf", "--offscreen", "--screenshot", picture)
    assert (done.returncode, done.stderr) == (0, "")
    assert picture.read_bytes().startswith(PNG[:8])


def test_replay_shows_a_file_of_another_program(tmp_path: Path) -> None:
    table, picture = tmp_path / "belt.csv", tmp_path / "seen.png"
    rows = (f"{t / 200:.3f},{800 * (t % 140 < 50)},{800 * (70 <= t % 140 < 120)}\n" for t in range(2000))
    table.write_text("time_s,left_force_n,right_force_n\n" + "".join(rows), encoding="utf-8")
    done = in_process("replay", table, "--body-mass", "70", "--offscreen", "--seconds", "1", "--screenshot", picture)
    assert (done.returncode, done.stderr) == (0, "")
    assert picture.read_bytes().startswith(PNG[:8])


def test_live_records_what_it_shows(tmp_path: Path) -> None:
    kept = tmp_path / "kept.mcap"
    done = in_process("live", "synthetic:?seed=5", "--record", kept, "--offscreen", "--seconds", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert main(["check", str(kept)]) == 0


def test_demo_without_a_display(tmp_path: Path) -> None:
    done = in_process("demo", TMPDIR=str(tmp_path))
    assert done.returncode == 0
    assert "there is no display" in done.stdout
    assert "◆ On" in done.stdout or "△ Watch" in done.stdout
    pictures = list(tmp_path.glob("*/*.png"))
    assert len(pictures) == 1
    assert str(pictures[0]) in done.stdout


def test_demo_without_the_gui_extra() -> None:
    done = in_process("demo", before="sys.modules['PySide6'] = None")
    assert done.returncode == 0
    assert "Cadence" in done.stdout
    assert "insole[gui]" in done.stderr
