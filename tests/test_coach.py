"""Giving cues and noting how long they took: a real pipeline on a synthetic runner, tones onto a tape."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import cue_updates as cu
import numpy as np
import pytest
from cue_updates import FEET, START_NS

from insole.blocks import Cue, Input, Marker, SettingChange, Side
from insole.feedback import Coach
from insole.feedback.baseline import MARKER
from insole.feedback.speaker import RATE_HZ, Taken
from insole.feedback.tone import BEEP_HZ, OTHER_EAR, PEAK, Samples, cue_tone, pitch_hz
from insole.pipeline import Pipeline
from insole.settings import CueSettings, Settings
from insole.sources.synthetic import SyntheticOptions, simulate

L, R = FEET
TARGET = Settings(target_valr_bw_s=50.0, cue=CueSettings(sound="beep"))
OUTPUT_NS = 11_000_000


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, now_ns: int = START_NS) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns


class Tape:
    """An output that keeps tones, and takes them when it is asked what it took."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.trouble = ""
        self.ready = True
        self.stalls = False
        self.tones: list[tuple[int, Side, Samples]] = []
        self._taken = 0
        self.closed = False

    def play(self, number: int, side: Side, samples: Samples) -> None:
        self.tones.append((number, side, samples))

    def taken(self) -> list[Taken]:
        if self.stalls:
            return []
        new, self._taken = self.tones[self._taken :], len(self.tones)
        return [Taken(number, self._clock.now_ns, OUTPUT_NS) for number, _, _ in new]

    def close(self) -> None:
        self.closed = True


class Room:
    """A coach with its tape and what it posts."""

    def __init__(self, settings: Settings = TARGET, *, live: bool = True) -> None:
        self.clock = Clock()
        self.tape = Tape(self.clock)
        self.posted: list[Cue | SettingChange] = []
        self.full = False
        self.coach = Coach(
            FEET, settings, START_NS, self._post, live=live, speaker=lambda: self.tape, clock_ns=self.clock
        )

    def _post(self, command: Cue | SettingChange) -> bool:
        if not self.full:
            self.posted.append(command)
        return not self.full

    def see(self, update: object, after_s: float = 0.01) -> None:
        """Hand over an update so long after its newest stamp."""
        self.clock.now_ns = START_NS + round((update.t_s + after_s) * 1e9)  # type: ignore[attr-defined]
        self.coach(update)  # type: ignore[arg-type]

    def run(self, side: Side, values: list[float], from_s: float = 0.0) -> None:
        """Contacts of one foot, each in an update of its own."""
        for i, value in enumerate(values):
            self.see(cu.early(cu.rate(side, from_s + 0.7 * i, value)))


# ---- tones -----------------------------------------------------------------------------------------------------------


def loudest_hz(mono: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(mono, 1 << 18))
    return float(spectrum.argmax() * RATE_HZ / (1 << 18))


def test_a_beep_has_one_pitch_and_grows_with_the_level() -> None:
    tones = [cue_tone("beep", L, level, 0.08 * level, RATE_HZ) for level in range(1, 6)]
    assert [round(loudest_hz(tone[:, 0])) for tone in tones] == pytest.approx([BEEP_HZ] * 5, abs=3)
    peaks = [float(np.abs(tone).max()) for tone in tones]
    assert np.diff(20 * np.log10(peaks)) == pytest.approx([4.0] * 4, abs=0.05)
    assert peaks[-1] == pytest.approx(PEAK, rel=0.01)


def test_the_pitch_rises_with_the_excess_up_to_an_octave() -> None:
    excesses = [0.01, 0.1, 0.25, 0.5, 2.0]
    wanted = [440 * 2 ** (2 * min(excess, 0.5)) for excess in excesses]
    assert [pitch_hz(excess) for excess in excesses] == pytest.approx(wanted)
    assert [loudest_hz(cue_tone("pitch", R, 3, excess, RATE_HZ)[:, 1]) for excess in excesses] == pytest.approx(
        wanted, abs=3
    )


@pytest.mark.parametrize(("side", "louder"), [(L, 0), (R, 1), (Side.BELT, None)])
def test_each_foot_has_its_ear(side: Side, louder: int | None) -> None:
    ears = np.abs(cue_tone("beep", side, 5, 0.4, RATE_HZ)).max(axis=0)
    ratio = OTHER_EAR if louder is not None else 1.0
    assert ears.min() / ears.max() == pytest.approx(ratio, rel=1e-3)
    assert louder is None or int(ears.argmax()) == louder


def test_a_tone_neither_clicks_nor_clips() -> None:
    for tone in (cue_tone("beep", L, 5, 0.4, RATE_HZ), cue_tone("pitch", R, 1, 0.5, RATE_HZ)):
        assert tone.dtype == np.float32
        assert np.abs(tone).max() < 1.0
        steps = np.abs(np.diff(tone, axis=0, prepend=0, append=0))
        assert steps[[0, -1]].max() < 1e-3
        assert steps.max() < 2 * np.pi * BEEP_HZ / RATE_HZ * PEAK * 1.05  # no faster than the tone itself


# ---- giving and noting -----------------------------------------------------------------------------------------------


def test_a_cue_is_given_at_once_and_noted_with_its_stamps() -> None:
    room = Room()
    room.run(L, [50, 50, 50, 50, 50, 90])
    ((_, side, samples),) = room.tape.tones
    assert side is L
    np.testing.assert_array_equal(samples, cue_tone("beep", L, 2, 0.16, RATE_HZ))
    (cue,) = room.posted
    assert isinstance(cue, Cue)
    stamps = (cue.contact_ns, cue.arrived_ns, cue.known_ns, cue.handed_ns, cue.output_ns)
    assert [None if at is None else (at - START_NS) / 1e6 for at in stamps[:4]] == [3500, 3580, 3590, 3590]
    assert cue.delay_ms == pytest.approx(80 + 10 + 11)
    assert (cue.sound, cue.level, cue.mean_bw_s, cue.target_bw_s, cue.withheld) == ("beep", 2, 58.0, 50.0, "")


def test_no_sound_at_or_below_the_target_nor_when_it_is_off() -> None:
    room = Room()
    room.run(L, [50.0] * 8)
    off = Room(replace(TARGET, cue=CueSettings("off")))
    off.run(L, [90.0] * 8)
    assert room.tape.tones == off.tape.tones == []
    assert room.posted == off.posted == []


def test_the_loudspeaker_is_opened_when_sound_is_first_wanted() -> None:
    room = Room(replace(TARGET, cue=CueSettings("off")))
    room.tape.trouble = "No sound: there is no output device"
    room.run(L, [90.0] * 5)
    assert room.coach.trouble == ""
    room.see(cu.early(events=(cu.change(3.0, "cue.sound", "pitch"),)))
    assert room.coach.trouble == "No sound: there is no output device"


@pytest.mark.parametrize("case", ["trouble", "not ready", "stalls", "late link", "late computer", "rate"])
def test_what_could_not_be_given_is_noted_with_its_reason(case: str) -> None:
    room = Room()
    room.tape.trouble = "No sound: the output was taken away" if case == "trouble" else ""
    room.tape.ready, room.tape.stalls = case != "not ready", case == "stalls"
    room.run(L, [90.0] * 4)
    if case == "late link":
        room.see(cu.early(cu.rate(L, 2.8, 90.0), t_s=3.5))
    elif case == "late computer":
        room.see(cu.early(cu.rate(L, 2.8, 90.0)), after_s=0.6)
    else:
        room.run(L, [math.nan if case == "rate" else 90.0], 2.8)
    room.see(cu.early(t_s=4.5))
    (cue,) = room.posted
    assert isinstance(cue, Cue)
    reasons = {"stalls": "the sound system stood still", "late link": "too late", "late computer": "too late"}
    reasons["rate"] = "loading rate withheld: not measured"
    assert cue.withheld == reasons.get(case, "no sound")
    assert (cue.level, cue.handed_ns) == (0, None)
    assert math.isnan(cue.delay_ms)


def test_nothing_is_lost_when_the_queue_is_full() -> None:
    room = Room()
    room.full = True
    room.run(L, [90.0] * 9)
    assert room.posted == []
    room.full = False
    room.see(cu.early(t_s=8.0))
    assert [cue.contact_id for cue in room.posted if isinstance(cue, Cue)] == [2800, 3500, 4200, 4900, 5600]


def test_on_a_replay_cues_sound_and_nothing_is_noted() -> None:
    room = Room(live=False)
    room.run(L, [90.0] * 6)
    assert len(room.tape.tones) == 2
    assert room.posted == []


def test_a_simulation_in_a_hurry_has_no_negative_delays() -> None:
    room = Room()
    for i in range(6):
        room.see(cu.early(cu.rate(L, 0.7 * i, 90.0)), after_s=-3.0)
    assert [cue.delay_ms for cue in room.posted if isinstance(cue, Cue)] == pytest.approx([91.0, 91.0])


def test_the_target_of_a_baseline_minute_is_asked_for_once() -> None:
    room = Room()
    room.see(cu.early(events=(Marker(START_NS, MARKER, "start"),)))
    for i in range(3):
        room.see(cu.whole(cu.rows(100, from_s=35.0 * i)))
    (change,) = room.posted
    assert isinstance(change, SettingChange)
    assert change.key == "target_valr_bw_s"
    assert change.value == pytest.approx(58.0, rel=0.02)


def test_closing_hands_over_what_was_not_noted_yet() -> None:
    room = Room()
    room.full = True
    room.run(L, [90.0] * 5)
    room.tape.stalls = True
    room.run(L, [90.0], 3.5)
    notes = room.coach.close()
    assert room.tape.closed
    assert [(note.contact_id, note.withheld) for note in notes if isinstance(note, Cue)] == [
        (2800, ""),
        (3500, "the session ended"),
    ]


def batches() -> tuple[object, Iterator[list[Input]]]:
    simulation = simulate(SyntheticOptions(seconds=20.0, plan="stand:2,run", valr_left_bw_s=80.0, valr_right_bw_s=40.0))
    return simulation.header, iter(simulation.inputs)


def test_only_the_foot_that_lands_hard_is_cued_on_a_whole_session() -> None:
    header, inputs = batches()
    clock = Clock()
    tape = Tape(clock)
    posted: list[Cue | SettingChange] = []
    coach = Coach(
        FEET, TARGET, header.start_host_ns, lambda cue: posted.append(cue) or True,  # type: ignore[attr-defined, func-returns-value]
        live=True, speaker=lambda: tape, clock_ns=clock,
    )  # fmt: skip
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)  # type: ignore[attr-defined]
    for batch in inputs:
        update = pipeline.push(batch)
        clock.now_ns = header.start_host_ns + round(update.t_s * 1e9)  # type: ignore[attr-defined]
        coach(update)
    cues = [cue for cue in posted if isinstance(cue, Cue)]
    assert len(cues) > 15
    assert {cue.side for cue in cues} == {L}
    assert all(cue.contact_ns < cue.arrived_ns <= cue.known_ns <= cue.handed_ns for cue in cues)  # type: ignore[operator]
    assert all(30 < cue.delay_ms < 650 for cue in cues)
