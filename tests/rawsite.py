"""A server below HTTP: it says to each connection the bytes that the test gives it, then hangs up.

For what a web framework would never send: garbage, resets, cut-off bodies, floods of headers.
"""

import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator

# What is said on a connection whose request begins with these bytes.
Talk = Callable[[socket.socket, bytes], None]


class RawSite:
    """Lets the talk at a request's path speak, every connection in a thread of its own."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.talks: dict[str, Talk] = {}
        self.requests: list[bytes] = []
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http{'s' if self._tls else ''}://{host}:{self.port}{path}"

    def at(self, path: str, talk: Talk) -> str:
        """Let `talk` speak at `path`; returns the URL."""
        self.talks[path] = talk
        return self.url(path)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        self._open.add(connection)
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            if self._tls is None:
                self._answer(connection)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as secured:
                    self._answer(secured)
        self._open.discard(connection)

    def _answer(self, connection: socket.socket) -> None:
        head = connection.recv(65_536)
        self.requests.append(head)
        words = head.split(b" ", 2)
        path = words[1].decode("latin-1").partition("?")[0] if len(words) > 1 else ""
        self.talks.get(path, self.talks.get("*", _NOT_FOUND))(connection, head)

    def __enter__(self) -> "RawSite":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, and break off what is still said."""
        for sock in (self._server, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)


@contextlib.contextmanager
def raw_site(talk: Talk) -> Iterator[str]:
    """Run `talk` on every connection after its request was read; yields the server's URL."""
    with RawSite() as site:
        site.at("*", talk)
        yield site.url("/feed")


def says(*parts: bytes) -> Talk:
    """Send these bytes, then hang up."""

    def talk(connection: socket.socket, _head: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return talk


_NOT_FOUND = says(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")


def resets(after: bytes = b"") -> Talk:
    """Send `after`, then break the connection with a TCP reset."""

    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(after)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return talk


def hangs(after: bytes = b"") -> Talk:
    """Send `after`, then say nothing until the other side hangs up."""

    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(after)
        while connection.recv(1024):
            pass

    return talk


def streams(head: bytes, chunk: bytes, times: int) -> Talk:
    """Send `head`, then `chunk` so many times, for as long as the other side listens."""

    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(head)
        for _ in range(times):
            connection.sendall(chunk)

    return talk


def drips(head: bytes, drop: bytes, every_s: float = 0.05) -> Talk:
    """Send `head`, then `drop` again and again, until the other side hangs up."""
    return pours(head, itertools.repeat(drop), every_s)


def pours(head: bytes, parts: Iterable[bytes], every_s: float) -> Talk:
    """Send `head`, then a part every so many seconds, as long as the other side listens."""

    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(head)
        connection.settimeout(every_s)
        for part in parts:
            connection.sendall(part)
            with contextlib.suppress(TimeoutError):
                if not connection.recv(1024):
                    return

    return talk


def unused_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
