"""A recording that can be sought in: no Qt.

`survey` analyses the whole recording once, in the background, and keeps stops from which it can be played on. `player`
plays: a seek takes the stop before the wanted moment and what the recording holds from there to it, so that the screen
shows, bit for bit, what it would show there had the recording been played through.
"""
