"""The frame of set-up: header, steps on the left, the page, what is found on the right, buttons, link health.

In: a theme and a size. Out: every part in its place.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPaintEvent

from insole.dashboard.paint.form import form_style
from insole.dashboard.paint.panel import paint_ground
from insole.dashboard.paint.theme import Look, ThemeName
from insole.dashboard.panels.footer import Footer
from insole.dashboard.setup.bar import ButtonBar
from insole.dashboard.setup.fit_page import FitPage
from insole.dashboard.setup.live_force_panel import LiveForcePanel
from insole.dashboard.setup.page import Page
from insole.dashboard.setup.runner_page import RunnerPage
from insole.dashboard.setup.setup_header import SetupHeader
from insole.dashboard.setup.side_panels import FoundPanel, StepsPanel
from insole.dashboard.setup.source_page import SourcePage
from insole.dashboard.setup.start_page import StartPage
from insole.dashboard.setup.step import Step
from insole.dashboard.themed_window import ThemedWindow


class SetupFrame(ThemedWindow):
    """Holds and lays out the parts.

    Parameters
    ----------
    theme : 'system', 'dark' or 'light'
    """

    def __init__(self, theme: ThemeName) -> None:
        super().__init__(theme, "Insole")
        self.header = SetupHeader(self.look, self)
        self.steps = StepsPanel(self.look, self)
        self.source = SourcePage(self.look, self)
        self.runner = RunnerPage(self.look, self)
        self.fit = FitPage(self.look, self)
        self.start = StartPage(self.look, self)
        self.pages: dict[Step, Page] = dict(zip(Step, (self.source, self.runner, self.fit, self.start), strict=True))
        self.bar = ButtonBar(self.look, self)
        self.force = LiveForcePanel(self.look, self)
        self.force.hide()
        self.found = FoundPanel(self.look, self)
        self.footer = Footer(self.look, self)

    def show_page(self, step: Step) -> None:
        """The page of a step, and no other."""
        for other, page in self.pages.items():
            page.setVisible(other is step)
        self.pages[step].first().setFocus()

    def show_force(self, *, visible: bool) -> None:
        """The live force has its place only while there is a check."""
        if visible == self.force.isHidden():
            self.force.setVisible(visible)
            self._place()

    # ---- theme and scale -----------------------------------------------------------------------------------------

    def apply(self, look: Look) -> None:
        """Give every part the same theme and scale, and lay it out."""
        if look != self.look or not self.styleSheet():
            self.look = look
            self.setStyleSheet(form_style(look))
            for part in (self.header, self.steps, self.bar, self.force, self.found, self.footer):
                part.apply(look)
            for page in self.pages.values():
                page.apply(look)
        self._place()
        self.update()

    # ---- layout --------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, and that of the page."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.look.color("bg"))
        paint_ground(painter, self.look, QRectF(self._centre()))
        painter.end()

    def _centre(self) -> QRect:
        """Where the page stands."""
        look = self.look
        margin, gap = look.size("margin"), look.size("gap")
        top = look.size("header") + gap
        left = margin + look.size("steps") + gap
        right = self.width() - margin - look.size("found") - gap
        return QRect(left, top, right - left, self.height() - look.size("footer") - gap - top)

    def _place(self) -> None:
        look, centre = self.look, self._centre()
        margin, found = look.size("margin"), look.size("found")
        self.header.setGeometry(0, 0, self.width(), look.size("header"))
        self.footer.setGeometry(0, self.height() - look.size("footer"), self.width(), look.size("footer"))
        self.steps.setGeometry(margin, centre.top(), look.size("steps"), centre.height())
        right = QRect(self.width() - margin - found, centre.top(), found, centre.height())
        if not self.force.isHidden():
            self.force.setGeometry(right.left(), right.top(), found, look.size("live_force"))
            right.setTop(right.top() + look.size("live_force") + look.size("gap"))
        self.found.setGeometry(right)
        edge = round(look.px(28 if not look.compact else 20))
        bar = self.bar.next.sizeHint().height()
        inner = centre.adjusted(edge, round(edge * 0.8), -edge, -round(edge * 0.6))
        self.bar.setGeometry(inner.left(), inner.bottom() - bar, inner.width(), bar)
        for page in self.pages.values():
            page.setGeometry(inner.adjusted(0, 0, 0, -bar - round(look.px(10))))
