"""What lies over the views for a while: the Why drawer, the list of keys, limits, a marker being set.

In: which one is wanted, and the scene that it tells of. Out: its place, what it was asked for as commands, and what Esc
closes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QWidget

from insole.blocks import Flag
from insole.dashboard.controls import Controls
from insole.dashboard.keys import Binding
from insole.dashboard.model.scene import Scene, flag_key
from insole.dashboard.model.why import why_page
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.drawer import Drawer
from insole.dashboard.panels.help import HelpSheet
from insole.dashboard.panels.limits_sheet import LimitsSheet
from insole.dashboard.panels.marker_sheet import MarkerSheet


class Overlays(QObject):
    """Layers over a window, all closed at first.

    Parameters
    ----------
    look : Look
    scene : Scene
    controls : Controls
    style : NumberStyle
    window : QWidget
        What they lie over; it gets the focus back when one closes.
    """

    flag_hidden = Signal()

    def __init__(self, look: Look, scene: Scene, controls: Controls, style: NumberStyle, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._look, self._scene, self._controls, self._style = look, scene, controls, style
        self.drawer = Drawer(look, window)
        self.help = HelpSheet(look, window)
        self.limits = LimitsSheet(look, window)
        self.marker_sheet = MarkerSheet(look, window)
        self._from_the_top = (self.help, self.limits, self.marker_sheet, self.drawer)
        for layer in self._from_the_top:
            layer.hide()
        self.drawer.closed.connect(self.drawer.hide)
        self.drawer.marker.connect(self.ask_marker)
        self.drawer.hide_flag.connect(self._hide_flag)
        self.marker_sheet.entered.connect(self._mark)
        self.marker_sheet.refused.connect(controls.say)
        self.limits.moved.connect(controls.move_limit)

    # ---- layout --------------------------------------------------------------------------------------------------

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self._look = look
        for layer in self._from_the_top:
            layer.apply(look)

    def place(self) -> None:
        """The drawer to the right, sheets in the middle, the marker under the header."""
        look = self._look
        width, height = self._window.width(), self._window.height()
        header, footer = look.size("header"), look.size("footer")
        drawer = look.size("drawer")
        self.drawer.setGeometry(width - drawer, header, drawer, height - header - footer)
        for sheet in (self.help, self.limits):
            wide, high = sheet.wanted()
            sheet.setGeometry(QRect((width - wide) // 2, (height - high) // 2, wide, high))
        size = self.marker_sheet.wanted()
        left = width - look.size("margin") - size.width()
        self.marker_sheet.setGeometry(left, header + round(look.px(6)), size.width(), size.height())

    def close_top(self) -> bool:
        """Close the uppermost layer; False when none is open."""
        for layer in self._from_the_top:
            if not layer.isHidden():
                self._close(layer)
                return True
        return False

    def _close(self, layer: QWidget) -> None:
        layer.hide()
        self._window.setFocus()

    # ---- data ----------------------------------------------------------------------------------------------------

    def renewals(self) -> list[Callable[[], None]]:
        """What is renewed twice a second at most, part by part."""
        return [self._renew_limits, self._renew_drawer]

    def _renew_limits(self) -> None:
        self.limits.show_scene(self._scene, self._style)

    def _renew_drawer(self) -> None:
        """Follow the flag that the drawer explains; when it went, the last page stays."""
        if self.drawer.isHidden() or self.drawer.page is None:
            return
        shown = self.drawer.page.flag
        current = next((f for f in self._scene.flags if flag_key(f) == flag_key(shown)), None)
        if current is not None:
            self.drawer.show_page(why_page(self._scene, current, self._style))

    # ---- layers --------------------------------------------------------------------------------------------------

    def ask_marker(self) -> None:
        """Open the field for a note; the moment is this one."""
        if self._controls.markable():
            self.marker_sheet.ask(self._scene.now_host_ns)

    def _mark(self, t_host_ns: int, kind: str, text: str) -> None:
        self._controls.mark(t_host_ns, kind, text)
        self._window.setFocus()

    def toggle_why(self, flag: Flag | None) -> None:
        """Open the drawer on a flag, or close it."""
        if not self.drawer.isHidden():
            self.drawer.hide()
        elif flag is None:
            self._controls.say("No flag is up")
        else:
            self.drawer.show_page(why_page(self._scene, flag, self._style))
            self.drawer.show()
            self.drawer.raise_()

    def _hide_flag(self) -> None:
        if self.drawer.page is not None:
            self._scene.hidden.add(flag_key(self.drawer.page.flag))
        self.drawer.hide()
        self.flag_hidden.emit()

    def toggle_limits(self) -> None:
        """The lines of the flags."""
        if not self.limits.isHidden():
            self._close(self.limits)
        elif self._controls.changeable():
            self._renew_limits()
            self.limits.show()
            self.limits.raise_()
            self.limits.buttons[0][1].setFocus()

    def toggle_help(self, bindings: Sequence[Binding]) -> None:
        """The list of keys."""
        if not self.help.isHidden():
            self._close(self.help)
            return
        self.help.show_rows([(binding.shown, binding.meaning) for binding in bindings])
        self.place()
        self.help.show()
        self.help.raise_()
