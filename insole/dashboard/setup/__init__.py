"""Set-up: from a double-click to a session, in four steps.

choices (what a person chose, remembered from last time) -> opening (scan, open, off the screen's thread) -> session
(the engine from the fit check on) -> the session window, and back. `flow` knows what is going on, `window` leads the
way, `frame` holds the pages: `source_page`, `runner_page`, `fit_page`, `start_page`. What a fit check finds is judged
in `insole.fitting`, not here.
"""
