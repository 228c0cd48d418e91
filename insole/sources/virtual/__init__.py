"""Insoles that are not there, for everyone who has none: they speak the wire format over a real link.

A synthetic runner's packets pass through the firmware (started or not, commands, information) to a pseudo terminal,
which any program opens as a serial port.
"""
