"""A clock that runs faster than real time, and the same in every process and in Postgres."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import make_url, text

from worker.store import Database

VARIABLE = "BENCH_CLOCK"


@dataclass(frozen=True, slots=True)
class Clock:
    """At the real moment `real_at` it is `began_at`, and from then on time passes `speed` times as
    fast; both in seconds since the epoch.
    """

    began_at: float
    real_at: float
    speed: float

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Clock":
        """What `as_environ` gave."""
        began_at, real_at, speed = map(float, environ[VARIABLE].split(","))
        return cls(began_at, real_at, speed)

    def as_environ(self) -> dict[str, str]:
        """For child processes."""
        return {VARIABLE: f"{self.began_at!r},{self.real_at!r},{self.speed!r}"}

    def at(self, real: float) -> float:
        """What time it is at a real moment."""
        return self.began_at + (real - self.real_at) * self.speed

    def real(self, at: float) -> float:
        """The real moment at which it will be `at`."""
        return self.real_at + (at - self.began_at) / self.speed

    def time(self) -> float:
        return self.at(time.time())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def set_database(self, db: Database) -> None:
        """Let connections that are made from now on, of whatever process, see this clock.

        Names of functions are looked for in pg_catalog first, unless the path says otherwise.
        """
        name = make_url(db.url).database
        real = "extract(epoch FROM pg_catalog.clock_timestamp())::float8"
        db.write(
            lambda c: c.execute(
                text(
                    "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz "
                    "LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.to_timestamp("
                    f"{self.began_at!r} + ({real} - {self.real_at!r}) * {self.speed!r}) $$; "
                    f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog'
                )
            )
        )
