"""A target of a stream as a person writes it: `vmc`, `vmc://192.168.1.7:39539`, `osc://[::1]:7000?values=pos&parts=body,hands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..frame import SmplxFrame
from .options import parse_options, write_options
from .plain_osc import PlainOscEncoder, PlainOscOptions
from .stage import Body
from .vmc import VmcEncoder, VmcOptions
from .vrchat import VrchatEncoder, VrchatOptions

THIS_MACHINE = "127.0.0.1"


class Encoder(Protocol):
    """Makes packets of frames."""

    def encode(self, frame: SmplxFrame) -> list[memoryview]: ...

    def recentre(self) -> None: ...


@dataclass(frozen=True)
class Dialect:
    """One way to write poses. text: its name for people; note: what they should know; port: where its receivers usually listen."""

    text: str
    note: str
    port: int
    options: type[Any]
    encoder: Callable[[Body, Any], Encoder]


PROTOCOLS: dict[str, Dialect] = {
    "vmc": Dialect(
        "VMC",
        "Normalised bones as in VRM 0; a receiver that wants raw bones of VRM 1 needs a sender that has the avatar",
        39539,
        VmcOptions,
        VmcEncoder,
    ),
    "vrchat": Dialect("VRChat", "Trackers, for VRChat's OSC input", 9000, VrchatOptions, VrchatEncoder),
    "osc": Dialect(
        "OSC", "SMPL-X under plain addresses, for TouchDesigner, Max, Resolume", 7000, PlainOscOptions, PlainOscEncoder
    ),
}


@dataclass(frozen=True)
class Target:
    """Where poses are sent, and how. `str(target)` is what `parse` reads."""

    protocol: str
    host: str
    port: int
    options: Any

    @classmethod
    def parse(cls, text: str) -> Target:
        """From `PROTOCOL[://HOST[:PORT]][?OPTION=VALUE&...]`. Raises ValueError, which says what was expected."""
        protocol, has_address, rest = text.partition("://")
        if not has_address:
            protocol, _, query = text.partition("?")
            rest = f"{THIS_MACHINE}?{query}"
        if protocol not in PROTOCOLS:
            raise ValueError(f"expected {', '.join(PROTOCOLS)}, found {protocol}, as in vmc://192.168.1.7:39539")
        known = PROTOCOLS[protocol]
        try:
            split = urlsplit(f"//{rest}")
            host, port = split.hostname, split.port
        except ValueError as error:
            raise ValueError(f"{text}: expected HOST:PORT, with an IPv6 address in brackets ({error})") from None
        if not host or split.path or port == 0:
            raise ValueError(f"{text}: expected {protocol}://HOST:PORT, as in {protocol}://192.168.1.7:{known.port}")
        options = parse_options(known.options, parse_qsl(split.query, keep_blank_values=True))
        return cls(protocol, host, port or known.port, options)

    @classmethod
    def default(cls, protocol: str) -> Target:
        """A receiver on this machine."""
        return cls.parse(protocol)

    def __str__(self) -> str:
        query = urlencode(write_options(self.options), safe=",", quote_via=quote)
        return f"{self.protocol}://{self.address}{'?' if query else ''}{query}"

    @property
    def address(self) -> str:
        """HOST:PORT"""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def open_encoder(self, body: Body) -> Encoder:
        return PROTOCOLS[self.protocol].encoder(body, self.options)
