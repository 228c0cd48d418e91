"""The list of keys, over everything until Esc. In: rows of key and meaning. Out: one painted sheet."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look

KEYS = (
    ("M", "Mark this moment; Enter without text is fine"),
    ("P, Space", "Pause or go on (not with live insoles)"),
    ("[  ]", "Slower, faster (not with live insoles)"),
    ("S", "Stop the session; asks once"),
    ("F", "Why the flag is up"),
    ("N", "Flags off or on; on shows hidden ones again"),
    ("K", "Next pressure scale: 200, 300, 400, 600 kPa, automatic"),
    ("C", "Centre of pressure off or on"),
    ("X", "Cells on or off"),
    ("Ctrl+T", "Dark or light"),
    ("F12", "Save a picture of the window"),
    ("Tab", "To the next button"),
    ("F1", "This list"),
    ("Esc", "Close the top layer; never stops a session"),
)
ROW = 26


class HelpSheet(Painted):
    """Every key and what it does."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.setAccessibleName("Keys")
        self.setAccessibleDescription("; ".join(f"{key}: {text}" for key, text in KEYS))

    def wanted(self) -> tuple[int, int]:
        """Width and height."""
        return round(self.look.px(500)), round(self.look.px(ROW * len(KEYS) + 66))

    def paint(self, painter: QPainter) -> None:
        """A table."""
        look = self.look
        painter.setPen(look.pen("line", 1))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(8), look.px(8))
        title, strong, body = look.font("title"), look.font("body_strong"), look.font("body")
        draw_runs(painter, look.px(20), cap_centre(title, look.px(26)), [("Keys", title, look.color("text1"))])
        for i, (key, text) in enumerate(KEYS):
            y = look.px(52 + ROW * (i + 0.5) - 4)
            draw_runs(painter, look.px(20), cap_centre(strong, y), [(key, strong, look.color("text1"))])
            draw_runs(painter, look.px(112), cap_centre(body, y), [(text, body, look.color("text2"))])
