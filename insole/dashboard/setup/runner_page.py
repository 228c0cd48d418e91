"""Step 2: who runs, in which shoe, how fast. In and out: choices. What is left empty stays unknown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from insole.dashboard.paint.button import Button
from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.choices import QUANTITIES, Choices
from insole.dashboard.setup.form import Field, Words
from insole.dashboard.setup.lines import runner_line
from insole.dashboard.setup.page import FormPage
from insole.settings import Runner

HINT = "Everything may stay empty: what is not known is not assumed."
RECORDED = "A recording brings its own runner: there is nothing to enter here."
HINTS = {
    "code": "A code, not a name",
    "body_mass_kg": "With shoes. Empty: newtons only",
    "height_m": "Needed for leg stiffness only",
    "speed_m_s": "As the treadmill shows it",
    "incline_pct": "Uphill is positive",
    "shoe": "Model, and what makes it this pair",
    "notes": "Kept in the recording",
}
PLACES = (("code", "shoe"), ("body_mass_kg", "height_m"), ("speed_m_s", "incline_pct"))


class RunnerPage(FormPage):
    """A form.

    Attributes
    ----------
    code_entered : Signal
        Another code stands there; with it.
    forget : Signal
        Nothing is to be remembered of the runner with this code.
    """

    code_entered = Signal(str)
    forget = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Who runs?", HINT, parent)
        labels = {"code": "Runner code", "shoe": "Shoe", "notes": "Notes"}
        labels |= {quantity.name: f"{quantity.label}, {quantity.unit}" for quantity in QUANTITIES}
        self.grid = QGridLayout()
        self.fields: dict[str, Field] = {}
        for row, names in enumerate((*PLACES, ("notes",))):
            for column, name in enumerate(names):
                field = Field(look, labels[name], HINTS[name], self)
                field.line.textEdited.connect(self._edited)
                self.fields[name] = field
                self.grid.addWidget(field, row, column, 1, 2 if name == "notes" else 1)
        self._code = ""
        self.fields["code"].line.editingFinished.connect(self._code_finished)
        self.note = Words(look, "", "strip", "text2", self)
        self.forget_button = Button(
            look, "Forget this runner", "", "Delete what is remembered under this code", parent=self
        )
        self.forget_button.clicked.connect(lambda: self.forget.emit(self.fields["code"].text.strip()))
        self._row = QHBoxLayout()
        self._row.addWidget(self.forget_button)
        self._row.addStretch(1)
        self.column.addWidget(self.note)
        self.column.addLayout(self.grid)
        self.column.addLayout(self._row)
        self.column.addStretch(1)
        self.note.hide()
        self.apply(look)

    def first(self) -> QWidget:
        """The code, where there is something to enter."""
        line = self.fields["code"].line
        return self if line.isHidden() or self.fields["code"].isHidden() else line

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.grid.setHorizontalSpacing(round(look.px(20)))
        self.grid.setVerticalSpacing(round(look.px(8)))
        for field in self.fields.values():
            field.apply(look)
        self.note.apply(look)
        self.forget_button.apply(look)

    def _edited(self) -> None:
        self.check()
        self.changed.emit()

    def _code_finished(self) -> None:
        code = self.fields["code"].text.strip()
        if code != self._code:
            self._code = code
            self.code_entered.emit(code)

    def take(self, choices: Choices) -> None:
        """Show choices."""
        self._code = choices.code
        for name, text in choices.runner_texts().items():
            self.fields[name].fill(text)
        self.check()

    def show_recorded(self, runner: Runner | None) -> None:
        """A recording brings its own runner, who cannot be changed here; None: a runner is entered."""
        entered = runner is None
        if runner is not None:
            line = runner_line(runner)
            self.note.setText(f"{line.title}\n{line.detail}")
        self.hint.setText(HINT if entered else RECORDED)
        self.note.setVisible(not entered)
        self.forget_button.setVisible(entered)
        for field in self.fields.values():
            field.setVisible(entered)

    def texts(self) -> dict[str, str]:
        """What is typed, by the name of the field."""
        return {name: field.text for name, field in self.fields.items()}

    def check(self) -> QWidget | None:
        """Say what is wrong beside each field; the first such field, None where all is well."""
        _, wrong = Choices().with_runner(self.texts())
        for name, field in self.fields.items():
            field.complain(wrong.get(name, ""))
        return next((self.fields[name].line for name in self.fields if name in wrong), None)

    def choices(self, before: Choices) -> Choices:
        """The choices with those of this page."""
        return before.with_runner(self.texts())[0]
