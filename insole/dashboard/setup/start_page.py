"""Step 4: whether and where to record, and a last look. In and out: choices, and the name of the recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from insole.dashboard.paint.button import Button
from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.choices import Choices
from insole.dashboard.setup.form import Field, Tick, Words
from insole.dashboard.setup.page import FormPage

LIVE_HINT = "Start opens the session. Recording begins with the fit check, so that nothing of it is lost."
REPLAY_HINT = "Start opens the recording. Nothing is recorded anew."


class StartPage(FormPage):
    """The recording, and what came of the session before."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Ready?", LIVE_HINT, parent)
        self.record = Tick(look, "Record this session", self)
        self.folder = Field(look, "Folder", "Recordings can be read by you alone", self)
        self.browse = Button(look, "Choose", "", "Choose the folder of the recording", parent=self)
        self.name = Field(look, "Name", "Never replaces a file that is there", self)
        self.before = Words(look, "", "strip", "text1", self)
        self._row = QHBoxLayout()
        self._row.addWidget(self.folder, 1)
        self._row.addWidget(self.browse)
        self.column.addWidget(self.before)
        self.column.addWidget(self.record)
        self.column.addLayout(self._row)
        self.column.addWidget(self.name)
        self.column.addStretch(1)
        self.before.hide()
        self._live = True
        self.record.toggled.connect(self._toggled)
        self.browse.clicked.connect(self._choose_folder)
        for field in (self.folder, self.name):
            field.line.textEdited.connect(self._edited)
        self.apply(look)

    def first(self) -> QWidget:
        """The tick; a recording that is replayed has none."""
        return self.record if self._live else self

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        for part in (self.record, self.folder, self.browse, self.name, self.before):
            part.apply(look)

    def _toggled(self, on: bool) -> None:
        for part in (self.folder.line, self.browse, self.name.line):
            part.setEnabled(on)
        self._edited()

    def _edited(self) -> None:
        self.check()
        self.changed.emit()

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of the recording", self.folder.text)
        if folder:
            self.folder.fill(folder)
            self._edited()

    def take(self, choices: Choices, name: str) -> None:
        """Show choices, and the name that is proposed."""
        self.record.setChecked(choices.record)
        self.folder.fill(choices.folder)
        self.name.fill(name)
        self._toggled(choices.record)

    def show_kind(self, *, live: bool) -> None:
        """A replay is not recorded."""
        self._live = live
        self.hint.setText(LIVE_HINT if live else REPLAY_HINT)
        for part in (self.record, self.folder, self.browse, self.name):
            part.setVisible(live)

    def say_before(self, text: str, tint: str) -> None:
        """What came of the session before; nothing without one."""
        self.before.say(self.look, text, tint)
        self.before.setVisible(bool(text))

    def path(self) -> Path:
        """The recording to make."""
        name = self.name.text.strip()
        return Path(self.folder.text.strip()).expanduser() / (name if name.endswith(".mcap") else f"{name}.mcap")

    def check(self) -> QWidget | None:
        """Say what is wrong with the place; the first such field, None where all is well."""
        wrong_name = wrong_folder = ""
        if self._live and self.record.isChecked():
            name = self.name.text.strip()
            if not name or Path(name).name != name:
                wrong_name = "a name without / or \\"
            elif self.path().exists():
                wrong_name = "there is such a file already: choose another name"
            folder = Path(self.folder.text.strip()).expanduser()
            if not self.folder.text.strip() or (folder.exists() and not folder.is_dir()):
                wrong_folder = "this is no folder"
        self.name.complain(wrong_name)
        self.folder.complain(wrong_folder)
        return self.name.line if wrong_name else self.folder.line if wrong_folder else None

    def choices(self, before: Choices) -> Choices:
        """The choices with those of this page."""
        return replace(before, record=self.record.isChecked(), folder=self.folder.text.strip())
