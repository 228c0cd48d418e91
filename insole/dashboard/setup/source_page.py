"""Step 1: where the data come from. In: what a scan found. Out: a SOURCE, and a device profile where it needs one."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from insole.dashboard.paint.button import Button
from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.choices import PROFILED, TRY_OUT, Choices
from insole.dashboard.setup.form import Choice, Field, Words
from insole.dashboard.setup.opening import Found
from insole.dashboard.setup.page import FormPage
from insole.device import device_names
from insole.sources.introduction import FEET

INTENDED_USE = (
    "Intended use: training, research and documentation of technique. insole is not a medical device. It observes; it "
    "never diagnoses, and no flag means that somebody is or will be injured."
)
HINT = "Insoles in reach (both, where each has a link of its own), a file, or a synthetic runner."
_URL = Qt.ItemDataRole.UserRole


class SourcePage(FormPage):
    """Insoles in reach, a file, or a synthetic runner.

    Attributes
    ----------
    rescan : Signal
        Look again.
    """

    rescan = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Where do the data come from?", HINT, parent)
        self.found = QListWidget(self)
        self.found.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.found.setAccessibleName("Insoles and ports in reach")
        self.found.itemSelectionChanged.connect(self._take_selection)
        self.status = Words(look, "", "hint", "text3", self)
        self.scan_button = Button(look, "Scan again", "F5", "Look for insoles and ports again", parent=self)
        self.file_button = Button(look, "Open a file", "Ctrl+O", "A recording, or a vendor's file", parent=self)
        self.try_button = Button(look, "Synthetic runner", "", "Try everything without hardware", parent=self)
        self.source = Field(look, "Source", "As on the command line; filled in by the list and the buttons", self)
        self.source.line.setPlaceholderText("ble:NAME,NAME   serial:PORT   replay:FILE   synthetic:")
        names = [("", "As the insole says"), *((name, name) for name in device_names())]
        self.device = Choice(look, "Device profile", names, "For an insole that does not say what it is", self)
        feet = [("both", "Both feet"), ("left", "Left foot"), ("right", "Right foot")]
        assert {value for value, _ in feet} < set(FEET)
        self.feet = Choice(look, "It is on", feet, "With a chosen profile", self)
        self.troubles = Words(look, "", "hint", "watch_text", self)
        self.use = Words(look, INTENDED_USE, "hint", "text3", self)
        self._buttons = (self.scan_button, self.file_button, self.try_button)
        self._row, self._profile = QHBoxLayout(), QHBoxLayout()
        for button in self._buttons:
            self._row.addWidget(button)
        self._row.addWidget(self.status, 1)
        self._profile.addWidget(self.device, 2)
        self._profile.addWidget(self.feet, 1)
        self.column.addWidget(self.found, 1)
        self.column.addLayout(self._row)
        self.column.addWidget(self.troubles)
        self.column.addWidget(self.source)
        self.column.addLayout(self._profile)
        self.column.addWidget(self.use)
        self.scan_button.clicked.connect(self.rescan)
        self.file_button.clicked.connect(self.choose_file)
        self.try_button.clicked.connect(lambda: self._choose(TRY_OUT))
        self.source.line.textChanged.connect(self._source_changed)
        for box in (self.device.box, self.feet.box):
            box.currentIndexChanged.connect(self._device_changed)
        self.troubles.hide()
        self._shown: Found | None = None
        self.apply(look)

    def first(self) -> QWidget:
        """The list where there is something in it, else the source."""
        return self.found if self.found.count() and not self.source.text else self.source.line

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.found.setFont(look.font("strip"))
        self.found.setMinimumHeight(round(look.px(84)))
        for part in (*self._buttons, self.status, self.source, self.device, self.feet, self.troubles, self.use):
            part.apply(look)
        self._row.setSpacing(round(look.px(4)))
        self._profile.setSpacing(round(look.px(12)))

    # ---- scanning ------------------------------------------------------------------------------------------------

    def show_scanning(self) -> None:
        """A scan goes on."""
        self._shown = None
        self.status.setText("Looking for insoles …")

    def show_found(self, found: Found) -> None:
        """Take what is in reach; what was chosen stays chosen."""
        if found is self._shown:
            return
        self._shown = found
        self.found.blockSignals(True)
        self.found.clear()
        for url, what in found.rows:
            item = QListWidgetItem(f"{url}    {what}")
            item.setData(_URL, url)
            self.found.addItem(item)
        self.found.blockSignals(False)
        self._mark_selection()
        count = len(found.rows)
        self.status.setText("Nothing in reach: is the insole switched on, and near?" if not count else f"{count} found")
        self.troubles.setText("\n".join(found.troubles))
        self.troubles.setVisible(bool(found.troubles))

    def _take_selection(self) -> None:
        """Rows to a SOURCE: insoles by radio become one, ports stand beside each other."""
        urls = [item.data(_URL) for item in self.found.selectedItems()]
        radio = [url.partition(":")[2] for url in urls if url.startswith("ble:")]
        parts = [url for url in urls if not url.startswith("ble:")]
        if radio:
            parts.insert(0, f"ble:{','.join(radio)}")
        if parts:
            self.source.fill(" ".join(parts))

    def _mark_selection(self) -> None:
        """Rows that the SOURCE names are selected."""
        names = {part for url in self.source.text.split() for part in _parts(url)}
        self.found.blockSignals(True)
        for i in range(self.found.count()):
            self.found.item(i).setSelected(self.found.item(i).data(_URL) in names)
        self.found.blockSignals(False)

    def choose_file(self) -> None:
        """Ask for a file."""
        name, _ = QFileDialog.getOpenFileName(self, "A recording, or a vendor's file")
        if name:
            self._choose(f"replay:{name}")

    def _choose(self, source: str) -> None:
        """Fill the source in; from there Enter goes on."""
        self.source.fill(source)
        self.source.line.setFocus()

    # ---- choices -------------------------------------------------------------------------------------------------

    def _source_changed(self) -> None:
        self.source.complain("")
        self._mark_selection()
        self._device_changed()

    def _device_changed(self) -> None:
        profiled = self.choices(Choices()).scheme in PROFILED
        self.device.box.setEnabled(profiled)
        self.feet.box.setEnabled(profiled and bool(self.device.value))
        self.changed.emit()

    def take(self, choices: Choices) -> None:
        """Show choices."""
        self.source.fill(choices.source)
        self.device.choose(choices.device)
        self.feet.choose(choices.feet)
        self._device_changed()

    def choices(self, before: Choices) -> Choices:
        """The choices with those of this page."""
        return replace(before, source=self.source.text.strip(), device=self.device.value, feet=self.feet.value)


def _parts(url: str) -> list[str]:
    """The rows that a SOURCE names: 'ble:A,B' are two."""
    scheme, _, rest = url.partition(":")
    target = rest.partition("?")[0]
    return [f"{scheme}:{name}" for name in (target.split(",") if scheme == "ble" else [target])]
