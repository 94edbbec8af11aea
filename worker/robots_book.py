"""stub"""

from typing import Any

from worker.records import Failed, FetchRequest


class RobotsBook:
    def __init__(self, web: Any, db: Any) -> None:
        pass

    async def refusal(self, request: FetchRequest) -> Failed | None:
        return None
