"""Speed as ratios measured in one run: `python -m benchmarks`, or `make bench`.

In: seeded synthetic workloads. Out: lines of a goal, its limit, what was measured, and pass or short. Most are ratios
of medians of two things timed in turns, so that they say the same on a fast and on a slow machine.
"""
