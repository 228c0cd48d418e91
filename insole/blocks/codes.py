"""What a foot, a contact, its quality and a value's status are called, and constants that everybody shares."""

from __future__ import annotations

from enum import IntEnum, IntFlag

GRAVITY_M_S2 = 9.80665
K_DYN_STOP = 0.25  # METRICS.md 1.4: with the body-weight check so far from 1, body weights are not to be relied upon


class Side(IntEnum):
    """Which foot; the same codes as on the wire. BELT is one force signal under both feet."""

    LEFT = 0
    RIGHT = 1
    BELT = 2

    @property
    def label(self) -> str:
        """Lower-case name as it stands in files."""
        return self.name.lower()


class Kind(IntEnum):
    """What a contact is; only RUN enters running statistics."""

    RUN = 0
    WALK = 1
    STAND = 2
    REJECTED = 3

    @property
    def label(self) -> str:
        """Lower-case name as it stands in files."""
        return self.name.lower()


class Quality(IntFlag):
    """What is known against a contact (METRICS.md 1.7, 2.1, 3.5). Zero is a clean contact."""

    GAP = 1 << 0  # frames missing between initial contact and toe-off, too many to interpolate
    INTERPOLATED = 1 << 1  # a short gap was bridged
    ONSET_UNSEEN = 1 << 2  # initial contact fell into missing frames, or before the first one
    END_UNSEEN = 1 << 3  # toe-off fell into missing frames, or after the last one
    SATURATED = 1 << 4  # more than 1 % of the loaded cell samples at full scale
    SHORT_SWING = 1 << 5  # 60-200 ms after the same foot's toe-off
    LIGHT = 1 << 6  # peak below 0.8 BW
    TOO_SHORT = 1 << 7  # under 0.10 s
    GROUNDED = 1 << 8  # running cadence with a duty factor of 0.5 or more
    SLOW_RISE = 1 << 9  # arming took longer than 60 ms
    ISOLATED = 1 << 10  # no running or walking bout around it
    CELL_FAULT = 1 << 12  # a dead or stuck cell
    RATE_OFF = 1 << 13  # measured sampling rate more than 5 % from nominal

    @property
    def label(self) -> str:
        """Names of the set bits, '+' between them; 'ok' for none."""
        return "+".join(str(bit.name).lower() for bit in Quality if bit in self) or "ok"


class Status(IntEnum):
    """Whether a number may be shown: OK, LIMITED (shown as approximate) or withheld with its reason."""

    OK = 0
    LIMITED = 1
    RATE_TOO_LOW = 2
    FEW_SAMPLES_IN_RISE = 3
    NO_POI = 4
    GAP = 5
    NO_BODY_MASS = 6
    NO_GEOMETRY = 7
    TOO_FEW_CELLS = 8
    SATURATED = 9
    NO_TRANSIENT = 10
    NO_PREVIOUS_CONTACT = 11
    NO_SPEED_OR_HEIGHT = 12
    SLOW_RISE = 13
    FEW_CONTACTS = 14
    NOT_COMPUTED = 15
    NO_NEWTONS = 16
    UNDER_200_N = 17
    NO_UNLOADED_ZERO = 18
    UNDER_BODY_WEIGHT = 19
    NO_AREAS = 20

    @property
    def text(self) -> str:
        """The reason in a few words, as a screen or a file says it."""
        return _STATUS_TEXT[self]

    @property
    def quality(self) -> str:
        """One of 'ok', 'limited', 'not_measured'."""
        return {Status.OK: "ok", Status.LIMITED: "limited"}.get(self, "not_measured")


_STATUS_TEXT = {
    Status.OK: "",
    Status.LIMITED: "limited accuracy",
    Status.RATE_TOO_LOW: "sampling rate too low",
    Status.FEW_SAMPLES_IN_RISE: "too few samples in the rise",
    Status.NO_POI: "no point of interest in the rise",
    Status.GAP: "missing frames",
    Status.NO_BODY_MASS: "no body mass",
    Status.NO_GEOMETRY: "device has no cell geometry",
    Status.TOO_FEW_CELLS: "too few cells",
    Status.SATURATED: "cells saturated",
    Status.NO_TRANSIENT: "no impact transient",
    Status.NO_PREVIOUS_CONTACT: "no previous contact",
    Status.NO_SPEED_OR_HEIGHT: "needs speed and height",
    Status.SLOW_RISE: "load rose too slowly",
    Status.FEW_CONTACTS: "too few contacts",
    Status.NOT_COMPUTED: "not measured",
    Status.NO_NEWTONS: "only body weights known, no newtons",
    Status.UNDER_200_N: "under 200 N at the end of the rise",
    Status.NO_UNLOADED_ZERO: "no zero of the insole off the foot",
    Status.UNDER_BODY_WEIGHT: "no region carries body weight early in stance",
    Status.NO_AREAS: "areas of the cells not known",
}
