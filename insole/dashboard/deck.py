"""The area between strip and footer: one view at a time, and below it a dock where a session has one.

In: the views a session can have, and which one is wanted. Out: that view, kept up to date; the others wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.memory import Memory
from insole.dashboard.model.arrangement import Arrangement
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.dock import Dock
from insole.dashboard.views import Entry
from insole.dashboard.views.view import View

REMEMBERED, ARRANGED = "view", "arranged"


class Deck(QWidget):
    """Holds the views of one session; a view is made when it is first wanted.

    Parameters
    ----------
    entries : sequence of Entry
        Views of this session.
    memory : Memory
        Remembers which one was open.
    first : str, optional
        Name of the view to open, in place of the remembered one.
    """

    def __init__(
        self,
        look: Look,
        scene: Scene,
        controls: Controls,
        entries: Sequence[Entry],
        memory: Memory,
        first: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.look = look
        self.entries = {entry.name: entry for entry in entries}
        self._scene, self._controls, self._memory = scene, controls, memory
        self._made: dict[str, View] = {}
        self._dock: Dock | None = None
        wanted = first or memory.read(REMEMBERED)
        self.name = wanted if wanted in self.entries else entries[0].name
        self.view(self.name).show()

    def view(self, name: str) -> View:
        """A view by its name."""
        if name not in self._made:
            view = self.entries[name].make(self.look, self._scene, self._controls, self)
            view.hide()
            view.arrange(Arrangement.of(self._memory.read(f"{ARRANGED}/{name}")))
            self._made[name] = view
            self._place()
        return self._made[name]

    @property
    def current(self) -> View:
        """The view that is open."""
        return self._made[self.name]

    def choose(self, name: str) -> None:
        """Open another view."""
        before, self.name = self.current, name
        view = self.view(name)
        if view is not before:
            if self._dock is not None:
                self._dock.set_tall(view.tall_dock)
                self._place()
            before.hide()
            view.show()
            self._memory.write(REMEMBERED, name)

    def arrange(self, arrangement: Arrangement) -> None:
        """Hide and order the panels of the open view in another way, and remember it."""
        self.current.arrange(arrangement)
        self._memory.write(f"{ARRANGED}/{self.name}", arrangement.text)

    def set_dock(self, dock: Dock) -> None:
        """Keep a dock below whatever view is open."""
        self._dock = dock
        dock.set_tall(self.current.tall_dock)
        self._place()

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        for view in self._made.values():
            view.apply(look)
        if self._dock is not None:
            self._dock.apply(look)
        self._place()

    def show_frame(self, scene: Scene, style: NumberStyle) -> None:
        """What moves with every frame."""
        self.current.show_frame(scene, style)
        if self._dock is not None:
            self._dock.show_frame(scene, style)

    def renewals(self, scene: Scene, style: NumberStyle) -> list[Callable[[], None]]:
        """What is renewed twice a second at most, part by part."""
        return self.current.renewals(scene, style)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self._place()

    def _place(self) -> None:
        height = self.height()
        if self._dock is not None:
            wanted = self._dock.wanted_height()
            height = max(1, height - wanted - self.look.size("gap"))
            self._dock.setGeometry(0, self.height() - wanted, self.width(), wanted)
        for view in self._made.values():
            view.setGeometry(0, 0, self.width(), height)
