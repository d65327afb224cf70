"""A plain reader of OSC packets, written from the OSC 1.0 specification and sharing nothing with the writer."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Received(NamedTuple):
    address: str
    tags: str
    arguments: tuple


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(0, at)
    return data[at:end].decode(), end + 4 - end % 4


def messages(packets: Iterable[bytes | memoryview]) -> list[Received]:
    return [message for packet in packets for message in _elements(bytes(packet))]


def _elements(data: bytes) -> Iterator[Received]:
    assert len(data) % 4 == 0
    if not data.startswith(b"#bundle\0"):
        yield _message(data)
        return
    assert struct.unpack_from(">Q", data, 8) == (1,)
    at = 16
    while at < len(data):
        (size,) = struct.unpack_from(">i", data, at)
        assert size > 0
        assert at + 4 + size <= len(data)
        yield from _elements(data[at + 4 : at + 4 + size])
        at += 4 + size


def _message(data: bytes) -> Received:
    address, at = _string(data, 0)
    tags, at = _string(data, at)
    assert tags[0] == ","
    arguments: list = []
    for tag in tags[1:]:
        if tag == "s":
            text, at = _string(data, at)
            arguments.append(text)
        else:
            arguments += struct.unpack_from({"f": ">f", "i": ">i"}[tag], data, at)
            at += 4
    assert at == len(data)
    return Received(address, tags[1:], tuple(arguments))
