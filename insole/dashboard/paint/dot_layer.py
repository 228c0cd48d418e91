"""Dots of a whole session as one picture: only new dots are painted, however many there are already.

In: places in pixels. Out: a picture to draw under the curves. It is begun anew only when the axes or the size change.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from insole.blocks import FloatArray


class DotLayer:
    """A picture with the size of the data's rectangle.

    Attributes
    ----------
    box : QRectF
        That rectangle.
    """

    def __init__(self) -> None:
        self._image = QImage()
        self.box = QRectF()

    def restart(self, box: QRectF, pixel_ratio: float) -> None:
        """An empty picture for this rectangle."""
        self.box = QRectF(box)
        size = QSize(max(1, round(box.width() * pixel_ratio)), max(1, round(box.height() * pixel_ratio)))
        self._image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        self._image.setDevicePixelRatio(pixel_ratio)
        self._image.fill(Qt.GlobalColor.transparent)

    def add(self, places: FloatArray, color: QColor, size: float, *, round_dots: bool) -> None:
        """Paint dots at (n, 2) pixels of the widget."""
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        half = size / 2
        for x, y in (places - [self.box.left(), self.box.top()]).tolist():
            if round_dots:
                painter.drawEllipse(QPointF(x, y), half, half)
            else:
                painter.drawRect(QRectF(x - half, y - half, size, size))
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """Draw the picture where its dots belong."""
        if not self._image.isNull():
            painter.drawImage(self.box.topLeft(), self._image)
