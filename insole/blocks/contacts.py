"""Contacts as they leave the pipeline: the table of both feet, early loading rates, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from insole.blocks.arrays import BoolArray, FloatArray, IntArray
from insole.blocks.codes import Kind, Side, Status
from insole.columns import Columns


@dataclass(frozen=True, slots=True, eq=False)
class ContactTable:
    """Contacts of both feet in order of strike, one array a column.

    `columns` holds the metrics by name, `uncertainty` their standard uncertainties where a metric states one (same
    unit), `status` whether a value is OK, limited or withheld and why (`Status` codes). Rolling left-right
    differences are columns `<metric>_asymmetry`, `_asymmetry_low`, `_asymmetry_high` in percent.
    For a contact whose onset or end fell into missing frames, `strike_s` and `toe_off_s` are the first and last
    frame seen of it (the quality bit says so) and every metric that needs them is NaN.
    """

    contact_id: IntArray
    side: npt.NDArray[np.int8]
    kind: npt.NDArray[np.int8]
    strike_s: FloatArray
    toe_off_s: FloatArray
    quality: npt.NDArray[np.uint16]
    columns: Mapping[str, FloatArray] = field(default_factory=Columns)
    uncertainty: Mapping[str, FloatArray] = field(default_factory=Columns)
    status: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=Columns)

    def __len__(self) -> int:
        return len(self.contact_id)

    @classmethod
    def empty(cls) -> ContactTable:
        """No contacts, no columns; always the same table."""
        return _NO_CONTACTS

    def rows(self, pick: npt.NDArray[Any] | slice) -> ContactTable:
        """The rows that `pick` (mask, indices or slice) selects."""
        return ContactTable(
            self.contact_id[pick],
            self.side[pick],
            self.kind[pick],
            self.strike_s[pick],
            self.toe_off_s[pick],
            self.quality[pick],
            Columns.of(self.columns).rows(pick),
            Columns.of(self.uncertainty).rows(pick),
            Columns.of(self.status).rows(pick),
        )

    def running(self, side: Side | None = None) -> ContactTable:
        """The valid running contacts, of one side if given."""
        mask = self.kind == Kind.RUN
        return self.rows(mask if side is None else mask & (self.side == side))

    @classmethod
    def join(cls, tables: list[ContactTable]) -> ContactTable:
        """Tables of the same columns, one after the other."""
        tables = [table for table in tables if len(table)]
        if len(tables) < 2:
            return tables[0] if tables else cls.empty()
        return cls(
            np.concatenate([t.contact_id for t in tables]),
            np.concatenate([t.side for t in tables]),
            np.concatenate([t.kind for t in tables]),
            np.concatenate([t.strike_s for t in tables]),
            np.concatenate([t.toe_off_s for t in tables]),
            np.concatenate([t.quality for t in tables]),
            Columns.join([t.columns for t in tables]),
            Columns.join([t.uncertainty for t in tables]),
            Columns.join([t.status for t in tables]),
        )


_NO_CONTACTS = ContactTable(
    np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.int8), np.empty(0), np.empty(0), np.empty(0, np.uint16)
)


@dataclass(frozen=True, slots=True)
class EarlyRate:
    """Loading rate of a contact that is still on the ground: final in value, the contact may still be rejected."""

    contact_id: int
    side: Side
    t_s: float  # recording time of initial contact
    valr_bw_s: float  # NaN: withheld, see status
    u_bw_s: float
    status: Status


@dataclass(frozen=True, slots=True, eq=False)
class ContactShape:
    """What one contact looked like, for pictures."""

    contact_id: int
    side: Side
    strike_s: float
    force_bw: FloatArray  # (301,) every ms from initial contact, NaN after toe-off; newtons when in_newtons
    in_newtons: bool
    peak_kpa: FloatArray  # (c,) highest pressure of each cell
    saturated: BoolArray  # (c,) cells that reached full scale
    cop: FloatArray  # (m, 2) centre of pressure as (x from medial, y from heel) in 0..1, frames with F >= 0.05 BW
    cop_stance_mm: FloatArray = field(
        default_factory=lambda: np.full((101, 2), np.nan)
    )  # the same at 0..100 % of stance
    rise: FloatArray = field(default_factory=lambda: np.full(4, np.nan))  # ms, BW at 20 %, ms, BW at 80 % of the rise

    def __deepcopy__(self, _memo: dict[int, Any]) -> ContactShape:
        """Itself: nobody writes to it, so copies of a pipeline may share it."""
        return self
