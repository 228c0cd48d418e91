"""A skipped test fails the run unless its reason stands in allowed_skips.txt, with why that is acceptable."""

from __future__ import annotations

from pathlib import Path

import pytest


class SkipGate:
    """Collects skips with a reason that is not on the list."""

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = allowed
        self.unlisted: list[str] = []

    def _look(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(allowed in reason for allowed in self.allowed):
            self.unlisted.append(f"{report.nodeid}: {reason}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unlisted and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.unlisted:
            terminalreporter.write_line(f"skipped, and not on tests/allowed_skips.txt: {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Register the gate where results arrive: not in the workers of a parallel run."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipGate(allowed_reasons(Path(__file__).with_name("allowed_skips.txt"))))


def allowed_reasons(path: Path) -> list[str]:
    """Each line of the file up to its colon: a part of the skip message; what follows says why it is acceptable."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.partition(":")[0].strip() for line in lines if line.strip() and not line.startswith("#")]
