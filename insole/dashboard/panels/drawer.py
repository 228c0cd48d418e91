"""The Why drawer over the right edge: covers, never dims. In: a page of `why`. Out: words, one axis, two buttons."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPicture, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from insole.dashboard.model.why import WhyPage
from insole.dashboard.paint.button import Button
from insole.dashboard.paint.marks import cap_centre, draw_level, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import LEVEL_TINTS, Look
from insole.dashboard.panels.why_sheet import paint_page

EDGE = 23.0


class Drawer(Painted):
    """What a flag rests on."""

    closed = Signal()
    marker = Signal()
    hide_flag = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.page: WhyPage | None = None
        self.close_button = Button(look, "Close", "Esc", "Close this drawer", parent=self)
        self.mark_button = Button(look, "Mark moment", "M", "Mark this moment", parent=self)
        hide = "Hide this flag for this session"
        self.hide_button = Button(look, hide, "", "Not shown again until the session ends", parent=self)
        self._buttons = (self.close_button, self.mark_button, self.hide_button)
        for button, signal in zip(self._buttons, (self.closed, self.marker, self.hide_flag), strict=True):
            button.clicked.connect(signal)
        self._sheet = _Sheet(look)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(self._sheet)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._top, self._bottom = QHBoxLayout(), QHBoxLayout()
        self._top.addStretch(1)
        self._top.addWidget(self.close_button)
        self._bottom.addWidget(self.mark_button)
        self._bottom.addWidget(self.hide_button)
        self._bottom.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addWidget(self._scroll, 1)
        self._column.addLayout(self._bottom)
        self.setAccessibleName("Why")
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        edge = round(look.px(20))
        self._column.setContentsMargins(edge, edge, edge, edge)
        self._bottom.setSpacing(round(look.px(6)))
        for button in self._buttons:
            button.apply(look)
        self._sheet.apply(look)
        self._fit()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the sheet as wide as the drawer."""
        self._fit()

    def _fit(self) -> None:
        """The sheet is as high as its text; where that is more than there is room, it scrolls."""
        width = max(1, self.width() - 2 * round(self.look.px(20)))
        self._sheet.resize(width, self._sheet.wanted_height(width))

    def show_page(self, page: WhyPage) -> None:
        """Take a page."""
        if page != self.page:
            self.page = page
            self._sheet.page = page
            words = [f"{title}: {' '.join(lines)}" for title, lines in page.sections]
            self.setAccessibleDescription(" ".join([page.title, page.statement, *words, page.says_not]))
            self._fit()
            self._sheet.update()
            self.update()

    def paint(self, painter: QPainter) -> None:
        """Ground and head; the rest is on the sheet."""
        look = self.look
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(0, 0, round(look.px(1)), self.height(), look.color("line"))
        if self.page is None:
            return
        level = self.page.level
        middle = self.close_button.y() + self.close_button.height() / 2
        left = look.px(EDGE)
        draw_level(painter, look, level, QPointF(left + look.px(10), middle), look.px(19))
        font = look.font("strip_head")
        x = left + look.px(30)
        word = (self.page.head, font, look.color(LEVEL_TINTS[level][1]))
        x += draw_runs(painter, x, cap_centre(font, middle), [word]) + look.px(8)
        room = self.close_button.x() - x
        smaller = shrunk(font, self.page.title, room)
        title = (fitted(self.page.title, smaller, room), smaller, look.color("text1"))
        draw_runs(painter, x, cap_centre(font, middle), [title])


class _Sheet(Painted):
    """The page below the head."""

    page: WhyPage | None = None

    def wanted_height(self, width: int) -> int:
        """Height of the page at this width."""
        if self.page is None:
            return 1
        nowhere = QPicture()
        painter = QPainter(nowhere)
        height = paint_page(painter, self.look, self.page, self.look.px(3), width - self.look.px(6))
        painter.end()
        return round(height)

    def paint(self, painter: QPainter) -> None:
        """The whole page."""
        painter.fillRect(self.rect(), self.look.color("panel"))
        if self.page is not None:
            paint_page(painter, self.look, self.page, self.look.px(3), self.width() - self.look.px(6))
