"""Set-up: from a double-click to a session, in four steps.

choices (what a person chose, remembered from last time) -> opening (scan, open, off the screen's thread) -> session
(the engine from the fit check on) -> the session window, and back. `window` is the frame around one page a step:
`source_page`, `runner_page`, `fit_page`, `start_page`. What a fit check finds is judged in `insole.fitting`, not here.
"""
