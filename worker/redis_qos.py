"""A repair of kombu's Redis transport (kombu 5.6 and 5.7): a lost connection leaked prefetch slots.

kombu's `QoS.ack` removes a message from Redis before it frees the message's prefetch slot. If Redis
dies at that moment the slot is never freed; once all slots have leaked, the worker stays connected,
looks healthy, and never consumes again (celery issues 8030, 8091, 10205; kombu 2007, 2492). Here
the slot is freed whatever Redis says, and the error still travels on. kombu is pinned for this;
`tests/test_redis_loss.py` kills Redis with every slot busy, and tells when this can go.
"""

from typing import Any

from kombu.transport import redis


class SlotFreeingQoS(redis.QoS):
    """Redis QoS whose `ack` and `reject` free the prefetch slot even when Redis is gone."""

    def ack(self, delivery_tag: Any) -> None:
        try:
            super().ack(delivery_tag)
        except BaseException:
            self._quick_ack(delivery_tag)  # type: ignore[attr-defined]
            raise

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue=requeue)
        except BaseException:
            self._quick_ack(delivery_tag)  # type: ignore[attr-defined]
            raise


def install() -> None:
    """Let every Redis channel of this process use the repaired class; harmless when repeated."""
    redis.Channel.QoS = SlotFreeingQoS
