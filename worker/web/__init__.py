"""The door for HTTP: what hubs and programs may ask of wirewatch."""

from worker.web.door import Door
from worker.web.server import build_web

__all__ = ["Door", "build_web"]
