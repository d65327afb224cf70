"""Options of a target, from which both the command line and the window's menu are built."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """What a field of options may hold: one of `values`, several of them, a number in `range`, or yes and no. text: for people."""

    text: str
    values: tuple[str, ...] = ()
    is_several: bool = False
    range: tuple[float, float] | None = None

    def parse(self, written: str) -> Any:
        """Raises ValueError, which says what was expected."""
        if self.range is not None:
            return self._number(written)
        if self.values:
            names = tuple(dict.fromkeys(written.split(","))) if self.is_several else (written,)
            if unknown := [name for name in names if name not in self.values]:
                raise ValueError(f"expected {', '.join(self.values)}, found {', '.join(unknown) or 'nothing'}")
            return tuple(name for name in self.values if name in names) if self.is_several else written
        if written not in ("yes", "no"):
            raise ValueError(f"expected yes or no, found {written}")
        return written == "yes"

    def write(self, value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ",".join(value) if self.is_several else f"{value:g}" if self.range else str(value)

    def _number(self, written: str) -> float:
        assert self.range is not None
        low, high = self.range
        try:
            number = float(written)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise ValueError(f"expected a number from {low:g} to {high:g}, found {written}")
        return number


def choice(text: str, *values: str) -> Any:
    """One of the values; the first is the default."""
    return dataclasses.field(default=values[0], metadata={"kind": Kind(text, values)})


def several(text: str, *values: str) -> Any:
    """Some of the values; all are the default."""
    return dataclasses.field(default=values, metadata={"kind": Kind(text, values, is_several=True)})


def switch(text: str, default: bool) -> Any:
    return dataclasses.field(default=default, metadata={"kind": Kind(text)})


def number(text: str, default: float, low: float, high: float) -> Any:
    return dataclasses.field(default=default, metadata={"kind": Kind(text, range=(low, high))})


def kinds(options: Any) -> dict[str, Kind]:
    """Name -> kind of each field of an options class or object."""
    return {field.name: field.metadata["kind"] for field in dataclasses.fields(options)}


def parse_options(options_type: type[T], written: Iterable[tuple[str, str]]) -> T:
    """An object of the options class from pairs of name and text. Raises ValueError."""
    known = kinds(options_type)
    values = {}
    for name, text in written:
        if name not in known:
            raise ValueError(f"unknown option {name}, expected {', '.join(known)}")
        try:
            values[name] = known[name].parse(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return options_type(**values)


def write_options(options: Any) -> list[tuple[str, str]]:
    """The options that are not at their default, so that `parse_options` gives them back."""
    defaults = {field.name: field.default for field in dataclasses.fields(options)}
    return [
        (name, kind.write(value))
        for name, kind in kinds(options).items()
        if (value := getattr(options, name)) != defaults[name]
    ]
