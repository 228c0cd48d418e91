"""A recording that can be sought in: no Qt.

`walk` analyses the whole recording once, in a process of its own; `survey` keeps what comes of it, and stops from which
the recording can be played on. `player` plays: a seek takes the stop before the wanted moment and what the recording
holds from there to it, so that the screen shows, bit for bit, what it would show there had the recording been played
through. `review` is what a person does with all that.
"""
