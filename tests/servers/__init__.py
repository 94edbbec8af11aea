"""Real servers for tests: started here, on free ports, gone when the tests are."""

from tests.servers._process import ServerError
from tests.servers.postgres import Postgres, PostgresServer
from tests.servers.redis import RedisServer

__all__ = ["Postgres", "PostgresServer", "RedisServer", "ServerError"]
