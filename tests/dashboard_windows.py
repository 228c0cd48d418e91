"""Real windows without a display on hand-made updates, for the dashboard's tests."""

from __future__ import annotations

from collections.abc import Callable

import dashboard_updates as du
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from insole.dashboard.inbox import Inbox
from insole.dashboard.memory import Memory
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.paint.segments import Segments
from insole.dashboard.window import Window
from insole.device import Device
from insole.sources.steered import Command

Make = Callable[..., Window]


class Standing:
    """An engine that takes commands and does nothing with them."""

    def __init__(self) -> None:
        self.running = True
        self.error: Exception | None = None
        self.sound_trouble = ""
        self.taken: list[Command] = []
        self.full = False

    def post(self, command: Command) -> bool:
        if not self.full:
            self.taken.append(command)
        return not self.full

    def stop(self, timeout_s: float | None = None) -> bool:
        assert timeout_s is not None  # a window never waits for ever
        self.running = False
        return True


def window_maker(qtbot: QtBot) -> Make:
    """Makes windows whose own timer stands still: frames are drawn when asked for."""

    def one(
        *updates: object,
        device: str = "demo16",
        scene: Scene | None = None,
        playing: Playing | None = None,
        size: tuple[int, int] = (1440, 900),
        theme: str = "dark",
        memory: Memory | None = None,
    ) -> Window:
        playing = playing or Playing(live=True, recording=True)
        scene = scene or du.scene_for(Device.named(device))
        window = Window(scene, Inbox(), Standing(), playing, memory=memory, theme=theme)  # type: ignore[arg-type]
        window._timer.stop()
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        for update in updates:
            window.inbox.put(update)  # type: ignore[arg-type]
        window.draw_frame()
        window.draw_numbers()
        return window

    return one


def picture(window: Window) -> QImage:
    return window.grab().toImage()


def colours(image: QImage, box: object = None) -> set[int]:
    """Every colour in a picture (or a part of it), as 0xRRGGBB."""
    part = image if box is None else image.copy(box)  # type: ignore[call-overload]
    part = part.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(part.constBits(), np.uint32)
    return set((np.unique(pixels) & 0xFFFFFF).tolist())


def key(w: Window, code: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(w.focusWidget() or w, code, modifier)


def taken(w: Window) -> list[Command]:
    assert isinstance(w.session, Standing)
    return w.session.taken


def click_on(segments: Segments, name: str) -> None:
    """Choose a word with the mouse."""
    QTest.mouseClick(segments, Qt.MouseButton.LeftButton, pos=segments.parts()[name].center().toPoint())
