"""How it looks: theme, shapes, and the frames that panels are painted in."""
