"""The fit check: do the insoles sit where they say, does every cell answer, is left left.

In: every `Update` of a live session. Out: what each step found, and the markers to put into the stream, so that the
recording holds the whole check. No Qt, no clock, no I/O; gains and zeros are the pipeline's.
"""
