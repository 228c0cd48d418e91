"""What a session received, on disk: every input, untouched and in order, in a file that survives a kill.

In: `Header` and lists of inputs, through `Recorder` or `LiveRecorder`. Out: the same, through `open_recording`.

A recording is an MCAP file (https://mcap.dev/spec, profile ``insole``) of zstd chunks with a CRC, one message a chunk,
each written at once, so that a program that dies loses the last half second or so. `LiveRecorder` also waits, on a
thread of its own, until the disk has each, so that a power cut loses no more, and bears with a disk that is full or
gone. Three channels:

========= ======== =====================================================================================================
topic     encoding message
========= ======== =====================================================================================================
`/header` json     what was recorded, from whom and with what (`insole.recording.header`); the first message, and once
                   more the last when the recording is closed, so that damage at the start costs nothing
`/inputs` insole   about half a second of inputs of all links (`insole.recording.batch`)
`/clock`  json     ``{"host_ns": ..., "utc_ns": ...}``, both clocks of the recording computer read together, every 10 s
========= ======== =====================================================================================================

The `sequence` of a message of the first two is the number of `/inputs` messages before it, so that a missing one shows.
`log_time` is the host's monotonic clock in ns, as in the inputs. A closed file ends with an index of the chunks for
other programs; reading here needs none.
"""

from insole.recording.header import FORMAT_VERSION, Header
from insole.recording.held import Held
from insole.recording.live import LiveRecorder
from insole.recording.reader import Place, Recording, is_recording, open_recording
from insole.recording.writer import Recorder

__all__ = [
    "FORMAT_VERSION",
    "Header",
    "Held",
    "LiveRecorder",
    "Place",
    "Recorder",
    "Recording",
    "is_recording",
    "open_recording",
]
