"""Contact table -> a polars or pandas frame, with the columns that `insole export` writes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from insole.blocks import ContactTable
from insole.errors import MissingExtra
from insole.report.tables import table_columns

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def to_polars(table: ContactTable) -> pl.DataFrame:
    """The contact table as a polars frame.

    Parameters
    ----------
    table : ContactTable
        Of an `Analysis` or an `Update`, k rows.

    Returns
    -------
    polars.DataFrame
        k rows; columns as `insole export` writes them, withheld values null. Units and definitions are those of
        `insole.report.tables.descriptions`.

    Raises
    ------
    MissingExtra
        polars is not installed.
    """
    polars = _library("polars")
    frame: pl.DataFrame = polars.DataFrame(
        {column.name: column.values for column in table_columns(table)}, nan_to_null=True
    )
    return frame


def to_pandas(table: ContactTable) -> pd.DataFrame:
    """The contact table as a pandas frame.

    Parameters
    ----------
    table : ContactTable
        Of an `Analysis` or an `Update`, k rows.

    Returns
    -------
    pandas.DataFrame
        k rows; columns as `insole export` writes them, withheld values NaN. Units and definitions are those of
        `insole.report.tables.descriptions`.

    Raises
    ------
    MissingExtra
        pandas is not installed.
    """
    pandas = _library("pandas")
    frame: pd.DataFrame = pandas.DataFrame({column.name: column.values for column in table_columns(table)})
    return frame


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtra(f"a {name} frame", "frames") from error
