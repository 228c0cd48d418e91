"""How fields, lists and words of a form look. In: a look. Out: a style sheet for a widget and all it holds."""

from __future__ import annotations

from insole.dashboard.paint.theme import Look


def form_style(look: Look) -> str:
    """Colours and edges of Qt's own fields in the house style; fonts are set by the widgets themselves."""

    def tint(name: str) -> str:
        return look.color(name).name()

    edge, ring = round(look.px(1)), round(look.px(2))
    radius, pad = look.size("field_radius"), round(look.px(8))
    return f"""
    QLabel {{ background: transparent; }}
    QLineEdit, QComboBox, QListWidget {{
        background: {tint("inset")}; color: {tint("text1")}; border: {edge}px solid {tint("button_edge")};
        border-radius: {radius}px; padding: 0 {pad}px; selection-background-color: {tint("text2")};
        selection-color: {tint("bg")};
    }}
    QLineEdit:focus, QComboBox:focus, QListWidget:focus {{ border: {ring}px solid {tint("text1")}; }}
    QLineEdit:disabled, QComboBox:disabled {{ color: {tint("text3")}; }}
    QLineEdit[wrong="true"] {{ border: {ring}px solid {tint("watch")}; }}
    QComboBox::drop-down {{ border: none; width: {2 * pad}px; }}
    QComboBox QAbstractItemView {{
        background: {tint("inset")}; color: {tint("text1")}; selection-background-color: {tint("button_edge")};
        selection-color: {tint("text1")}; border: {edge}px solid {tint("button_edge")}; outline: none;
    }}
    QListWidget {{ padding: {pad // 2}px; outline: none; }}
    QListWidget::item {{ padding: {pad // 2}px; border-radius: {radius}px; border: {edge}px solid transparent; }}
    QListWidget::item:hover {{ background: {tint("button")}; }}
    QListWidget::item:selected {{
        background: {tint("button")}; color: {tint("text1")}; border: {edge}px solid {tint("text2")};
    }}
    QScrollBar:vertical {{ background: transparent; width: {pad}px; }}
    QScrollBar::handle:vertical {{ background: {tint("button_edge")}; border-radius: {pad // 2}px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QToolTip {{ background: {tint("inset")}; color: {tint("text1")}; border: {edge}px solid {tint("line")}; }}
    """
