"""The watch over the daemon, on a real store: what it sees, tells once, and settles."""

import json
from datetime import timedelta

from sqlmodel import SQLModel

from tests.pipeline.conftest import SECRET, Desk
from tests.site import rss
from worker import configure, ops, runtime, store
from worker.records import ChannelSpec, Configuration, FeedSpec


def watch(desk: Desk, *urls: str) -> None:
    hook = {"url": desk.site.put("/hook"), "secret": SECRET}
    wanted = Configuration(
        [FeedSpec(url) for url in urls], [], [ChannelSpec(store.OPS_CHANNEL, "webhook", hook)]
    )
    desk.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))


def look(desk: Desk, *, silence: bool = True) -> None:
    ops.look_after(desk.tools, runtime.clock(), silence=silence)


def messages(desk: Desk) -> list[str]:
    return [json.loads(row["body"])["matter"] for row in desk.rows("alert") if row["kind"] == "ops"]


def standing(desk: Desk) -> list[str]:
    return list(desk.tools.db.read(store.notices))


def have_come_apart(desk: Desk, gap: timedelta, silent: timedelta) -> None:
    """As if each article had come in a poll of its own, the last of them a while ago."""
    sighting, now = SQLModel.metadata.tables["sighting"], runtime.clock()
    for number, row in enumerate(desk.rows("sighting")):
        aged = sighting.update().where(sighting.c.id == row["id"])
        aged = aged.values(seen_at=now - silent - number * gap)
        desk.tools.db.write(lambda db, aged=aged: db.execute(aged))  # type: ignore[misc]


def test_the_error_share_is_that_of_the_polls_of_the_last_hour(desk: Desk) -> None:
    good = desk.site.put("/good", rss([]), kind="application/rss+xml")
    bad = [desk.site.put(f"/bad{n}", status=404) for n in range(12)]
    watch(desk, good, *bad)
    for _ in range(2):
        desk.poll()
    look(desk)
    assert messages(desk) == ["poll-errors"]
    notice = desk.tools.db.read(store.notices)["poll-errors"]
    assert notice.text.startswith("Of the 26 polls of the last hour 24 failed (92%), for not-found")
    look(desk)
    assert messages(desk) == ["poll-errors"], "once"
    later = runtime.clock() + timedelta(hours=1, minutes=1)
    ops.look_after(desk.tools, later, silence=False)
    assert standing(desk) == []
    desk.tools.db.write(lambda db: store.forget_polls(db, later + timedelta(hours=2)))
    assert desk.rows("poll_tally") == []


def test_a_feed_that_is_gone_is_told_until_it_is_watched_no_more(desk: Desk) -> None:
    watch(desk, desk.site.put("/feed", status=410))
    desk.poll()
    look(desk)
    look(desk)
    assert messages(desk) == ["feed-gone:1"]
    desk.deliver()
    (received,) = desk.hooks()
    assert json.loads(received.body)["title"] == "A feed is gone"
    watch(desk)
    look(desk)
    assert standing(desk) == []


def test_a_feed_that_has_fallen_silent_is_told_and_well_with_its_next_article(desk: Desk) -> None:
    items = [{"title": f"Article {n}", "guid": f"g{n}"} for n in range(15)]
    watch(desk, desk.site.put("/feed", rss(items), kind="application/rss+xml"))
    desk.poll()
    look(desk)
    assert standing(desk) == [], "all of it came at once: too little is known"
    have_come_apart(desk, timedelta(hours=1), silent=timedelta(days=1))
    look(desk, silence=False)
    assert standing(desk) == [], "nobody has looked"
    look(desk)
    assert messages(desk) == ["feed-quiet:1"]
    items.append({"title": "At last", "guid": "new"})
    desk.site.put("/feed", rss(items), kind="application/rss+xml")
    desk.poll()
    look(desk)
    assert standing(desk) == []
