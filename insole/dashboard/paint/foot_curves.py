"""A mean curve with its band for each foot, in the foot's colour. In: means and deviations. Out: items of a plot."""

from __future__ import annotations

from insole.blocks import FloatArray, Side
from insole.dashboard.model.scene import FEET
from insole.dashboard.paint.plot import Plot, joined
from insole.dashboard.paint.theme import Look, foot_tint


class FootCurves:
    """Both feet over each other in one plot."""

    def __init__(self, plot: Plot) -> None:
        self._bands = {side: plot.add_band() for side in FEET}
        self._lines = {side: plot.add_line() for side in FEET}

    def restyle(self, look: Look) -> None:
        """Take another theme or scale."""
        for side in FEET:
            self._bands[side].set_color(look.color(foot_tint(side), 0.2))
            self._lines[side].set_pen(look.pen(foot_tint(side), 2.2))

    def show(self, side: Side, x: FloatArray, mean: FloatArray, sd: FloatArray) -> None:
        """Mean and one SD of a foot; both break where the mean is NaN."""
        join = joined(mean)
        self._lines[side].set_points(x, mean, join)
        self._bands[side].set_points(x, mean - sd, mean + sd, join)
