"""The synthetic runner as a source like any other: paced by the host's clock, or as fast as it is read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from insole.blocks import Input, Side
from insole.errors import SettingsError
from insole.sources.synthetic.options import SyntheticOptions
from insole.sources.synthetic.simulation import START_HOST_NS, START_UTC, TICK_NS, SyntheticRunner, in_steps

LIVE_STEP_NS = 20_000_000


class SyntheticSource:
    """Inputs of a synthetic runner; `async with` it, then `async for` lists of inputs.

    Parameters
    ----------
    options : SyntheticOptions
        Without `seconds`, and with a plan whose last phase has no length, it never ends.
    speed : float
        Seconds of session a second; `inf` gives inputs as fast as they are taken. A reader that falls behind gets more
        at once.

    Attributes
    ----------
    header : Header
        Paced, it starts at this moment of the host's monotonic clock, so that markers set meanwhile fall where they
        belong; unpaced, it is the same each time.

    Raises
    ------
    SettingsError
        `speed` is not above 0, or as `simulate`.
    """

    def __init__(self, options: SyntheticOptions, speed: float = 1.0) -> None:
        if not speed > 0.0:
            raise SettingsError(f"synthetic: speed = {speed:g}: expected more than 0, or inf")
        self._speed = speed
        self._runner = SyntheticRunner(options)
        self._paced = speed != float("inf")
        if self._paced:
            self.header = self._runner.header(time.perf_counter_ns(), datetime.now(UTC).isoformat(timespec="seconds"))
        else:
            self.header = self._runner.header(START_HOST_NS, START_UTC)

    @classmethod
    def from_url(cls, target: str, options: Mapping[str, str]) -> Self:
        """``synthetic:?limp=0.2&seed=1&speed=inf``: the options of `SyntheticOptions`, and `speed`.

        Raises
        ------
        SettingsError
            An unknown option or a value out of range.
        """
        if target:
            raise SettingsError(
                f"synthetic: '{target}' is not understood: options come after a '?', as in synthetic:?limp=0.2"
            )
        own = dict(options)
        text = own.pop("speed", "1")
        try:
            speed = float(text)
        except ValueError:
            raise SettingsError(f"synthetic: speed = '{text}': expected a number or inf") from None
        return cls(SyntheticOptions.from_mapping(own), speed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to let go of."""

    async def __aiter__(self) -> AsyncIterator[list[Input]]:
        step_ns = LIVE_STEP_NS if self._paced else TICK_NS
        batch: list[Input] = []
        steps = in_steps(self._runner.blocks(), step_ns, self.header.start_host_ns, self._runner.joins_s)
        for at_ns, inputs in steps:
            if batch and (not self._paced or self._wait_s(at_ns) > 0.0):
                yield batch
                await asyncio.sleep(0)  # whoever shares the loop gets a turn, also when nothing is waited for
                batch = []
            if self._paced and (wait_s := self._wait_s(at_ns)) > 0.0:
                await asyncio.sleep(wait_s)
            batch += inputs
        if batch:
            yield batch

    def device_us(self, side: Side) -> int:
        """What the clock of an insole shows at this moment of a paced session."""
        t_s = (time.perf_counter_ns() - self.header.start_host_ns) * 1e-9 * self._speed
        return self._runner.feet[side].clock.tick_at(t_s)

    def _wait_s(self, at_ns: int) -> float:
        """Time until that moment of the session comes, 0 or less where it has."""
        return (at_ns / self._speed - (time.perf_counter_ns() - self.header.start_host_ns)) * 1e-9
