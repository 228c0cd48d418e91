"""What a verb of the command is: a row of text, its arguments, and the function that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from insole.settings import MASS_RANGE_KG


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `add_arguments` fills its parser; `run` does the work and returns the exit code."""

    name: str
    help: str
    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_force(parser: argparse.ArgumentParser) -> None:
    """Permission to overwrite."""
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")


def add_output(parser: argparse.ArgumentParser, metavar: str) -> None:
    """The one file a verb writes, and permission to overwrite it."""
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=metavar, help="file to write")
    add_force(parser)


def add_body_mass(parser: argparse.ArgumentParser) -> None:
    """The runner's body mass, where the file does not know it."""
    parser.add_argument("--body-mass", type=body_mass_kg, metavar="KG", help="body mass of the runner in kg")


def body_mass_kg(text: str) -> float:
    """A plausible body mass; argparse turns the error into a usage line."""
    low, high = MASS_RANGE_KG
    try:
        mass = float(text)
    except ValueError:
        mass = -1.0
    if not low <= mass <= high:
        raise argparse.ArgumentTypeError(f"'{text}': expected {low:g} to {high:g} kg")
    return mass


def positive(text: str) -> float:
    """A number above zero; argparse turns the error into a usage line."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}': expected a number above 0")
    return number
