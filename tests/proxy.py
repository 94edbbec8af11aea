"""A small HTTP proxy: plain requests in absolute form, and CONNECT; it keeps what it was asked."""

import contextlib
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.rawsite import RawSite, Talk


@dataclass
class Proxy:
    """Hands every request on to the address that it names, or to `instead`, a port on loopback.

    Where `login` is set, only who shows it (`Basic …`) is served; `talk` replaces all of that.
    """

    login: str | None = None
    instead: int | None = None
    talk: Talk | None = None
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0

    def start(self) -> None:
        self._raw = RawSite()
        self._raw.at("*", self.talk or self._serve)
        self.url = self._raw.url("")
        self.port = self._raw.port

    def close(self) -> None:
        self._raw.close()

    @property
    def targets(self) -> list[str]:
        """Method and address of every request, in order."""
        return [b" ".join(head.split(b" ", 2)[:2]).decode() for head in self.asked]

    def _serve(self, connection: socket.socket, head: bytes) -> None:
        self.connections += 1
        while head:
            self.asked.append(head)
            if self.login and f"Proxy-Authorization: {self.login}".encode() not in head:
                connection.sendall(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
                return
            method, target, _ = head.split(b" ", 2)
            if method == b"CONNECT":
                self._tunnel(connection, target.decode())
                return
            self._pass_on(connection, target.decode(), head)
            head = connection.recv(65_536)

    def _reach(self, host: str, port: int) -> socket.socket:
        place = (host, port) if self.instead is None else ("127.0.0.1", self.instead)
        return socket.create_connection(place, timeout=10)

    def _pass_on(self, connection: socket.socket, target: str, head: bytes) -> None:
        parts = urlsplit(target)
        lines = head.replace(target.encode(), (parts.path or "/").encode(), 1).split(b"\r\n")
        kept = [line for line in lines if not line.startswith(b"Proxy-")]
        kept[1:1] = [b"Connection: close"]
        with self._reach(parts.hostname or "", parts.port or 80) as site:
            site.sendall(b"\r\n".join(kept))
            while said := site.recv(65_536):
                connection.sendall(said.replace(b"Connection: close\r\n", b""))

    def _tunnel(self, connection: socket.socket, target: str) -> None:
        host, _, port = target.rpartition(":")
        with self._reach(host.strip("[]"), int(port)) as site:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            while True:
                ready, _, _ = select.select([connection, site], [], [], 10)
                for one in ready:
                    said = one.recv(65_536)
                    if not said:
                        return
                    (site if one is connection else connection).sendall(said)


@contextlib.contextmanager
def proxy(**options: object) -> Iterator[Proxy]:
    """Run a proxy with these options."""
    made = Proxy(**options)  # type: ignore[arg-type]
    made.start()
    try:
        yield made
    finally:
        made.close()
