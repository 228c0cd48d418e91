"""A synthetic runner: a person with insoles who is not there, good enough to test on.

Options flow in; out flow the bytes two insoles would have sent, with the moments they reached the host, and the truth
about every contact. The line inside, one module a step:

    options -> gait (which foot lands when, how hard) -> force (vertical force, two-mass model) -> foot (over the cells)
            -> sensor (counts) -> radio (packets, losses, host stamps) -> simulation (inputs, truth) -> source (paced)

The truth comes from the noise-free force by its own implementation of the definitions (`landmarks`, `truth`).
"""

from insole.sources.synthetic.options import SyntheticOptions, option_table
from insole.sources.synthetic.simulation import Simulation, simulate
from insole.sources.synthetic.source import SyntheticSource

__all__ = ["Simulation", "SyntheticOptions", "SyntheticSource", "option_table", "simulate"]
