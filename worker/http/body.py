"""A response's body: decompressed as it streams in, and given up at the first limit it breaks.

aiohttp could decompress by itself, but then nobody could tell how far a body has been blown up.
"""

import asyncio
import contextlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import brotli

from worker.errors import Reason
from worker.http.reasons import REQUEST_ERRORS
from worker.records import Failed

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # before Python 3.14
    from backports import zstd

# What is asked for; others are understood only by their names' synonyms.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MAGIC = {"gzip": _GZIP_MAGIC, "x-gzip": _GZIP_MAGIC, "zstd": _ZSTD_MAGIC}
# RFC 9659: over HTTP nobody needs a window of more than 8 MiB, which is memory that we would give.
_ZSTD_WINDOW = {zstd.DecompressionParameter.window_log_max: 23}
_OUTPUT = 256 * 1024
# A small body may be blown up as much as it likes.
_RATIO_FROM = 1024**2
_MAX_CODINGS = 4
_MAX_MEMBERS = 1_000


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bytes before and after decompression, their ratio, and bytes a second after a grace."""

    max_bytes: int
    max_expansion: float
    min_rate: float
    rate_grace_s: float


class _Decoder(Protocol):
    finished: bool

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to, in pieces of bounded size; raises BodyError."""


class BodyError(Exception):
    """A body that is not to be read any further, and why."""

    def __init__(self, reason: Reason, told: str) -> None:
        super().__init__(told)
        self.failed = Failed(reason, told)


def _spoilt(told: object) -> BodyError:
    return BodyError(Reason.BAD_COMPRESSION, f"The body cannot be decompressed: {told}."[:300])


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
            raise _spoilt(f"it has more than {_MAX_MEMBERS:,} gzip members")
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)


class _Deflate:
    """deflate with its zlib header (RFC 9110, 8.4.1.2) or, as some servers send it, without."""

    def __init__(self) -> None:
        self.finished = False
        self._stream: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            zlib_like = data[0] & 0x0F == 8 and data[0] < 0x80
            has_header = zlib_like and (len(data) == 1 or int.from_bytes(data[:2]) % 31 == 0)
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
        raise _spoilt(error) from None


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
            raise _spoilt(error) from None


class _Zstd:
    def __init__(self) -> None:
        self.finished = False
        self._stream = zstd.ZstdDecompressor(options=_ZSTD_WINDOW)

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
            raise _spoilt(error) from None


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}


class _AsItIs:
    """For what is not compressed as its name says: servers name a coding and send plain text."""

    finished = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class BodyReader:
    """Takes a body's bytes as they come, and holds what they decode to."""

    def __init__(self, content_encoding: str, limits: BodyLimits) -> None:
        named = [coding.strip().lower() for coding in content_encoding.split(",")]
        # Names that nobody gave a meaning, such as utf-8, are sent with plain bodies.
        codings = [coding for coding in reversed(named) if coding in _DECODERS]
        # Without a name it may still be a feed.xml.gz, served as a file.
        self._codings = codings or ["gzip"]
        self._limits = limits
        self._decoders: list[_Decoder] = []
        self._sizes = [0] * len(self._codings)
        self._chunks: list[bytes] = []
        self.received = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes; raises BodyError where they break a limit, or what was promised."""
        if len(self._codings) > _MAX_CODINGS:
            raise _spoilt(f"it was compressed {len(self._codings)} times over")
        self.received += len(data)
        self._check_size(self.received)
        for piece in self._decoded(data, 0):
            self._chunks.append(piece)

    @property
    def whole(self) -> bool:
        """Whether every coding came to its end: half a feed must not pass for the whole."""
        return all(decoder.finished for decoder in self._decoders)

    def body(self) -> bytes:
        return b"".join(self._chunks)

    def _decoded(self, data: bytes, layer: int) -> Iterator[bytes]:
        """`data` with the codings from `layer` on undone; each layer keeps to the limits.

        A bomb within a bomb may come out small: what is in between is also work.
        """
        if layer == len(self._codings):
            yield data
            return
        if layer == len(self._decoders):
            self._decoders.append(_decoder_for(self._codings[layer], data))
        for piece in self._decoders[layer].feed(data):
            self._sizes[layer] += len(piece)
            self._check_size(self._sizes[layer])
            self._check_growth(self._sizes[layer])
            yield from self._decoded(piece, layer + 1)

    def _check_size(self, size: int) -> None:
        limit = self._limits.max_bytes
        if size > limit:
            raise too_large(limit)

    def _check_growth(self, size: int) -> None:
        times = self._limits.max_expansion
        if size > _RATIO_FROM and size > times * self.received:
            told = (
                f"The body grows to over {times:g} times what was sent (WIREWATCH_MAX_EXPANSION)."
            )
            raise BodyError(Reason.EXPANDS_TOO_MUCH, told)


def _decoder_for(coding: str, start: bytes) -> _Decoder:
    magic = _MAGIC.get(coding, b"")
    return _DECODERS[coding]() if start[: len(magic)] == magic[: len(start)] else _AsItIs()


def too_large(limit: int) -> BodyError:
    """The refusal of a body of more than `limit` bytes."""
    setting = "WIREWATCH_MAX_FEED_BYTES, or WIREWATCH_MAX_PAGE_BYTES for pages"
    return BodyError(Reason.TOO_LARGE, f"The body is over {limit:,} bytes ({setting}).")


async def read_body(
    response: aiohttp.ClientResponse, limits: BodyLimits
) -> tuple[bytes, bool] | Failed:
    """The body, decompressed, and whether it is whole; or Failed with the limit that it broke.

    Raises what aiohttp raises.
    """
    reader = BodyReader(_content_encoding(response), limits)
    try:
        if (response.content_length or 0) > limits.max_bytes:
            raise too_large(limits.max_bytes)
        await _stream(response, reader, limits)
        return reader.body(), reader.whole
    except BodyError as error:
        refused = error.failed
    except aiohttp.SocketTimeoutError:
        told = "The body ceased to come for WIREWATCH_FIRST_BYTE_TIMEOUT_S."
        refused = Failed(Reason.TOO_SLOW, told)
    except TimeoutError:
        rate = f"{limits.min_rate:g} bytes a second (WIREWATCH_MIN_RATE_BYTES_S)"
        refused = Failed(Reason.TOO_SLOW, f"The body came at under {rate}.")
    # Nothing more of this body is wanted, so its connection cannot be used again.
    response.close()
    return refused


def _content_encoding(response: aiohttp.ClientResponse) -> str:
    return ", ".join(response.headers.getall("Content-Encoding", ()))


async def _stream(response: aiohttp.ClientResponse, reader: BodyReader, limits: BodyLimits) -> None:
    """Feed the whole body; raises TimeoutError when it falls behind the rate it must keep to."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout_at(began + limits.rate_grace_s) as deadline:
        while data := await response.content.readany():
            reader.feed(data)
            # Where more is there already, aiohttp goes on without giving anybody else a turn.
            await asyncio.sleep(0)
            earned_s = reader.received / limits.min_rate
            deadline.reschedule(began + max(limits.rate_grace_s, earned_s))


async def read_head(response: aiohttp.ClientResponse, max_bytes: int, within_s: float) -> bytes:
    """The start of a body, as far as it comes and decompresses; for what is only looked at."""
    reader = BodyReader(_content_encoding(response), BodyLimits(4 * _OUTPUT, 1e9, 0, 0))
    with contextlib.suppress(BodyError, *REQUEST_ERRORS):
        async with asyncio.timeout(within_s):
            while missing := max_bytes - reader.received:
                data = await response.content.readany()
                if not data:
                    break
                reader.feed(data[:missing])
    return reader.body()[:max_bytes]
