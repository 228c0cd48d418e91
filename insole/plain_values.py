"""What stands in a file -> values of the right kind; what is wrong is said with origin, key and what was expected.

In: TOML, or plain values as TOML and JSON have them. Out: frozen dataclasses, nested ones included.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from insole.errors import SettingsError, why_not_read

T = TypeVar("T")

WANTED = {  # by what stands in the declaration of a field
    "tuple": "a list of numbers",
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "str": "text",
}


def read_toml(path: Path) -> dict[str, Any]:
    """The values of a TOML file.

    Raises
    ------
    SettingsError
        It cannot be opened, or is no TOML; names the file.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {why_not_read(path, error)}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: is no TOML: {error}") from error


def build(cls: type[T], values: dict[str, Any], origin: str, prefix: str = "") -> T:
    """A frozen dataclass, nested ones included, from plain values; strict on keys and kinds."""
    hints = get_type_hints(cls)
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    arguments: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if key not in known:
            raise SettingsError(f"{origin}: unknown key '{name}'; known are {', '.join(sorted(known))}")
        kind = hints[key]
        if is_dataclass(kind):
            if not isinstance(value, dict):
                raise SettingsError(f"{origin}: '{name}' must be a table")
            arguments[key] = build(kind, value, origin, f"{name}.")  # type: ignore[arg-type]
        else:
            arguments[key] = checked(kind, value, origin, name)
    try:
        return cls(**arguments)
    except TypeError as error:
        raise SettingsError(f"{origin}: {error}") from error


def checked(kind: Any, value: Any, origin: str, name: str) -> Any:
    """A value of the kind that a field is declared with: text, truth, number, or a tuple of numbers.

    Raises
    ------
    SettingsError
        It is of another kind; names the origin and the key.
    """
    declared = str(kind)
    if value is None and "None" in declared:
        return None
    wanted = next(word for word in WANTED if word in declared)
    if wanted == "tuple" and isinstance(value, (list, tuple)) and all(_is_number(v) for v in value):
        return tuple(float(v) for v in value)
    if wanted == "float" and _is_number(value):
        return float(value)
    if wanted == "int" and _is_number(value) and float(value).is_integer():
        return int(value)
    if (wanted == "bool" and isinstance(value, bool)) or (wanted == "str" and isinstance(value, str)):
        return value
    raise SettingsError(f"{origin}: '{name}' = {value!r}, expected {WANTED[wanted]}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def known_part(cls: type[Any], values: dict[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[str]]:
    """What this version knows of nested settings that another version wrote, and the dotted keys it does not know."""
    hints = get_type_hints(cls)
    known: dict[str, Any] = {}
    dropped: list[str] = []
    for key, value in values.items():
        if key not in hints:
            dropped.append(f"{prefix}{key}")
        elif is_dataclass(hints[key]) and isinstance(value, dict):
            known[key], below = known_part(hints[key], value, f"{prefix}{key}.")
            dropped += below
        else:
            known[key] = value
    return known, dropped
