"""When a foot was on the ground: contacts in, 0 or 1 at any times out."""

from __future__ import annotations

import numpy as np

from insole.blocks import ContactTable, FloatArray, Kind, Side


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


def feet_of(side: Side) -> dict[str, Side]:
    """Names of the contact signals that go with a foot, or with a belt under both."""
    if side is Side.BELT:
        return {"left_contact": Side.LEFT, "right_contact": Side.RIGHT}
    return {f"{side.label}_contact": side}
