"""The receiver of the manual: it is run as it is written there."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.channels.making import claimed, deliver, failed
from tests.rawsite import unused_port
from tests.waiting import wait_until
from worker import __file__ as package
from worker.errors import Reason
from worker.signing import new_secret

PAGE = Path(package).parents[1] / "docs" / "alerts.md"
SECRET = new_secret()


def example() -> str:
    section = PAGE.read_text("utf-8").partition("\n## A receiver\n")[2].partition("\n## ")[0]
    found = re.search(r"```python\n(.*?)```", section, re.S)
    assert found
    return found[1]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The example at work on a free port: its URL, and the file of what it prints."""
    port, program, printed = unused_port(), tmp_path / "receiver.py", tmp_path / "out"
    code = (
        example().replace("whsec_…", SECRET).replace("port=8081", f"host='127.0.0.1', port={port}")
    )
    program.write_text(code, "utf-8")
    with printed.open("wb") as out:
        environ = os.environ | {"PYTHONIOENCODING": "utf-8"}
        process = subprocess.Popen([sys.executable, str(program)], stdout=out, env=environ)

    def listens() -> bool:
        assert process.poll() is None, printed.read_text("utf-8")
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(listens, what="the receiver listens")
        yield f"http://127.0.0.1:{port}/hook", printed
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


def test_the_example_takes_an_alert_once_and_refuses_a_forgery(
    receiver: tuple[str, Path],
) -> None:
    url, printed = receiver
    browser = Browser()
    try:
        alert = claimed("webhook", url=url, secret="${SECRET}")
        for _ in range(2):
            assert deliver(browser, alert, {"SECRET": SECRET}).accepted
        forged = deliver(browser, alert, {"SECRET": new_secret()})
    finally:
        browser.close()
    assert failed(forged, Reason.ACCESS_DENIED).status == 401
    assert printed.read_text("utf-8").count("Syria: talks - Talks resume") == 1


def test_the_example_has_fifteen_lines() -> None:
    assert len([line for line in example().splitlines() if line.strip()]) == 15
