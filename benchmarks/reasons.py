"""Why a goal is short, for those that are: what the time or the memory goes into. Printed behind the table.

The goals were set on prototypes with six to nine metrics. The table has more than 130 now, each with its verdict, many
by region or with an uncertainty.
"""

from __future__ import annotations

REASONS = {
    "D1": "of damaged streams: looking for sync words in every byte costs more than all of a clean stream does, of "
    "which hundreds of packets are checked by one fast CRC.",
    "A1": "some 200 us a contact. Array work over all cells (cast, products, peaks and integrals within contacts, "
    "the zero of each swing) is about a quarter; the table's verdicts and metrics, events, faults, the clock "
    "and early rates share the rest in hundreds of pieces. Most of it is the same for 64 cells, so that a "
    "value costs more there.",
    "A2": "135 metrics in some 800 calls for a batch, the pass over the cells included, a third of it. Six metrics "
    "took 6 us.",
    "A3": "against eight numbers a contact, which the peers compute alone: no other 120 metrics, no regions, "
    "intervals, lost frames, faulty cells, two clocks or streams cut anywhere.",
    "C1": "A1 for two feet, decoding, and what compares them: pairing, asymmetry with its intervals, rolling "
    "figures, flags.",
    "S1": "a push goes through some 25 small array operations a foot, about 1 us each, whether it brings one frame "
    "or ten; and offline, hundreds of contacts share the operations that live each has for itself.",
    "S2": "two fifths are the tables of finished contacts, 2.8 a second and runner: see S3.",
    "S3": "of finished contacts: for one contact, 135 metrics are some 800 calls, about 1.5 us each; comparing it "
    "with the others (intervals of 9 differences, 50 rolling figures, 18 conditions) as many again. Its "
    "loading rate was out before toe-off, within the goal. Plain numbers in place of arrays would be a second "
    "implementation of every metric.",
    "M1": "with a fixed threshold for memory maps (MALLOC_MMAP_THRESHOLD_=262144) ten hours took some 9 MB less, "
    "which points to holes that growing columns leave in the heap.",
}
