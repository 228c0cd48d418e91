"""Why a goal is short, for those that are: what the time goes into, and what was tried. Printed behind the table.

All goals were set on prototypes with six to nine metrics. The table has more than 130 now, each with its verdict, and
most of them with regions, uncertainty or a curve of their own.
"""

from __future__ import annotations

REASONS = {
    "D1": "of damaged streams: finding the sync words again and checking around each damage costs as much as the clean "
    "packets, of which a hundred are checked by one call.",
    "A1": "force of every frame (a cast and a matrix product over all cells) and one pass over the cells within "
    "contacts, for peaks and integrals, cost some 10 x by themselves; 130 metrics with their verdicts, zeros, faults "
    "and the clock, at 20 to 30 us a contact each, are the rest. Nothing of it stands out: no function has a tenth.",
    "A2": "130 metrics in some 800 array operations for a batch, the pass over the cells included (a third of it). Six "
    "metrics took 6 us; these take 0.5 us each.",
    "A3": "against the same eight numbers, which peers compute without the other 120, without regions, intervals, "
    "verdicts on lost frames, faulty cells, clocks of two devices or a stream cut anywhere.",
    "C1": "A1 for two feet, decoding, and what compares them: pairing, asymmetry with its intervals, flags.",
    "S1": "each push goes through some 25 small array operations a foot, about 1 us each, whether it brings one frame "
    "or ten; one frame in ten brings a contact's table, a millisecond and more.",
    "S2": "see S3: two thirds are the tables of finished contacts, 2.8 a second and runner.",
    "S3": "of finished contacts: for one contact, 130 metrics are some 800 operations on arrays of one row, about 1 us "
    "each; comparing it with the others (intervals of 9 differences, 50 rolling figures, 18 conditions) as many again. "
    "The loading rate of the contact was out before its toe-off, within its own goal. Scalars instead of arrays would "
    "be a second implementation of every metric.",
    "M1": "what grows with the length is room for the table of contacts, which doubles when it is full.",
}
