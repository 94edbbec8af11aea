"""Misbehaviour below and around HTTP: connections, time, endlessness, framing."""

from socket import socket

from tests.hostile.server import Case, answers, chunked, zeros
from tests.rawsite import Talk, drips, hangs, resets, says, streams
from worker.errors import Reason

MIB = 1024**2
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FOR_EVER = 10**9


def _connections() -> list[Case]:
    lost, refused = Reason.CONNECTION_LOST, Reason.CONNECTION_REFUSED
    tls, hung_up = Reason.TLS_FAILED, "hung up"
    return [
        Case("refused", None, refused, "refused", place=lambda s: _at(s.closed_port)),
        Case(
            "queue-full", None, Reason.CONNECT_TIMED_OUT, "WIREWATCH_CONNECT_TIMEOUT_S",
            place=lambda s: _at(s.full_port),
        ),
        Case(
            "tls-never-answered", None, Reason.CONNECT_TIMED_OUT, "WIREWATCH_CONNECT_TIMEOUT_S",
            place=lambda s: _at(s.full_port, "https", "/tls"),
        ),
        Case("tls-garbage", None, tls, place=lambda s: _at(s.plain.port, "https")),
        Case(
            "tls-self-signed", answers(), tls, "self-signed certificate",
            place=lambda s: s.secure.url("/tls-self-signed"),
        ),
        Case("reset-at-once", resets(), lost),
        Case("reset-in-head", resets(b"HTTP/1.1 20"), lost),
        Case("reset-in-body", resets(OK + b"Content-Length: 99\r\n\r\nhalf"), lost, hung_up),
        Case("hangs-up-at-once", says(), lost, hung_up),
        Case("hangs-up-in-status", says(b"HTT"), lost, hung_up),
        Case("hangs-up-in-head", says(OK + b"Conte"), lost, hung_up),
    ]  # fmt: skip


def _at(port: int, scheme: str = "http", path: str = "/feed") -> str:
    return f"{scheme}://127.0.0.1:{port}{path}"


def _slow() -> list[Case]:
    silent, late, slow = Reason.FIRST_BYTE_TIMED_OUT, Reason.TIMED_OUT, Reason.TOO_SLOW
    first, total = "WIREWATCH_FIRST_BYTE_TIMEOUT_S", "WIREWATCH_FETCH_TIMEOUT_S"
    rate, missing = "WIREWATCH_MIN_RATE_BYTES_S", Reason.NOT_FOUND
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    return [
        Case("silent", hangs(), silent, first),
        Case("silent-in-head", hangs(OK + b"X-A: "), silent, first),
        Case("silent-after-100", hangs(interim), silent, first),
        Case("drips-status-line", drips(b"HTTP/1.1 200 ", b"O"), late, total),
        Case("drips-a-header", drips(OK + b"X-A: ", b"a"), late, total),
        Case("drips-headers", drips(OK, b"X-A: b\r\n"), late, total),
        Case("drips-blank-lines", drips(b"", b"\r\n"), late, total),
        Case("drips-body", drips(OK + b"\r\n", b"x"), slow, rate, 200),
        Case("drips-chunks", drips(CHUNKED, b"1\r\nx\r\n"), slow, rate, 200),
        Case("drips-chunk-extension", drips(CHUNKED + b"5;a=", b"x"), slow, rate, 200),
        Case("stalls-in-body", hangs(OK + b"Content-Length: 9\r\n\r\n<r"), slow, rate, 200),
        Case("stalls-in-chunk", hangs(CHUNKED + b"ff\r\nhello"), slow, rate, 200),
        Case(
            "stalls-in-a-large-body",
            hangs(OK + b"Content-Length: 99999\r\n\r\n" + zeros(50_000)), slow, first, 200,
        ),
        Case("refuses-and-drips", drips(b"HTTP/1.1 404 No\r\n\r\n", b"x"), missing, "404", 404),
        Case(
            "refuses-and-stalls", hangs(b"HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n"),
            missing, "404", 404,
        ),
    ]  # fmt: skip


def _endless() -> list[Case]:
    large, heads = Reason.TOO_LARGE, Reason.HEADERS_TOO_LARGE
    setting, header = "WIREWATCH_MAX_FEED_BYTES", "WIREWATCH_MAX_HEADER_BYTES"
    kib = zeros(64 * 1024)
    return [
        Case("endless-body", streams(OK + b"\r\n", kib, FOR_EVER), large, setting, 200),
        Case(
            "endless-with-length",
            streams(OK + b"Content-Length: 99999999999\r\n\r\n", kib, FOR_EVER), large, setting,
            200,
        ),
        Case(
            "endless-chunks", streams(CHUNKED, b"10000\r\n%s\r\n" % kib, FOR_EVER), large, setting,
            200,
        ),
        Case(
            "thirty-megabytes",
            streams(OK + b"Content-Length: %d\r\n\r\n" % (30 * MIB), zeros(MIB), 30), large,
            setting, 200,
        ),
        Case(
            "endless-chunk-extension", streams(CHUNKED + b"5;a=", b"x" * 65_536, FOR_EVER),
            Reason.TOO_SLOW, "WIREWATCH_MIN_RATE_BYTES_S", 200,
        ),
        Case(
            "endless-trailers",
            streams(CHUNKED + b"5\r\nhello\r\n0\r\n", b"X-T: y\r\n" * 1_000, FOR_EVER), heads,
        ),
        Case("endless-header", streams(OK + b"X-A: ", b"x" * 65_536, FOR_EVER), heads, header),
        Case(
            "endless-status-line", streams(b"HTTP/1.1 200 ", b"x" * 65_536, FOR_EVER), heads,
            header,
        ),
        Case("endless-headers", streams(OK, b"X-A: b\r\n" * 9_000, FOR_EVER), heads, "headers"),
        Case(
            "endless-100", streams(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000, FOR_EVER), heads
        ),
        Case(
            "endless-103",
            streams(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2_000, FOR_EVER),
            heads,
        ),
        Case(
            "some-100-and-103",
            _after(b"HTTP/1.1 100 On\r\n\r\n", b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n"),
        ),
        Case("long-header", answers(f"X-A: {'x' * 17_000}"), heads, header),
        Case("long-header-name", answers(f"{'X' * 17_000}: a"), heads, header),
        Case("long-status-line", answers(status=f"200 {'x' * 17_000}"), heads, header),
        Case("hundred-cookies", answers(*(["Set-Cookie: a=b"] * 100))),
    ]  # fmt: skip


def _after(*before: bytes) -> Talk:
    """What comes before an answer, and then the answer."""

    def talk(connection: socket, head: bytes) -> None:
        connection.sendall(b"".join(before))
        answers()(connection, head)

    return talk


def _framing() -> list[Case]:
    bad, lost, hung_up = Reason.BAD_RESPONSE, Reason.CONNECTION_LOST, "hung up"
    five = b"\r\n\r\nhello"
    return [
        Case("shorter-than-its-length", answers(length=50), lost, hung_up),
        Case("longer-than-its-length", answers(tail=b"\n<!-- cached -->\n")),
        Case("two-answers", answers(tail=OK + b"Content-Length: 2\r\n\r\nno")),
        Case("length-and-chunked", chunked("Content-Length: 3"), bad, "Transfer-Encoding"),
        Case("two-lengths", answers("Content-Length: 3"), bad, "Content-Length"),
        Case("length-of-minus-five", says(OK + b"Content-Length: -5" + five), bad),
        Case("length-with-a-plus", says(OK + b"Content-Length: +5" + five), bad),
        Case("length-out-of-range", says(OK + b"Content-Length: " + b"9" * 30 + five), bad),
        Case("length-empty", says(OK + b"Content-Length:" + five), bad),
        Case("chunk-size-that-is-none", says(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"), bad),
        Case("chunk-size-of-minus-five", says(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"), bad),
        Case("chunk-size-out-of-range", says(CHUNKED + b"f" * 20 + b"\r\nhello"), bad),
        Case("chunk-longer-than-it-says", says(CHUNKED + b"2\r\nhello\r\n0\r\n\r\n"), bad),
        Case("chunks-without-an-end", chunked(end=b""), lost, hung_up),
        Case("chunks-that-end-in-a-chunk", chunked(end=b"ff\r\nmore"), lost, hung_up),
        Case("chunks-and-then-garbage", chunked(end=b"garbage\r\n"), bad),
        Case("chunks-of-one-byte", chunked(size=1)),
        Case("http-1.0-without-length", answers(version="HTTP/1.0")),
        Case("http-0.9", says(b"<rss>no status line</rss>"), bad, "not HTTP"),
        Case("http-2", says(b"\0\0\x12\x04\0\0\0\0\0" + b"\0\x03\0\0\0\x64" * 3), bad, "not HTTP"),
        Case("http-9.9", answers(version="HTTP/9.9"), bad),
        Case("icy", answers(version="ICY"), bad),
        Case("ssh", says(b"SSH-2.0-OpenSSH_9.6\r\n"), bad),
        Case("line-feeds-alone", says(OK.replace(b"\r", b"") + b"Content-Length: x\n\n"), bad),
        Case("header-without-colon", answers("no colon here"), bad),
        Case("header-with-a-null", answers("X-A: a\0b"), bad),
        Case("switches-protocols", answers("Upgrade: h2c", status="101 Switching"), bad, "101"),
    ]


WIRE = [*_connections(), *_slow(), *_endless(), *_framing()]
