"""The whole demo: site and receiver here, the daemon as a child process, and the sum of it all.

Site and receiver share this process's one event loop; the daemon has a process of its own, and
this one does next to nothing else, so that the delays measured are the daemon's.
"""

import asyncio
import base64
import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from rich.console import Console

import worker
from worker.demo import desk, summary
from worker.demo.receiver import Received, Receiver, line
from worker.demo.site import Site
from worker.store import Database
from worker.store.measure import Measured, measure

_POLL_INTERVAL_S = 1.0
_READ_WITHIN_S = 15.0  # the first polls: without them there is nothing to wait for
_SETTLE_S, _SETTLE_STOPPED_S = 20.0, 5.0
_LOOK_S = 0.2
_END_S = 15.0
_LOG_LINES_SHOWN = 20


def play(items: int, every_s: float, forever: bool, seed: int) -> int:
    """Run the demo and print its summary; 0 only if every alert owed arrived, verified, once."""
    with tempfile.TemporaryDirectory(prefix="wirewatch-demo-") as folder:
        return asyncio.run(_Play(Path(folder), None if forever else items, every_s, seed).run())


class _Play:
    def __init__(self, folder: Path, items: int | None, every_s: float, seed: int) -> None:
        self._folder, self._log_file = folder, folder / "daemon.log"
        self._console = Console(soft_wrap=True)
        self._secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self._site_socket, self._hook_socket = (
            socket.create_server(("127.0.0.1", 0)) for _ in range(2)
        )
        self._site = Site(_url(self._site_socket), seed=seed, items=items, every_s=every_s)
        self._receiver = Receiver(self._secret, self._show)
        self._db = Database(f"sqlite:///{folder / 'demo.db'}", patience_s=2)
        self._topic = ""
        self._started = 0.0
        self._first_alert_s: float | None = None
        self._stop, self._hurry = asyncio.Event(), asyncio.Event()

    async def run(self) -> int:
        self._catch_signals()
        self._topic = desk.write_config(
            self._folder / "config", _url(self._site_socket), _url(self._hook_socket) + "/hook"
        )
        servers = [
            await _serve(self._site.app(), self._site_socket),
            await _serve(self._receiver.app(), self._hook_socket),
        ]
        daemon = await self._start_daemon()
        ended = asyncio.create_task(daemon.wait())
        try:
            await self._watch(ended)
        finally:
            began = time.monotonic()
            code = await self._end(daemon, ended)
            stop_s = time.monotonic() - began
        for server in servers:
            await server.cleanup()
        return self._sum_up(code, stop_s)

    async def _watch(self, ended: asyncio.Task[int]) -> None:
        """The run's three parts; a signal or the daemon's death cuts each of them short."""
        # The news begins once every feed was read, so that no delay has the start-up in it.
        read = self._site.every_feed_read.wait()
        await _first_of(read, ended, self._stop.wait(), timeout_s=_READ_WITHIN_S)
        publishing = asyncio.create_task(self._site.publish())
        await _first_of(publishing, ended, self._stop.wait())
        publishing.cancel()
        within_s = _SETTLE_STOPPED_S if self._stop.is_set() else _SETTLE_S
        await _first_of(self._all_arrived(), ended, self._hurry.wait(), timeout_s=within_s)

    async def _all_arrived(self) -> None:
        while True:
            measured = await asyncio.to_thread(self._measure)
            stored = measured.stored if measured else 0
            if stored >= self._site.articles and not self._outcome().missing:
                return
            await asyncio.sleep(_LOOK_S)

    def _measure(self) -> Measured | None:
        """None until the daemon has been at work: before that there may be no tables."""
        return self._db.read(measure) if self._site.every_feed_read.is_set() else None

    def _outcome(self) -> summary.Outcome:
        return summary.judge(self._site.log, self._receiver.received.values(), self._topic)

    def _show(self, alert: Received) -> None:
        if self._first_alert_s is None:
            self._first_alert_s = time.monotonic() - self._started
        # The site knows to the microsecond what the feed says in whole seconds.
        path = urlsplit(alert.url).path
        at = next((one.at for one in self._site.log if one.item.path == path), alert.published)
        self._console.print(line(alert, (alert.arrived - at).total_seconds()))

    async def _start_daemon(self) -> asyncio.subprocess.Process:
        own = {
            "WIREWATCH_DATABASE_URL": self._db.engine.url.render_as_string(hide_password=False),
            "WIREWATCH_CONFIG_DIR": str(self._folder / "config"),
            "WIREWATCH_POLL_INTERVAL_S": f"{_POLL_INTERVAL_S:g}",
            "WIREWATCH_ALLOW_NETWORKS": "127.0.0.0/8,::1/128",
            # The invented press is one host, which would get one page a second of real ones.
            "WIREWATCH_CONNECTIONS_PER_HOST": "50",
            "WIREWATCH_PAGE_GAP_S": "0",
            desk.SECRET: self._secret,
        }
        # The operator's own settings, a broker say, must not reach the demo's daemon.
        others = {
            name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")
        }
        self._console.print(
            f"The news is on {_url(self._site_socket)}, alerts come below. Ctrl-C ends the demo."
        )
        self._started = time.monotonic()
        with self._log_file.open("wb") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "worker", "run"),
                cwd=Path(worker.__file__).parents[1],
                env=others | own,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C is for us: the daemon is to get SIGTERM, once
            )

    async def _end(
        self, daemon: asyncio.subprocess.Process, ended: asyncio.Task[int]
    ) -> int | None:
        """SIGTERM, and SIGKILL to one that stays; returns its exit code, None for a killed one."""
        if ended.done():
            self._console.print("The daemon ended before it was asked to.", style="red")
        with suppress(ProcessLookupError):
            daemon.terminate()
        if await _first_of(ended, timeout_s=_END_S):
            return ended.result()
        with suppress(ProcessLookupError):
            daemon.kill()
        await ended
        return None

    def _sum_up(self, code: int | None, stop_s: float) -> int:
        outcome = self._outcome()
        run = summary.Run(
            outcome=outcome,
            measured=self._measure(),
            kinds=dict(Counter(one.item.kind for one in self._site.log)),
            articles=self._site.articles,
            verified=len(self._receiver.received),
            rejected=self._receiver.rejected,
            duplicates=self._receiver.duplicates,
            poll_interval_s=_POLL_INTERVAL_S,
            first_alert_s=self._first_alert_s,
            daemon_code=code,
            daemon_stop_s=stop_s,
        )
        self._db.close()
        self._console.print(summary.table(run))
        for what in ("missing", "repeated", "unexpected"):
            for headline in getattr(outcome, what):
                self._console.print(f"{what}: {headline}", style="red", markup=False)
        if not run.right:
            lines = self._log_file.read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
            self._console.print("The last of the daemon's log:", style="bold")
            self._console.print("\n".join(lines), markup=False, highlight=False)
        return 0 if run.right else 1

    def _catch_signals(self) -> None:
        """The first Ctrl-C ends the news and waits for the last alerts; the second does not."""

        def stop() -> None:
            (self._hurry if self._stop.is_set() else self._stop).set()

        for signum in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signum, stop)


def _url(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


async def _serve(app: web.Application, server: socket.socket) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, server).start()
    return runner


async def _first_of(*awaited: Awaitable[Any], timeout_s: float | None = None) -> bool:
    """Wait for the first of `awaited`; false if none came in time.

    Tasks that were given go on; what was started here is cancelled.
    """
    tasks = [asyncio.ensure_future(one) for one in awaited]
    done, waiting = await asyncio.wait(
        tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
    )
    for task in waiting:
        if task not in awaited:
            task.cancel()
    for task in done:
        task.result()  # what went wrong in one is not to be lost
    return bool(done)
