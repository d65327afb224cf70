"""What may be written behind the options of the command line: each function reads one kind of value, for argparse's `type`."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .streaming import Target


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, found {text}") from None


def target(text: str) -> Target:
    from .streaming import Target

    try:
        return Target.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def formats(text: str) -> tuple[str, ...]:
    from .conversion import FORMATS

    names = tuple(dict.fromkeys(text.split(",")))
    if unknown := [name for name in names if name not in FORMATS]:
        raise argparse.ArgumentTypeError(
            f"expected some of {', '.join(FORMATS)}, found {', '.join(unknown) or 'nothing'}"
        )
    return names


def span(text: str) -> tuple[float, float | None]:
    start, has_end, end = text.partition(":")
    start_s, end_s = number(start or "0"), number(end) if end else None
    if not has_end or not 0 <= start_s < math.inf or not (end_s is None or start_s < end_s < math.inf):
        raise argparse.ArgumentTypeError(f"expected START:END in seconds such as 2.5:10 or 3:, found {text}")
    return start_s, end_s


def seconds(text: str) -> float:
    value = number(text)
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, found {text}")
    return value


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, found {text}")
    return int(text)


def size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT such as 1280x720, found {text}")
    return int(width), int(height)
