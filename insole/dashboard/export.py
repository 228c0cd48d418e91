"""The contacts of a replay as a table beside the recording; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from insole.dashboard.errand import Errand
from insole.dashboard.replay.survey import Survey
from insole.report.tables import write_table


def export_contacts(survey: Survey, say: Callable[[str], None]) -> Errand | None:
    """Write `NAME-contacts.csv` in the folder of the recording and say so, or why not.

    Returns
    -------
    Errand or None
        The work, which goes on; None while the recording is not analysed to its end.
    """
    analysis = survey.analysis
    if analysis is None:
        say("The recording is still being analysed" if survey.error is None else str(survey.error))
        return None
    path = free_name(survey.name)

    def work() -> str:
        write_table(path, analysis)
        return f"Saved {path}"

    say(f"Writing {path.name} …")
    return Errand(work, lambda answer: say(str(answer)))


def free_name(recording: Path) -> Path:
    """`NAME-contacts.csv` beside it, with a number where that is taken."""
    for number in range(1, 1000):
        ending = "" if number == 1 else f"-{number}"
        path = recording.with_name(f"{recording.stem}-contacts{ending}.csv")
        if not path.exists() and not path.with_name(f"{path.name}.json").exists():
            return path
    return recording.with_name(f"{recording.stem}-contacts.csv")
