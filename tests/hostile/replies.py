"""Misbehaviour in what is answered: bodies, statuses, redirects, contents."""

import gzip
import random
import zlib
from functools import cache

import brotli
from backports import zstd

from tests.bot_walls.answers import WALLS
from tests.hostile.server import Case, Pack, answers, chunked, zeros
from tests.hostile.wire import FOR_EVER, MIB, OK
from tests.rawsite import Talk, drips, says, streams
from worker.errors import Reason

_ANY_FEED = (None, Reason.MALFORMED_FEED, Reason.NOT_A_FEED)
_ANY_PAGE = (
    None, Reason.NOT_HTML, Reason.NO_TEXT, Reason.EXTRACTION_FAILED, Reason.EMPTY_BODY,
)  # fmt: skip


def _bodies() -> list[Case]:
    large, grows, coding = Reason.TOO_LARGE, Reason.EXPANDS_TOO_MUCH, Reason.BAD_COMPRESSION
    setting = "WIREWATCH_MAX_EXPANSION"
    bomb, empty = zeros(16 * MIB), b"\x78\x9c" + b"\0\0\0\xff\xff" * (2 * MIB)
    return [
        Case("truncated-gzip", _cut("gzip", gzip.compress), whole=False),
        Case("truncated-deflate", _cut("deflate", zlib.compress), whole=False),
        Case("truncated-brotli", _cut("br", _brotli), whole=False),
        Case("truncated-zstd", _cut("zstd", zstd.compress), whole=False),
        Case("bomb-gzip", _packed("gzip", bomb, gzip.compress), grows, setting),
        Case("bomb-deflate", _packed("deflate", bomb, zlib.compress), grows, setting),
        Case("bomb-brotli", _packed("br", bomb, _brotli), grows, setting),
        Case("bomb-zstd", _packed("zstd", bomb, zstd.compress), grows, setting),
        Case(
            "bomb-within-a-bomb",
            _packed("gzip, gzip", bomb, lambda b: gzip.compress(gzip.compress(b))), grows, setting,
        ),
        Case("nothing-within-a-bomb", _packed("deflate, gzip", empty, gzip.compress), grows),
        Case("packed-too-large", _packed("gzip", _filling() * 12, gzip.compress), large),
        Case(
            "grows", _packed("gzip", zeros(MIB), gzip.compress), feed=_ANY_FEED, page=_ANY_PAGE
        ),
        Case(
            "endless-empty-blocks",
            streams(
                OK + b"Content-Encoding: deflate\r\n\r\n\x78\x9c", b"\0\0\0\xff\xff" * 9_000,
                FOR_EVER,
            ), large,
        ),
        Case(
            "endless-empty-members",
            streams(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 500, FOR_EVER),
            coding,
        ),
        Case("five-codings", answers("Content-Encoding: " + "gzip, " * 5), coding),
        Case("zstd-with-a-huge-window", _packed("zstd", zeros(100), _wide_zstd), coding),
        Case("no-deflate-at-all", answers("Content-Encoding: deflate"), coding),
        Case("gzip-said-twice", answers(*["Content-Encoding: gzip"] * 2, pack=gzip.compress)),
        Case(
            "codings-on-two-lines",
            answers(
                "Content-Encoding: deflate", "Content-Encoding: gzip",
                pack=lambda body: gzip.compress(zlib.compress(body)),
            ),
        ),
        Case("no-gzip-at-all", answers("Content-Encoding: gzip")),
        Case("coding-nobody-knows", answers("Content-Encoding: x-none")),
        Case("gzip-unannounced", answers(pack=gzip.compress)),
        Case("transfer-coding-gzip", chunked("Transfer-Encoding: gzip", pack=gzip.compress)),
    ]  # fmt: skip


def _brotli(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=3))


def _wide_zstd(body: bytes) -> bytes:
    """A frame that asks for 128 MiB of memory to be read."""
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    return packer.compress(body) + packer.flush()


def _cut(coding: str, pack: Pack) -> Talk:
    """The content and much behind it, of which the end is cut off."""
    headers = (f"Content-Encoding: {coding}", 'ETag: "1"', "Last-Modified: yesterday")
    return answers(*headers, pack=lambda body: pack(body + _filling())[:-8])


@cache
def _filling() -> bytes:
    return b"<!-- " + random.Random(1).randbytes(150_000).hex().encode() + b" -->"


def _packed(coding: str, body: bytes, pack: Pack) -> Talk:
    return answers(f"Content-Encoding: {coding}", body=body, pack=pack)


def _statuses() -> list[Case]:
    bad, denied, limited = Reason.BAD_RESPONSE, Reason.ACCESS_DENIED, Reason.RATE_LIMITED
    broken, client, away = Reason.SERVER_ERROR, Reason.CLIENT_ERROR, Reason.REDIRECTED
    return [
        Case("unasked-304", says(b"HTTP/1.1 304 Not Modified\r\n\r\n"), bad, "304", 304),
        Case("unasked-304-with-body", answers(status="304 Not Modified"), bad, "304", 304),
        Case("no-content", says(b"HTTP/1.1 204 No Content\r\n\r\n"), bad, "204", 204),
        Case("no-content-with-body", answers(status="204 No Content"), bad, "204", 204),
        Case(
            "part-unasked", answers("Content-Range: bytes 0-9/99", status="206 Part"), bad, "206",
            206,
        ),
        Case("transformed", answers(status="203 Non-Authoritative")),
        Case("choices", answers("Location: /plain", status="300 Choices"), away, "300", 300),
        Case("use-proxy", answers("Location: /plain", status="305 Use Proxy"), away, "305", 305),
        Case("bad-request", answers(status="400 Bad Request"), client, "400", 400),
        Case("unauthorized", answers(status="401 Unauthorized"), denied, "401", 401),
        Case("forbidden", answers(status="403 Forbidden"), denied, "403", 403),
        Case("not-found", answers(status="404 Not Found"), Reason.NOT_FOUND, "404", 404),
        Case("wants-a-proxy-login", answers(status="407 Proxy Login"), client, "407", 407),
        Case("gone", answers(status="410 Gone"), Reason.GONE, "410", 410),
        Case("too-many", answers("Retry-After: 120", status="429 Too Many"), limited, "429", 429),
        Case("legal", answers(status="451 Legal"), denied, "451", 451),
        Case("broken", answers(status="500 Oh"), broken, "500", 500),
        Case("overloaded", answers("Retry-After: soon", status="503 No"), broken, "503", 503),
        Case("odd-status", answers(status="999 Denied"), broken, "999", 999),
        Case("status-of-zero", answers(status="000 None"), bad),
        Case("status-of-two-digits", answers(status="99 None"), bad),
        Case("status-of-four-digits", answers(status="2000 OK"), bad),
        Case("no-reason-phrase", answers(status="200")),
        Case("odd-reason-phrase", answers(status="500 \xff\xfe\x01\x7f"), broken, "500", 500),
        *(
            Case(
                f"wall-{number}",
                answers(
                    *(f"{name}: {value}" for name, value in headers.items()),
                    status=str(status), body=body.encode(),
                ),
                Reason.BOT_PROTECTION, wall, status,
            )
            for number, (_, wall, status, headers, body) in enumerate(WALLS)
        ),
    ]  # fmt: skip


def _redirects() -> list[Case]:
    many, away, bad_url = Reason.TOO_MANY_REDIRECTS, Reason.REDIRECTED, Reason.BAD_URL
    scheme, forbidden = Reason.FORBIDDEN_SCHEME, Reason.FORBIDDEN_ADDRESS
    led = "A redirect led to "
    return [
        _to("relative", "plain?relative"),
        _to("from-the-root", "/plain?from-the-root"),
        _to("with-a-fragment", "/plain?with-a-fragment#part"),
        _to("with-blanks", "  /plain?with blanks  ", lands="with+blanks"),
        _to("utf-8", "/plain?\xc3\xa9", lands="%C3%A9"),
        _to("latin-1", "/plain?\xe9", lands="%E9"),
        _to("without-location", None, away, "does not say where to", 302),
        _to("empty-location", "", away, "does not say where to", 302),
        _to("to-itself", "/to-itself", many, "in a circle", 302),
        _to("to-a-part-of-itself", "#part", many, "in a circle", 302),
        _to("circle-a", "/circle-b", many, "in a circle", 302),
        _to("circle-b", "/circle-a", many, "in a circle", 302),
        _to("chain-0", "/chain-1", many, "WIREWATCH_MAX_REDIRECTS", 302),
        *(_to(f"chain-{n}", f"/chain-{n + 1}", lands="chain-4") for n in (1, 2, 3)),
        Case("chain-4", answers()),
        _to("to-a-file", "file:///etc/passwd", scheme, led + "file:///etc/passwd"),
        _to("to-ftp", "ftp://127.0.0.1/x", scheme, led),
        _to("to-javascript", "javascript:alert(1)", scheme, led),
        _to("with-credentials", "http://u:p@127.0.0.1/", Reason.CREDENTIALS_IN_URL, led),
        _to("to-a-private-place", "http://10.0.0.1/", forbidden, "10.0.0.1 is not a public"),
        _to("to-the-clouds-secrets", "http://169.254.169.254/latest/", forbidden, led),
        _to("to-an-odd-notation", "http://0xa9fea9fe/", forbidden, "169.254.169.254"),
        _to("protocol-relative", "//10.0.0.1/x", forbidden, led + "http://10.0.0.1/x"),
        _to("to-no-address", "http://[", bad_url),
        _to("to-no-host", "http:///x", bad_url),
        _to("to-a-long-address", f"/plain?{'x' * 3_000}", Reason.URL_TOO_LONG),
        _to("to-a-closed-port", "//127.0.0.1:1/", Reason.CONNECTION_REFUSED, led),
        Case(
            "redirects-and-drips",
            drips(b"HTTP/1.1 301 Moved\r\nLocation: /plain?redirects-and-drips\r\n\r\n", b"x"),
        ),
    ]  # fmt: skip


def _to(
    name: str,
    location: str | None,
    reason: Reason | None = None,
    detail: str = "",
    status: int | None = None,
    lands: str = "",
) -> Case:
    headers = [] if location is None else [f"Location: {location}"]
    return Case(name, answers(*headers, status="302 Found"), reason, detail, status, lands=lands)


def _contents() -> list[Case]:
    xml = "Content-Type: text/xml"
    no_feed, no_page = (Reason.NOT_A_FEED,), _ANY_PAGE
    refresh = b'<html><head><meta http-equiv="refresh" content="0; url=/plain"></head></html>'
    return [
        Case("plain", answers()),
        Case("feed-as-html", answers("Content-Type: text/html")),
        Case("html-as-xml", answers(xml, body=b"<html><p>Hi"), feed=no_feed, page=no_page),
        Case("refresh-in-the-page", answers(body=refresh), feed=no_feed, page=no_page),
        Case("refresh-in-a-header", answers("Refresh: 0; url=/not-found")),
        Case("type-of-odd-bytes", answers(f'{xml}; charset=\xff\xfe"')),
        Case("type-of-4000-parameters", answers(f"{xml}{';a=b' * 4_000}")),
        Case("type-that-is-none", answers("Content-Type: ;;=;charset==;charset*=x")),
        Case("charset-that-is-none", answers(f"{xml}; charset=klingon")),
        Case(
            "charset-that-lies", answers(f"{xml}; charset=utf-16"), feed=_ANY_FEED, page=_ANY_PAGE
        ),
        Case("utf-16", answers(pack=_as("utf-16")), feed=_ANY_FEED, page=_ANY_PAGE),
        Case("utf-32", answers(pack=_as("utf-32")), feed=_ANY_FEED, page=_ANY_PAGE),
        Case(
            "null-bytes", answers(pack=lambda body: body.replace(b"<", b"\0<")), feed=_ANY_FEED,
            page=_ANY_PAGE,
        ),
        Case("empty-body", answers(body=b""), feed=(Reason.EMPTY_BODY,), page=no_page),
        Case(
            "cache-headers-of-nonsense",
            answers("Expires: 0", "Cache-Control: max-age=banana", "Age: -1", "Date: never"),
        ),
    ]  # fmt: skip


def _as(encoding: str) -> Pack:
    return lambda body: body.decode().encode(encoding)


ANSWERS = [*_bodies(), *_statuses(), *_redirects(), *_contents()]
