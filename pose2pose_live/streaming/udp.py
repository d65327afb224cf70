"""Sending packets to one UDP address without ever waiting for it."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterable

from ..sources import clock_s

RETRY_S = 2.0
"""How long an address is left alone that could not be used."""
_REMEMBERED_S = RETRY_S + 1.0


class UdpSender:
    """Sends to a host name or address and a port: unicast, broadcast or multicast, IPv4 or IPv6.

    The name is looked up at the first `send`, and again two seconds after that failed. packets: how many the system took; refused:
    how many it did not.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.packets = self.refused = 0
        self._problem, self._problem_s = "", 0.0
        self._socket: socket.socket | None = None
        self._next_try_s = float("-inf")

    @property
    def problem(self) -> str:
        """What went wrong in the last seconds, in words, or empty."""
        return self._problem if clock_s() - self._problem_s < _REMEMBERED_S else ""

    def send(self, packets: Iterable[memoryview]) -> None:
        """Never raises for what happens on the network; a name that nobody knows may take the system some seconds."""
        if self._socket is None and not self._open():
            return
        for packet in packets:
            if not self._send(packet):
                return

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> bool:
        if clock_s() < self._next_try_s:
            return False
        self._next_try_s = clock_s() + RETRY_S
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):  # UnicodeError: not even the form of a name
            self._note(f"there is no host {self.host}; check the name")
            return False
        # "localhost" is ::1 first on many systems, but receivers listen on 127.0.0.1.
        found.sort(key=lambda entry: entry[0] != socket.AF_INET)
        for family, kind, protocol, _, address in found:
            try:
                self._socket = _connected(socket.socket(family, kind, protocol), family, address)
            except OSError as error:
                self._note(self._in_words(error))
            else:
                return True
        return False

    def _send(self, packet: memoryview) -> bool:
        """False when the rest of the frame had better wait for another one."""
        assert self._socket is not None
        for _ in range(2):
            try:
                self._socket.send(packet)
            except (ConnectionRefusedError, ConnectionResetError) as error:  # the latter on Windows
                # It tells of an earlier packet; this one was not sent.
                self._refuse(error)
            except BlockingIOError as error:
                self._refuse(error)
                return False
            except OSError as error:
                self._refuse(error)
                self.close()
                return False
            else:
                self.packets += 1
                return True
        return True

    def _refuse(self, error: OSError) -> None:
        self.refused += 1
        self._note(self._in_words(error))

    def _note(self, problem: str) -> None:
        self._problem, self._problem_s = problem, clock_s()

    def _in_words(self, error: OSError) -> str:
        match error.errno:
            case errno.ECONNREFUSED | errno.ECONNRESET:
                return f"nobody listens at port {self.port} of {self.host} yet"
            case errno.ENETUNREACH | errno.EHOSTUNREACH | errno.ENETDOWN:
                return f"{self.host} cannot be reached from here; check the network"
            case errno.EAGAIN | errno.EWOULDBLOCK | errno.ENOBUFS:
                return "the network is too slow, poses are left out"
        return f"{self.host}: {error.strerror or error}"


def _connected(opened: socket.socket, family: int, address: tuple) -> socket.socket:
    """A socket that sends to the address and never waits. Connected, so that the system tells when nobody listens there."""
    try:
        opened.setblocking(False)
        if family == socket.AF_INET:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)  # any address may be a subnet's broadcast
        host = address[0].partition("%")[0]
        if family == socket.AF_INET6 and len(address) > 3 and ipaddress.ip_address(host).is_multicast and address[3]:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, address[3])
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    return opened
