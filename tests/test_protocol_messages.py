"""Messages: round trips, and fields that cannot be are refused on both ends."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from firmware_protocol import (
    MESSAGE_TYPES,
    CommandReply,
    Decoder,
    DeviceInformation,
    DeviceState,
    ErrorReport,
    MessageBody,
    Motion,
    RequestInformation,
    SetRate,
    SetZero,
    Side,
    Start,
    Stop,
    TimePing,
    TimeReply,
    encode_message,
)

law = settings(deadline=None, max_examples=300)

u8, u16, u32, u64 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 64))
texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=48)
eight_bytes = st.binary(min_size=8, max_size=8)
scales = st.floats(2.0**-100, 2.0**100, width=32)
samples = st_numpy.arrays(np.int16, st.tuples(st.integers(1, 26), st.integers(1, 4)))

bodies: st.SearchStrategy[MessageBody] = st.one_of(
    st.builds(Motion, u8, u32, st.integers(1, 0xFFFF), scales, samples),
    st.builds(
        DeviceInformation,
        st.integers(1, 256),
        st.integers(1, 16),
        st.integers(1, 2**32 - 1),
        eight_bytes,
        eight_bytes,
        texts,
        texts,
        texts,
    ),
    st.builds(
        DeviceState,
        st.none() | st.integers(0, 100),
        st.none() | st.integers(1, 0xFFFF),
        st.booleans(),
        st.none() | st.integers(-32767, 32767).map(lambda hundredths: hundredths / 100),
    ),
    st.builds(ErrorReport, u16, st.booleans(), u32, texts),
    st.builds(CommandReply, u8, u32, u8, u32),
    st.builds(TimeReply, u64, u32),
    st.sampled_from([Start(), Stop(), RequestInformation()]),
    st.builds(SetRate, st.integers(1, 2**32 - 1)),
    st.builds(SetZero, u16),
    st.builds(TimePing, u64),
)


@law
@given(bodies, st.sampled_from(list(Side)), u32, u32, st.binary(max_size=5))
def test_round_trip(body: MessageBody, side: Side, sequence: int, tick_us: int, noise: bytes) -> None:
    sent = encode_message(body, side, sequence, tick_us)
    decoder = Decoder()
    decoded = [*decoder.push(noise + sent).messages, *decoder.flush().messages]
    (message,) = decoded
    assert (message.side, message.sequence, message.tick_us) == (side, sequence, tick_us)
    assert message.end == len(noise) + len(sent)
    assert type(message.body) is type(body)
    for field in fields(body):  # type: ignore[arg-type]
        np.testing.assert_array_equal(getattr(message.body, field.name), getattr(body, field.name))


@law
@given(bodies, st.binary(min_size=1, max_size=10))
def test_fields_added_later_are_ignored(body: MessageBody, later: bytes) -> None:
    payload = body.to_payload()
    assert type(body).from_payload(payload + later).to_payload() == payload


@law
@given(bodies, st.data())
def test_a_payload_cut_short_is_refused(body: MessageBody, data: st.DataObject) -> None:
    payload = body.to_payload()
    if payload:
        with pytest.raises(ValueError, match=r"."):
            type(body).from_payload(payload[: data.draw(st.integers(0, len(payload) - 1))])


@law
@given(st.sampled_from(list(MESSAGE_TYPES.values())), st.binary(max_size=224))
def test_any_payload_is_read_or_refused(body: type[MessageBody], payload: bytes) -> None:
    try:
        read = body.from_payload(payload)
    except ValueError:
        return
    assert body.from_payload(read.to_payload()).to_payload() == read.to_payload()


INFORMATION: dict[str, Any] = {
    "cells": 99, "bits": 12, "rate_mhz": 1, "layout_hash": bytes(8), "calibration_id": bytes(8),
    "model": "", "serial_number": "", "firmware_version": "",
}  # fmt: skip
MOTION: dict[str, Any] = {
    "sensor": 1, "first_sample": 0, "interval_us": 1, "scale": 1.0, "samples": np.zeros((1, 3), np.int16),
}  # fmt: skip
STATE: dict[str, Any] = {"battery_percent": 1, "battery_mv": 1, "charging": False, "temperature_c": 0.0}


@pytest.mark.parametrize(
    "body",
    [
        *(
            DeviceInformation(**INFORMATION | wrong)
            for wrong in (
                {"cells": 0}, {"cells": 257}, {"bits": 0}, {"bits": 17}, {"rate_mhz": 0}, {"rate_mhz": 2**32},
                {"layout_hash": bytes(7)}, {"calibration_id": bytes(9)}, {"model": "x" * 49}, {"serial_number": "\n"},
                {"firmware_version": "\N{GREEK SMALL LETTER MU}"},
            )
        ),
        *(
            Motion(**MOTION | wrong)
            for wrong in (
                {"sensor": 256}, {"interval_us": 0}, {"interval_us": 65536}, {"scale": 0.0}, {"scale": float("nan")},
                {"scale": 1e300}, {"samples": np.zeros((0, 3), np.int16)}, {"samples": np.zeros((1, 5), np.int16)},
                {"samples": np.zeros((35, 3), np.int16)}, {"samples": np.zeros((1, 3))},
            )
        ),
        *(
            DeviceState(**STATE | wrong)
            for wrong in (
                {"battery_percent": 101}, {"battery_percent": -1}, {"battery_mv": 0}, {"battery_mv": 65536},
                {"temperature_c": 400.0}, {"temperature_c": float("nan")}, {"temperature_c": float("-inf")},
            )
        ),
        ErrorReport(65536, fatal=False, detail=0, text=""),
        ErrorReport(1, fatal=False, detail=-1, text=""),
        ErrorReport(1, fatal=False, detail=0, text="\x1b"),
        CommandReply(256, 0, 0),
        TimeReply(2**64, 0),
        SetRate(0),
        SetRate(2**32),
        SetZero(65536),
        TimePing(-1),
    ],
    ids=repr,
)  # fmt: skip
def test_fields_out_of_range_are_refused(body: MessageBody) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode_message(body, 0)
