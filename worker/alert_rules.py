"""The rules of a channel and of a topic as the store keeps them, and what follows of the two. Pure.

The store keeps only what a file says. Filters of both apply; of manners a topic's own word wins,
and `null` is a word: none.
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from worker.alert_times import read_digest, read_quiet
from worker.records import AlertRules, ChannelRules, Filters, Manners, QuietHours, TopicRow


def rules_for(channel: ChannelRules, topic: TopicRow) -> AlertRules:
    """What holds for a topic's alerts to a channel."""
    spec = topic.spec
    return combined(channel.name, channel.rules, spec.name, spec.alerting, urgent=spec.urgent)


def combined(
    channel: str,
    channel_rules: Mapping[str, Any],
    topic: str,
    topic_rules: Mapping[str, Any],
    *,
    urgent: bool,
) -> AlertRules:
    """What follows of the rules of the channel and the topic of these names."""
    return AlertRules(
        filters=(
            _filters(f"channel {channel}", channel_rules),
            _filters(f"topic {topic}", topic_rules),
        ),
        manners=_manners({**channel_rules, **topic_rules}, urgent=urgent),
        own_limit="at_most" in topic_rules,
    )


def _filters(whose: str, rules: Mapping[str, Any]) -> Filters:
    max_age_s = rules.get("max_age_s")
    if "max_age_s" in rules and max_age_s is None:
        max_age_s = math.inf
    return Filters(
        whose=whose,
        min_score=rules.get("min_score"),
        languages=tuple(rules.get("languages", ())),
        allow=tuple(rules.get("allow", ())),
        deny=tuple(rules.get("deny", ())),
        max_age_s=max_age_s,
    )


def _manners(rules: Mapping[str, Any], *, urgent: bool) -> Manners:
    digest = rules.get("digest")
    return Manners(
        quiet=tuple(_quiet(told) for told in rules.get("quiet") or ()),
        digest=read_digest(digest) if digest else None,
        at_most=rules.get("at_most"),
        escalate=tuple(rules.get("escalate") or ()),
        on=frozenset(rules.get("on") or ()),
        urgent=urgent,
    )


@cache
def _quiet(told: str) -> QuietHours:
    return read_quiet(told)
