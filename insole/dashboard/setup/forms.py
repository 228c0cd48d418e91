"""Between the pages with a form and the flow: what was entered, whether it can be used, what is remembered of a runner.

In: texts on the pages. Out: `Choices` that the flow works with.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QWidget

from insole.dashboard.setup.choices import Choices, free_name, recording_name
from insole.dashboard.setup.flow import Flow
from insole.dashboard.setup.remembered import Remembered
from insole.dashboard.setup.runner_page import RunnerPage
from insole.dashboard.setup.source_page import SourcePage
from insole.dashboard.setup.start_page import StartPage
from insole.dashboard.setup.step import Step


class Forms:
    """The three pages where something is entered.

    Parameters
    ----------
    source : SourcePage
    runner : RunnerPage
    start : StartPage
    flow : Flow
    remembered : Remembered
    """

    def __init__(
        self, source: SourcePage, runner: RunnerPage, start: StartPage, flow: Flow, remembered: Remembered
    ) -> None:
        self._source, self._runner, self._start = source, runner, start
        self._flow, self._remembered = flow, remembered

    def wrong(self, step: Step) -> QWidget | None:
        """The first field of a step with something in it that cannot be used, which is said; None where all is well."""
        if step is Step.SOURCE and not self._source.source.text.strip():
            self._source.source.complain("choose a source: from the list, a file, or the synthetic runner")
            return self._source.source.line
        if step is Step.RUNNER:
            return self._runner.check()
        return self._start.check() if step is Step.START else None

    def entered(self) -> Choices:
        """What the pages say."""
        before = self._flow.choices
        choices = self._start.choices(self._runner.choices(self._source.choices(before)))
        return replace(choices, source=before.source).with_source(choices.source)

    def hand_over(self) -> None:
        """What the pages say becomes what the flow works with."""
        choices = self.entered().with_source_options()
        if self._runner.choices(choices) != choices:
            self._runner.take(choices)
        if choices != self._flow.choices:
            self._flow.choose(choices)

    def fill_in(self, code: str) -> None:
        """Another code was entered: what is known of that runner, and nothing of the one before."""
        self._runner.take(self._remembered.runner(self._runner.choices(self._flow.choices), code))

    def forget(self, code: str) -> None:
        """Nothing is to be remembered of this runner, and nothing stands on the page any more."""
        self._remembered.forget(code)
        self._runner.take(replace(self._remembered.runner(self._flow.choices, ""), notes=""))

    def propose_name(self) -> None:
        """A name for the recording that no file has yet."""
        choices = self._flow.choices
        self._start.take(choices, free_name(Path(choices.folder), recording_name(choices.code, datetime.now())))
