"""A response's body: decompressed as it streams in, and given up at the first limit it breaks.

aiohttp could decompress by itself, but then nobody could tell how far a body has been blown up.
"""

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import brotli

from worker.errors import Reason
from worker.records import Failed

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # before Python 3.14
    from backports import zstd

# What is asked for; others are understood only by their names' synonyms.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MAGIC = {"gzip": _GZIP_MAGIC, "x-gzip": _GZIP_MAGIC, "zstd": _ZSTD_MAGIC}
_OUTPUT = 256 * 1024
# A small body may be blown up as much as it likes.
_RATIO_FROM = 1024**2
_MAX_CODINGS = 4
_MAX_MEMBERS = 1_000


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bytes after decompression, times the bytes before it, and bytes a second after a grace."""

    max_bytes: int
    max_expansion: float
    min_rate: float
    rate_grace_s: float


class _Decoder(Protocol):
    finished: bool

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to, in pieces of bounded size."""


class BadCompressionError(ValueError):
    """A body is not what its Content-Encoding says."""


class _Gzip:
    """gzip, of several members too; what follows the last one is padding or rubbish."""

    def __init__(self) -> None:
        self.finished = False
        self._members = 0
        self._rest = b""
        self._member: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        data = self._rest + data
        while data:
            if self.finished:
                self._rest = data if data == _GZIP_MAGIC[:1] else b""
                if not data.startswith(_GZIP_MAGIC):
                    return
                self.finished = False
            if self._member is None:
                self._next_member()
            yield from _inflated(self._member, data)
            if not self._member.eof:
                return
            data, self._member, self.finished = self._member.unused_data, None, True

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise BadCompressionError(f"more than {_MAX_MEMBERS:,} gzip members")
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)


class _Deflate:
    """deflate with its zlib header (RFC 9110, 8.4.1.2) or, as some servers send it, without."""

    def __init__(self) -> None:
        self.finished = False
        self._stream: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2].ljust(2)) % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        if not self.finished:
            yield from _inflated(self._stream, data)
            self.finished = self._stream.eof


def _inflated(stream: Any, data: bytes) -> Iterator[bytes]:
    try:
        while data and not stream.eof:
            if piece := stream.decompress(data, _OUTPUT):
                yield piece
            data = stream.unconsumed_tail
    except zlib.error as error:
        raise BadCompressionError(str(error)) from None


class _Brotli:
    def __init__(self) -> None:
        self.finished = False
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            while not self.finished:
                piece = self._stream.process(data, output_buffer_limit=_OUTPUT)
                data, self.finished = b"", self._stream.is_finished()
                if piece:
                    yield piece
                elif self._stream.can_accept_more_data():
                    return
        except brotli.error as error:
            raise BadCompressionError(str(error)) from None


class _Zstd:
    def __init__(self) -> None:
        self.finished = False
        self._stream = zstd.ZstdDecompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            while not self.finished:
                piece = self._stream.decompress(data, _OUTPUT)
                data, self.finished = b"", self._stream.eof
                if piece:
                    yield piece
                elif self._stream.needs_input:
                    return
        except zstd.ZstdError as error:
            raise BadCompressionError(str(error)) from None


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}


class BodyReader:
    """Takes a body's bytes as they come, and holds what they decode to."""

    def __init__(self, content_encoding: str, limits: BodyLimits) -> None:
        named = [coding.strip().lower() for coding in content_encoding.split(",")]
        # Names that nobody gave a meaning, such as utf-8, are sent with plain bodies.
        self._codings = [coding for coding in named if coding in _DECODERS][:_MAX_CODINGS]
        self._limits = limits
        self._decoders: list[_Decoder] | None = None
        self._chunks: list[bytes] = []
        self.received = self.size = 0

    def feed(self, data: bytes) -> Failed | None:
        """Take the next bytes; a broken limit comes back as Failed, and ends the body.

        Raises BadCompressionError.
        """
        if self._decoders is None:
            self._decoders = self._chosen(data)
        self.received += len(data)
        for piece in _through(self._decoders, data):
            self.size += len(piece)
            if refused := self._broken():
                return refused
            self._chunks.append(piece)
        return None

    @property
    def whole(self) -> bool:
        """Whether every coding came to its end: half a feed must not pass for the whole."""
        return all(decoder.finished for decoder in self._decoders or ())

    def body(self) -> bytes:
        return b"".join(self._chunks)

    def _chosen(self, start: bytes) -> list[_Decoder]:
        codings = list(reversed(self._codings))
        if codings and not start.startswith(_MAGIC.get(codings[0], b"")):
            codings = codings[1:]  # a server that names a coding and sends plain text
        elif not codings and start.startswith(_GZIP_MAGIC):
            codings = ["gzip"]  # a feed.xml.gz, served as a file
        return [_DECODERS[coding]() for coding in codings]

    def _broken(self) -> Failed | None:
        limits = self._limits
        if self.size > limits.max_bytes:
            return Failed(Reason.TOO_LARGE, f"The body is over {limits.max_bytes:,} bytes.")
        if self.size > _RATIO_FROM and self.size > limits.max_expansion * self.received:
            told = f"The body grows to more than {limits.max_expansion:g} times what was sent."
            return Failed(Reason.EXPANDS_TOO_MUCH, told)
        return None


def _through(decoders: list[_Decoder], data: bytes) -> Iterator[bytes]:
    if not decoders:
        yield data
        return
    for piece in decoders[0].feed(data):
        yield from _through(decoders[1:], piece)


async def read_body(
    response: aiohttp.ClientResponse, limits: BodyLimits
) -> tuple[bytes, bool] | Failed:
    """The body, decompressed, and whether it is whole; or Failed with the limit that it broke.

    How long the next bytes may take is in aiohttp's own time limits. Raises what aiohttp raises.
    """
    reader = BodyReader(response.headers.get("Content-Encoding", ""), limits)
    began = time.monotonic()
    try:
        while data := await response.content.readany():
            refused = reader.feed(data) or _too_slow(reader.received, began, limits)
            if refused:
                # Nothing more of this body is wanted, so its connection cannot be used again.
                response.close()
                return refused
        return reader.body(), reader.whole
    except BadCompressionError as error:
        response.close()
        return Failed(Reason.BAD_COMPRESSION, f"The body cannot be decompressed: {error}."[:300])


def _too_slow(received: int, began: float, limits: BodyLimits) -> Failed | None:
    elapsed_s = time.monotonic() - began
    if elapsed_s < limits.rate_grace_s or received >= limits.min_rate * elapsed_s:
        return None
    told = f"The body came at under {limits.min_rate:g} bytes a second."
    return Failed(Reason.TOO_SLOW, told)


async def read_head(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The start of a body, decompressed as far as that works; for what is only looked at."""
    encoding = response.headers.get("Content-Encoding", "")
    reader = BodyReader(encoding, BodyLimits(max_bytes, 1e9, 0, 0))
    try:
        while reader.received < max_bytes and (data := await response.content.readany()):
            if reader.feed(data) is not None:
                break
    except BadCompressionError:
        pass  # what came before the flaw is worth a look
    return reader.body()[:max_bytes]
