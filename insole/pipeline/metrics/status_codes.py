"""Members of `Status` as arrays hold them: numpy takes these several times faster than the enumeration's own."""

from __future__ import annotations

import numpy as np

from insole.blocks import Status

OK = np.uint8(Status.OK)
LIMITED = np.uint8(Status.LIMITED)
RATE_TOO_LOW = np.uint8(Status.RATE_TOO_LOW)
FEW_SAMPLES_IN_RISE = np.uint8(Status.FEW_SAMPLES_IN_RISE)
NO_POI = np.uint8(Status.NO_POI)
SLOW_RISE = np.uint8(Status.SLOW_RISE)
SATURATED = np.uint8(Status.SATURATED)
GAP = np.uint8(Status.GAP)
