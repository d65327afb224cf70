"""OSC 1.0 packets that are laid out once and then only filled with numbers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..frame import FloatArray

MAX_PACKET_BYTES = 1400
"""Below what Ethernet carries in one frame, and below the 1500 of the VMC specification."""
_BUNDLE = b"#bundle\0" + struct.pack(">Q", 1)  # time tag 1: at once
_SIZE = struct.Struct(">i")


@dataclass(frozen=True)
class Message:
    """One OSC message. tags: an `s` for each of the strings, and `f` or `i` for each number that is filled in later."""

    address: str
    tags: str = ""
    strings: tuple[str, ...] = ()


def _padded(text: str) -> bytes:
    """With one to four zeros, to a multiple of four bytes."""
    data = text.encode()
    return data + bytes(4 - len(data) % 4)


class OscTemplate:
    """Messages in bundles, as few as hold them in their order; every number starts at a multiple of four bytes.

    Raises ValueError when one message alone is longer than a packet may be.
    """

    def __init__(self, messages: Sequence[Message], max_packet_bytes: int = MAX_PACKET_BYTES) -> None:
        data = bytearray()
        starts: list[int] = []
        slots: dict[str, list[int]] = {"f": [], "i": []}
        for message in messages:
            encoded, places = _encode(message)
            needed = _SIZE.size + len(encoded)
            if len(_BUNDLE) + needed > max_packet_bytes:
                raise ValueError(f"{message.address}: {len(encoded)} bytes do not fit into a packet")
            if not starts or len(data) - starts[-1] + needed > max_packet_bytes:
                starts.append(len(data))
                data += _BUNDLE
            data += _SIZE.pack(len(encoded))
            for tag, place in places:
                slots[tag].append((len(data) + place) // 4)
            data += encoded
        words = np.frombuffer(data, ">u4")
        self._floats, self._ints = words.view(">f4"), words.view(">i4")
        self._float_slots, self._int_slots = (np.array(slots[tag], np.int64) for tag in "fi")
        view = memoryview(data)
        self._packets = [view[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)]

    def fill(self, floats: FloatArray, ints: Sequence[int] | NDArray[np.integer] = ()) -> list[memoryview]:
        """The packets with these numbers, in the order of the messages; they hold until the next call.

        Raises ValueError for another count of numbers, and for one that a receiver could not stand.
        """
        numbers = np.asarray(floats, np.float32)
        if len(numbers) != len(self._float_slots) or len(ints) != len(self._int_slots):
            raise ValueError(
                f"expected {len(self._float_slots)} floats and {len(self._int_slots)} ints, found {len(numbers)} and {len(ints)}"
            )
        if not np.isfinite(numbers).all():
            raise ValueError("expected finite numbers")
        self._floats[self._float_slots] = numbers
        self._ints[self._int_slots] = ints
        return self._packets


def _encode(message: Message) -> tuple[bytes, list[tuple[str, int]]]:
    """The message with zeros for numbers, and the tag and place of each number in it."""
    data = _padded(message.address) + _padded("," + message.tags)
    strings = iter(message.strings)
    places = []
    for tag in message.tags:
        if tag == "s":
            data += _padded(next(strings))
        else:
            places.append((tag, len(data)))
            data += bytes(4)
    return data, places
