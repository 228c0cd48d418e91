"""The menu of the open view: panels shown, their order, and choices that have no place of their own.

In: a window. Out: a menu of Qt, which the keyboard can use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from insole.dashboard.model.arrangement import Arrangement, movable
from insole.dashboard.paint.theme import Look

if TYPE_CHECKING:
    from insole.dashboard.window import Window


def panel_menu(window: Window) -> QMenu:
    """A new menu of the window as it is now."""
    deck = window.deck
    view = deck.current
    arranged = view.arrangement
    menu = QMenu(window)
    menu.setStyleSheet(_style(window.look))
    menu.setFont(window.look.font("body"))
    for name, panel in view.panels.items():
        shown = name not in arranged.hidden
        action = _add(menu, panel.accessibleName(), partial(deck.arrange, arranged.toggled(name)), checked=shown)
        action.setEnabled(not shown or len(view.panels) - len(arranged.hidden) > 1)
    menu.addSeparator()
    rows = [name for name in movable(arranged.columns(view.columns)) if name in view.panels]
    if rows:
        order = menu.addMenu("Move up")
        order.setStyleSheet(_style(window.look))
        order.setFont(window.look.font("body"))
        for name in rows:
            up = arranged.moved_up(view.columns, name)
            _add(order, view.panels[name].accessibleName(), partial(deck.arrange, up))
    _add(menu, "Reset layout", partial(deck.arrange, Arrangement())).setEnabled(bool(arranged.text))
    menu.addSeparator()
    _add(menu, "Large numbers", window.toggle_large, checked=window.look.large)
    _add(menu, "Limits of the flags\tCtrl+F", window.overlays.toggle_limits)
    _add(menu, "Dark or light\tCtrl+T", window.toggle_theme)
    _add(menu, "Save a picture\tF12", window.save_picture)
    _add(menu, "Keys\tF1", window.toggle_help)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _add(menu: QMenu, text: str, do: Callable[[], None], checked: bool | None = None) -> QAction:
    """One entry; with a tick where it can be on or off."""
    action = menu.addAction(text)
    if checked is not None:
        action.setCheckable(True)
        action.setChecked(checked)
    action.triggered.connect(lambda _checked=False: do())
    return action


def _style(look: Look) -> str:
    """In the colours of the house."""
    names = ("panel", "text1", "button_edge", "inset", "text3", "line")
    tints = {name: look.color(name).name() for name in names}
    pad = round(look.px(6))
    return f"""
    QMenu {{ background: {tints["panel"]}; color: {tints["text1"]}; border: 1px solid {tints["button_edge"]};
        padding: {pad}px 0; }}
    QMenu::item {{ padding: {pad}px {4 * pad}px; }}
    QMenu::item:selected {{ background: {tints["inset"]}; }}
    QMenu::item:disabled {{ color: {tints["text3"]}; }}
    QMenu::separator {{ height: 1px; background: {tints["line"]}; margin: {pad}px; }}
    """
