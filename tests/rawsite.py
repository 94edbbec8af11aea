"""A server below HTTP: it says to each connection the bytes that the test gives it, then hangs up.

For what a web framework would never send: garbage, resets, cut-off bodies, floods of headers.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def raw_site(talk: Talk) -> Iterator[str]:
    """Run `talk` on every connection after its request was read; yields the server's URL."""
    server = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(server, talk), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/feed"
    finally:
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def _serve(server: socket.socket, talk: Talk) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            connection.recv(65_536)
            talk(connection)


def says(*parts: bytes) -> Talk:
    """Send these bytes, then hang up."""

    def talk(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return talk


def resets(after: bytes = b"") -> Talk:
    """Send `after`, then break the connection with a TCP reset."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(after)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return talk


def hangs(after: bytes = b"") -> Talk:
    """Send `after`, then say nothing until the other side hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(after)
        while connection.recv(1024):
            pass

    return talk


def streams(head: bytes, chunk: bytes, times: int) -> Talk:
    """Send `head`, then `chunk` so many times, for as long as the other side listens."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(times):
            connection.sendall(chunk)

    return talk


def unused_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
