"""When a foot was on the ground: contacts in, 0 or 1 at any times out."""

from __future__ import annotations

import numpy as np

from insole.blocks import ContactTable, FloatArray, Kind, Side
from insole.report.about import Column


def whole_contacts(contacts: ContactTable) -> ContactTable:
    """Contacts whose beginning and end are known; rejected ones are left out."""
    known = np.isfinite(contacts.strike_s) & np.isfinite(contacts.toe_off_s)
    return contacts.rows(known & (contacts.kind != Kind.REJECTED))


def on_ground(t_s: FloatArray, contacts: ContactTable, side: Side) -> FloatArray:
    """Whether a foot has a contact.

    Parameters
    ----------
    t_s : (n,) float64
        Recording time.
    contacts : ContactTable
    side : Side
        Left or right.

    Returns
    -------
    (n,) float64
        1 from initial contact to toe-off, both included, else 0.
    """
    own = whole_contacts(contacts.rows(contacts.side == side))
    begun = np.searchsorted(np.sort(own.strike_s), t_s, side="right")
    ended = np.searchsorted(np.sort(own.toe_off_s), t_s, side="left")
    return (begun > ended).astype(np.float64)


def contact_columns(t_s: FloatArray, contacts: ContactTable, side: Side) -> list[Column]:
    """`on_ground` as the columns that go with the frames of a foot, or of a belt under both feet."""
    feet = (Side.LEFT, Side.RIGHT) if side is Side.BELT else (side,)
    meaning = "1 from initial contact to toe-off, else 0; rejected contacts are left out"
    return [Column(f"{foot.label}_contact", on_ground(t_s, contacts, foot), "", meaning) for foot in feet]
