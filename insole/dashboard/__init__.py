"""The live picture: shows what the pipeline emits and computes nothing of its own.

The only room that imports Qt and pyqtgraph. In: every `Update` of one session, through a bounded inbox. Out: commands
(pause, speed, stop, marker, setting) posted to the engine thread. `app.run_dashboard` starts it.

engine -> inbox -> model (no Qt: what is shown, in which words) -> panels (one part a module) -> views (one arrangement
of panels a module) -> window; `runner_screen` is the window for the runner; `paint` holds how everything looks.
"""
