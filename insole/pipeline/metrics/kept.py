"""Attributes that are computed when they are first asked for, then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class kept(Generic[T]):  # noqa: N801 - a decorator
    """As `functools.cached_property`, without its lock: a contact has thirty of these, and one thread measures it."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Only until the instance has the attribute itself."""
        value: T = self._compute(instance)
        instance.__dict__[self._name] = value
        return value
