"""A name server that a test answers for: authoritative, over UDP, as much of RFC 1035 as a resolver asks for."""

import asyncio
import ipaddress
import struct

_A, _AAAA = 1, 28
_SERVFAIL, _NXDOMAIN = 2, 3


class NameServer(asyncio.DatagramProtocol):
    """Serves on a socket, until the block ends.

    Args:
        socket: where it is asked.

    Attributes:
        addresses: of each name, as text; a name that is none of these does not exist.
        is_broken: it answers that it has failed.
        is_silent: it answers nothing.
        asked: names that were asked for.
    """

    def __init__(self, socket):
        self._socket = socket
        self.addresses = {}
        self.is_broken = False
        self.is_silent = False
        self.asked = []

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._socket)
        return self

    async def __aexit__(self, *_):
        self._transport.close()

    def datagram_received(self, data, sender):
        """Answer a question."""
        name, end = _read_name(data)
        self.asked.append(name)
        if not self.is_silent:
            self._transport.sendto(self._answer(data, name, end), sender)

    def _answer(self, data, name, end):
        kind, _ = struct.unpack_from(">HH", data, end)
        question = data[12 : end + 4]
        known = self.addresses.get(name, ())
        wanted = [ipaddress.ip_address(address) for address in known]
        records = [one.packed for one in wanted if kind == {4: _A, 6: _AAAA}[one.version]]
        code = _SERVFAIL if self.is_broken else _NXDOMAIN if name not in self.addresses else 0
        if code:
            records = []
        flags = 0x8400 | (data[2] & 0x01) << 8 | code  # an answer, authoritative; "recursion desired" is repeated
        head = data[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
        answers = [struct.pack(">HHHIH", 0xC00C, kind, 1, 5, len(record)) + record for record in records]
        return head + question + b"".join(answers)


def _read_name(data):
    labels, at = [], 12
    while length := data[at]:
        labels.append(data[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels), at + 1
