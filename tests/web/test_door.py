"""The door: it answers by name, gives up on the silent and the endless, and closes in order."""

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from tests.waiting import wait_until
from worker.errors import SetupError, StoreUnavailableError
from worker.tools import Tools
from worker.web import Door, server
from worker.web.answers import RefusedError, answered, read_body

PORT = int


@contextmanager
def opened(tools: Tools, **knobs: Any) -> Iterator[PORT]:
    door = Door(tools, lambda _stage: None, **knobs)
    port = door.open()
    try:
        yield port
    finally:
        door.close()


def ask(
    port: PORT, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked.request(method, path, body, named)
    answer = asked.getresponse()
    told = json.loads(answer.read())
    asked.close()
    return answer.status, told, dict(answer.headers)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Routes that go wrong in every way."""

    async def broken(_request: web.Request) -> web.Response:
        raise ValueError("secret-in-an-exception")

    async def storeless(_request: web.Request) -> web.Response:
        raise StoreUnavailableError("postgresql://somewhere")

    async def refused(_request: web.Request) -> web.Response:
        raise RefusedError(409, "not-now", "Ask later.", {"Retry-After": "5"})

    async def measured(request: web.Request) -> web.Response:
        return answered({"size": len(await read_body(request, 100_000))})

    def routes(_tools: Tools) -> list[web.RouteDef]:
        return [
            web.get("/broken/{secret}", broken),
            web.get("/storeless", storeless),
            web.get("/refused", refused),
            web.post("/measured", measured),
        ]

    monkeypatch.setattr(server, "ROOMS", (*server.ROOMS, SimpleNamespace(routes=routes)))


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("POST", "/healthz", 405, "method-not-allowed"),
        ("GET", "/broken/s3cret", 500, "unexpected"),
        ("GET", "/storeless", 503, "store-away"),
        ("GET", "/refused", 409, "not-now"),
    ],
)
@pytest.mark.usefixtures("room")
def test_what_goes_wrong_is_told_by_a_name_and_without_our_insides(
    tools: Tools, method: str, path: str, status: int, error: str
) -> None:
    with opened(tools) as port:
        got, told, headers = ask(port, method, path)
    assert (got, told["error"]) == (status, error)
    assert set(told) == {"error", "detail"}
    assert told["detail"].endswith(".")
    assert "secret" not in json.dumps(told)
    assert "postgresql" not in json.dumps(told)
    assert headers["Server"] == "wirewatch"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("room")
def test_a_failure_is_logged_by_its_route_and_not_by_its_path(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(tools) as port:
        ask(port, "GET", "/broken/s3cret")
    logged = "".join(capsys.readouterr())
    assert "/broken/{secret}" in logged
    assert "s3cret" not in logged


def test_health_is_that_of_the_store(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tools) as port:
        assert ask(port, "GET", "/healthz")[:2] == (200, {"status": "ok"})

        def away(_unit: object) -> None:
            raise StoreUnavailableError("away")

        monkeypatch.setattr(tools.db, "read", away)
        assert ask(port, "GET", "/healthz")[0] == 503


@pytest.mark.usefixtures("room")
def test_a_body_is_taken_up_to_its_limit(tools: Tools) -> None:
    with opened(tools) as port:
        assert ask(port, "POST", "/measured", b"x" * 100_000)[:2] == (200, {"size": 100_000})
        said = ask(port, "POST", "/measured", b"x" * 100_001)
        assert (said[0], said[1]["error"]) == (413, "too-large")
        chunks = iter([b"x" * 60_000, b"x" * 60_000])
        assert ask(port, "POST", "/measured", chunks)[0] == 413
        squeezed = ask(port, "POST", "/measured", b"x", Content_Encoding="gzip")
        assert (squeezed[0], squeezed[1]["error"]) == (415, "compressed-body")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_who_sends_no_whole_request_is_given_up(tools: Tools, said: bytes) -> None:
    """The last one was answered once, and then says nothing more on its connection."""
    with opened(tools, headers_s=0.2) as port, socket.create_connection(("127.0.0.1", port)) as s:
        s.settimeout(10)
        s.sendall(said)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := s.recv(4096):
                got += piece
        assert (b"200 OK" in got) == said.endswith(b"\r\n\r\n")


def test_what_is_no_http_is_refused_without_our_insides_or_a_line_in_the_log(
    tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tools) as port, socket.create_connection(("127.0.0.1", port)) as s:
        s.settimeout(10)
        s.sendall(b"\x16\x03\x01 what is this\r\n\r\n")
        got = s.recv(65536)
    assert got.startswith(b"HTTP/1.0 400 ")
    assert b"Traceback" not in got
    assert b"/worker/" not in got
    assert not [record for record in caplog.records if record.name.startswith("aiohttp")]


def test_what_is_under_way_is_answered_when_the_door_closes(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    read = tools.db.read

    def slow(unit: Any) -> Any:
        entered.set()
        assert go_on.wait(10)
        return read(unit)

    monkeypatch.setattr(tools.db, "read", slow)
    door = Door(tools, lambda _stage: None)
    port, got = door.open(), []
    asking = threading.Thread(target=lambda: got.append(ask(port, "GET", "/healthz")[0]))
    asking.start()
    assert entered.wait(10)
    closing = threading.Thread(target=door.close)
    closing.start()
    wait_until(lambda: not _listens(port), what="it takes no more")
    go_on.set()
    closing.join(10)
    asking.join(10)
    assert got == [200]


def _listens(port: PORT) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def test_a_place_that_is_taken_is_told(tools: Tools) -> None:
    with opened(tools) as port:
        knobs = tools.settings.model_copy(update={"listen": f"127.0.0.1:{port}"})
        with pytest.raises(SetupError, match=f"WIREWATCH_LISTEN: 127.0.0.1:{port} cannot be"):
            Door(Tools(**(vars(tools) | {"settings": knobs}))).open()
