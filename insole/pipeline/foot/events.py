"""Initial contact and toe-off as a state machine over one foot's smoothed force (METRICS.md 2.1).

In: force samples at a uniform index, by absolute sample number. Out: spans (onset, release) once they can no longer
change. Detection is on samples and hysteresis; the instants between samples come later, from the spline.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

THETA_EV_BW = 0.05
THETA_EV_MIN_N = 20.0
THETA_EV_SIGMAS = 6.0
THETA_HI_BW = 0.20
THETA_OFF_SHARE = 0.6
CONFIRM_ON_S = 0.010
CONFIRM_OFF_S = 0.020
MIN_CONFIRM_SAMPLES = 2
MERGE_S = 0.060
ARM_S = 0.060
PENDING_S = 2.0  # a load between release and arming threshold for longer is looked at anew, so that rows can be let go
PAD_S = 0.060
LOOKBACK_S = 1.0  # a foot that left the ground more slowly than this was standing

_FORGET_EVERY = 2048  # samples: letting go of them moves the others


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Reporting, arming and release thresholds in newtons."""

    event_n: float
    arm_n: float
    release_n: float

    @classmethod
    def of(cls, body_weight_n: float, sigma_n: float, reporting_n: float | None = None) -> Thresholds:
        """METRICS.md 2.1: max(0.05 BW, 20 N, 6 sigma), or the one chosen in the settings."""
        event = max(THETA_EV_BW * body_weight_n, THETA_EV_MIN_N, THETA_EV_SIGMAS * sigma_n)
        event = reporting_n if reporting_n is not None else event
        return cls(event, max(THETA_HI_BW * body_weight_n, 1.5 * event), THETA_OFF_SHARE * event)


@dataclass(frozen=True, slots=True)
class Span:
    """One foot on the ground, in absolute sample numbers."""

    onset: int  # first sample at or above the reporting threshold
    release: int  # first sample below it at the end
    settled: int  # one past the last sample of the contact window
    slow_rise: bool
    onset_unseen: bool
    end_unseen: bool


class _State(Enum):
    IDLE = auto()
    PENDING = auto()
    CONTACT = auto()
    SETTLING = auto()


class EventMachine:
    """Finds the contacts of one foot; the same spans whatever the cut of the samples.

    Parameters
    ----------
    thresholds : Thresholds
    rate_hz : float
        Nominal rate; times become whole samples.
    merge_s : float
        Dips shorter than this do not end a contact; 0 for one belt under both feet, where every dip is a flight.
    """

    def __init__(self, thresholds: Thresholds, rate_hz: float, merge_s: float = MERGE_S) -> None:
        self.thresholds = thresholds
        self._confirm_on = max(MIN_CONFIRM_SAMPLES, round(CONFIRM_ON_S * rate_hz))
        self._confirm_off = max(MIN_CONFIRM_SAMPLES, round(CONFIRM_OFF_S * rate_hz))
        self._merge = round(merge_s * rate_hz)
        self._arm = ARM_S * rate_hz
        self._pending = round(PENDING_S * rate_hz)
        self._pad = round(PAD_S * rate_hz)
        self._lookback = round(LOOKBACK_S * rate_hz)
        self._samples: list[float] = []  # a list, because they are looked at one by one
        self._base = 0  # number of the first sample kept
        self._bridged: list[tuple[int, int]] = []  # first sample, and one past the last, that stand for missing frames
        self.restart(0)

    def restart(self, first: int) -> None:
        """Forget everything before `first`: samples begin anew there."""
        del self._samples[: first - self._base]
        self._base = first
        self._bridged = []
        self._state = _State.IDLE
        self._first = first
        self._at = first
        self._candidate = self._onset = self._release = self._confirmed = first
        self._slow = False

    def feed(self, force_n: list[float]) -> None:
        """Smoothed force that follows, before the zero."""
        self._samples += force_n
        if self._at - self._base > _FORGET_EVERY:
            keep = self._candidate if self._state is _State.PENDING else self._at - self._lookback
            if keep > self._base:
                del self._samples[: keep - self._base]
                self._base = keep
                self._bridged = [(first, end) for first, end in self._bridged if end >= keep]

    def bridge(self, first: int, end: int) -> None:
        """The samples from `first` up to `end`, not fed yet, stand for missing frames."""
        self._bridged.append((first, end))

    @property
    def onset(self) -> int | None:
        """Onset of the contact that is armed and not yet over."""
        return self._onset if self._state in (_State.CONTACT, _State.SETTLING) else None

    @property
    def slow_rise(self) -> bool:
        """Whether the open contact took longer than 60 ms to arm."""
        return self._slow

    @property
    def onset_unseen(self) -> bool:
        """Whether the open contact was already loaded at the first sample."""
        return self._onset == self._first

    @property
    def earliest_open(self) -> int | None:
        """Onset of whatever may still become a contact, or is one; None when idle."""
        if self._state is _State.IDLE:
            return None
        return self._candidate if self._state is _State.PENDING else self._onset

    def advance(self, end: int, zero_n: float) -> Span | None:
        """Go on until a contact is complete or the samples up to `end` are used up.

        Parameters
        ----------
        end : int
            Number of one past the last sample to look at; samples up to it have been fed.
        zero_n : float
            Zero in force now; call again after a contact, when it may have changed.
        """
        t = self.thresholds
        event, arm, off = t.event_n + zero_n, t.arm_n + zero_n, t.release_n + zero_n
        while True:
            if self._state is _State.IDLE:
                self._candidate = self._first_reaching(self._at, end, event)
                if self._candidate < 0:
                    self._at = max(self._at, end)
                    return None
                self._state = _State.PENDING
                self._at = self._candidate
            if self._state is _State.PENDING and not self._arming(end, event, arm, off):
                return None
            if self._state is _State.IDLE:
                continue
            if self._state is _State.CONTACT and not self._releasing(end, event, off):
                return None
            if self._state is _State.SETTLING:
                settled = self._confirmed + 1 + self._pad
                again = self._first_reaching(self._at, min(end, self._release + self._merge), event)
                if again >= 0 and not self._any_bridged(self._release, again):  # else how long it lasted is unknown
                    loaded, fallen = self._first_of(again, again, end, arm, off)
                    if loaded >= 0:
                        self._state, self._at = _State.CONTACT, loaded
                        continue
                    if fallen < 0:
                        return None
                    self._at = fallen
                    continue
                if end < settled:
                    return None
                self._state, self._at = _State.IDLE, self._confirmed + 1
                return self._span(self._release, settled, end_unseen=False)

    def close(self, end: int) -> Span | None:
        """No more samples follow (a long gap, or the end of the stream): the open contact ends here, unseen."""
        state, self._state = self._state, _State.IDLE
        self._at = end
        if state is _State.SETTLING:
            return self._span(self._release, min(end, self._confirmed + 1 + self._pad), end_unseen=False)
        if state is _State.CONTACT:
            return self._span(end, end, end_unseen=True)
        return None

    def _span(self, release: int, settled: int, end_unseen: bool) -> Span:
        return Span(self._onset, release, settled, self._slow, self._onset == self._first, end_unseen)

    def _arming(self, end: int, event: float, arm: float, off: float) -> bool:
        """PENDING: confirmed by staying above, then armed by reaching the arming threshold. False: wait for samples."""
        start = self._candidate
        confirmed = start + self._confirm_on
        early = self._first_under(start, min(end, confirmed), event)
        if early >= 0:
            self._state, self._at = _State.IDLE, early
            return True
        if end < confirmed:
            return False
        given_up = start + self._pending
        until = min(end, given_up)
        self._at = max(self._at, start)
        loaded, fallen = self._first_of(self._at, max(self._at, confirmed), until, arm, off)
        if loaded >= 0:
            armed = max(loaded, confirmed - 1)
            self._onset = max(start, self._last_under(start, armed, event) + 1)
            self._slow = loaded - self._onset > self._arm
            self._state, self._at = _State.CONTACT, armed
            return True
        if fallen >= 0:
            self._state, self._at = _State.IDLE, fallen
            return True
        self._at = until
        if until == given_up:
            self._state = _State.IDLE
            return True
        return False

    def _releasing(self, end: int, event: float, off: float) -> bool:
        """CONTACT: released when below for the confirm time. False: wait for samples."""
        while True:
            low = self._first_under(self._at, end, off)
            if low < 0:
                self._at = max(self._at, end)
                return False
            confirmed = low + self._confirm_off
            back = self._first_reaching(low, min(end, confirmed), off)
            if back >= 0:
                self._at = back
                continue
            if end < confirmed:
                self._at = low
                return False
            back_to = max(self._onset, low - self._lookback)
            self._release = self._last_reaching(back_to, low, event) + 1
            self._confirmed = confirmed - 1
            self._state, self._at = _State.SETTLING, confirmed
            return True

    def _any_bridged(self, first: int, last: int) -> bool:
        """Whether frames are missing between two samples, or just before the first."""
        return any(begin <= last and end >= first for begin, end in self._bridged)

    # ---- searches by absolute sample number; -1 where there is none -------------------------------------------------

    def _first_of(self, start: int, fall_from: int, end: int, level: float, low: float) -> tuple[int, int]:
        """Whichever comes first: the sample that reaches `level`, or, from `fall_from` on, the one under `low`."""
        loaded = self._first_reaching(start, end, level)
        fallen = self._first_under(fall_from, end if loaded < 0 else loaded, low)
        return (-1, fallen) if fallen >= 0 else (loaded, -1)

    def _first_reaching(self, start: int, end: int, level: float) -> int:
        samples, base = self._samples, self._base
        for i in range(start - base, end - base):
            if samples[i] >= level:
                return base + i
        return -1

    def _first_under(self, start: int, end: int, level: float) -> int:
        samples, base = self._samples, self._base
        for i in range(start - base, end - base):
            if samples[i] < level:
                return base + i
        return -1

    def _last_reaching(self, start: int, end: int, level: float) -> int:
        """Last sample in [start, end) at or above the level; start - 1 if none."""
        samples, base = self._samples, self._base
        for i in range(end - base - 1, start - base - 1, -1):
            if samples[i] >= level:
                return base + i
        return start - 1

    def _last_under(self, start: int, end: int, level: float) -> int:
        samples, base = self._samples, self._base
        for i in range(end - base - 1, start - base - 1, -1):
            if samples[i] < level:
                return base + i
        return -1
