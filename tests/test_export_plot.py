"""The MCAP file for viewers: read back with the package mcap, messages held against their schema and the table."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from mcap.reader import make_reader

from insole.analysis import Analysis, analyse
from insole.cli import main
from insole.recording import is_recording
from insole.report.ground import whole_contacts


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plot") / "run.mcap"
    assert main(["simulate", "-o", str(path), "--seconds", "12", "--limp", "0.2", "--seed", "4"]) == 0
    return path


@pytest.fixture(scope="module")
def analysis(recording: Path) -> Analysis:
    return analyse(recording)


@pytest.fixture(scope="module")
def plot(recording: Path) -> Path:
    path = recording.with_name("plot.mcap")
    assert main(["export", str(recording), "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def messages(plot: Path) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """By topic, in order of time; each checked against its schema."""
    out = defaultdict(list)
    validators: dict[str, Draft202012Validator] = {}
    with plot.open("rb") as file:
        for schema, channel, message in make_reader(file).iter_messages():
            assert schema is not None
            assert (schema.encoding, channel.message_encoding) == ("jsonschema", "json")
            if channel.topic not in validators:
                described = json.loads(schema.data)
                Draft202012Validator.check_schema(described)
                validators[channel.topic] = Draft202012Validator(described | {"additionalProperties": False})
            value = json.loads(message.data)
            validators[channel.topic].validate(value)
            out[channel.topic].append((message.log_time, value))
    return out


def test_topics_and_every_frame(analysis: Analysis, messages: dict[str, list[tuple[int, dict[str, Any]]]]) -> None:
    assert set(messages) == {"/left", "/right", "/contacts"}
    for side, foot in analysis.health.feet.items():
        assert len(messages[f"/{side.label}"]) == foot.frames


def test_schemas_use_only_what_viewers_know(plot: Path) -> None:
    with plot.open("rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None
    for schema in summary.schemas.values():
        described = json.loads(schema.data)
        assert described["type"] == "object"
        assert {p["type"] for p in described["properties"].values()} <= {"number", "integer", "string"}
    left = json.loads(next(s.data for s in summary.schemas.values() if s.name == "insole.left"))
    assert left["properties"]["force_n"]["description"].endswith("[N]")


def test_times_force_and_contact(messages: dict[str, list[tuple[int, dict[str, Any]]]]) -> None:
    frames = messages["/left"]
    t_s = np.array([value["t_s"] for _, value in frames])
    np.testing.assert_allclose([stamp * 1e-9 for stamp, _ in frames], t_s, atol=1e-6)
    assert (np.diff(t_s) > 0).all()
    force_n = np.array([value["force_n"] for _, value in frames])
    contact = np.array([value["left_contact"] for _, value in frames])
    assert set(contact.tolist()) == {0.0, 1.0}
    assert force_n[contact == 1].mean() > 500
    assert abs(force_n[contact == 0].mean()) < 50
    assert any("cop_x_mm" not in value for _, value in frames), "what is withheld is absent"
    assert all(("cop_x_mm" in value) == ("cop_y_mm" in value) for _, value in frames)


def test_contacts_are_the_table(analysis: Analysis, messages: dict[str, list[tuple[int, dict[str, Any]]]]) -> None:
    whole = whole_contacts(analysis.contacts)
    got = sorted((value for _, value in messages["/contacts"]), key=lambda value: value["contact_id"])
    assert [value["contact_id"] for value in got] == sorted(whole.contact_id.tolist())
    expected = whole.rows(np.argsort(whole.contact_id)).columns["peak_force_bw"]
    np.testing.assert_array_equal([value.get("peak_force_bw", np.nan) for value in got], expected)
    assert all(stamp == round(value["toe_off_s"] * 1e9) for stamp, value in messages["/contacts"])


def test_it_is_no_recording_and_says_so(plot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert is_recording(plot), "MCAP, too"
    assert main(["analyze", str(plot)]) == 1
    assert "not a recording of insole" in capsys.readouterr().err
