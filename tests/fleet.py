"""wirewatch's own processes, as a stack runs them, for tests that kill and stop them."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from worker import __file__ as package

ROOT = Path(package).parent.parent


@dataclass
class Fleet:
    """Processes over one database and broker; `close` ends whatever still runs.

    `module` is what `python -m` runs as `wirewatch`.
    """

    database_url: str
    broker_url: str
    folder: Path
    knobs: dict[str, str] = field(default_factory=dict)
    module: str = "worker"
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environ(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("WIREWATCH_")}
        return inherited | {
            "WIREWATCH_DATABASE_URL": self.database_url,
            "WIREWATCH_BROKER_URL": self.broker_url,
            "WIREWATCH_CONFIG_DIR": str(self.folder / "config"),
            "WIREWATCH_ALLOW_NETWORKS": "127.0.0.0/8",
            "WIREWATCH_TICK_S": "0.2",
            # All of a test's sites are one host, which is asked without manners.
            "WIREWATCH_CONNECTIONS_PER_HOST": "100",
            "WIREWATCH_PAGE_GAP_S": "0",
            "WIREWATCH_HOST_POLL_GAP_S": "0",
            **self.knobs,
        }

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Run `wirewatch` with these arguments; its log goes to a file named after them."""
        name = f"{'-'.join(arguments).replace('/', '_')}.{len(self._running)}.log"
        with (self.folder / name).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                cwd=ROOT,
                env=self.environ(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL for a process and its children, as when a machine dies."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """SIGTERM for all, and wait for their ends."""
        running = [process for process in self._running if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(20)

    def log(self) -> str:
        return "\n".join(
            f"== {file.name}\n{file.read_text(errors='replace')}"
            for file in sorted(self.folder.glob("*.log"))
        )

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                self.kill(process)

    def write_config(self, feeds: list[str], hook: str, query: str = "syria") -> None:
        """Configuration files for these feeds, and one topic that alerts a webhook."""
        folder = self.folder / "config"
        folder.mkdir(exist_ok=True)
        outlines = "".join(f'<outline type="rss" text="f" xmlUrl="{url}"/>' for url in feeds)
        (folder / "feeds.opml").write_text(
            f'<opml version="2.0"><head/><body>{outlines}</body></opml>'
        )
        (folder / "topics.yml").write_text(
            "topics:\n  - name: syria\n    title: Syria\n"
            f"    query: {query}\n    channels: [desk]\n"
        )
        (folder / "channels.yml").write_text(
            "channels:\n  - name: desk\n    kind: webhook\n"
            f"    url: {hook}\n    secret: ${{FLEET_SECRET}}\n"
        )
        self.knobs["FLEET_SECRET"] = "whsec_" + "c2VjcmV0" * 4
