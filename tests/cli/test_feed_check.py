"""`feeds check` tells all that was seen at a URL; `feeds add` finds a site's feed."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.cli.conftest import Command
from tests.site import Site, page, rss


def items(*titles: str) -> list[dict[str, str]]:
    return [{"title": t, "guid": f"tag:{t}", "link": f"http://a.test/{t}?utm_x=1"} for t in titles]


def with_links(*links: tuple[str, str]) -> str:
    named = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'
        for href, title in links
    )
    return page("A site").replace("<head>", f"<head>{named}")


def test_all_that_was_seen_of_a_feed_is_told(command: Command, site: Site) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(days=2), usegmt=True)
    dated, undated, future = items("one", "two", "three")
    dated["pubDate"] = "Sun, 01 Mar 2026 12:00:00 GMT"
    future["pubDate"] = soon
    site.put_feed("/feed", [dated, undated, future], etag='W/"1"', cache_control="max-age=600")
    site.put("/old", status=301, location="/feed")
    told = command.json("feeds", "check", site.url("/old"))
    assert told["status"] == 200
    assert told["redirects"] == [{"status": 301, "to": site.url("/feed")}]
    assert told["moved_to"] == told["url"] == site.url("/feed")
    assert (told["etag"], told["last_modified"]) == ('W/"1"', None)
    assert told["validators_honoured"] is True
    assert told["fresh_s"] == 600
    assert told["parser"] in ("fast", "tolerant")
    assert (told["count"], told["would_store"], told["dated"]) == (3, 3, 2)
    assert told["watched"] is None
    first, second, third = told["entries"]
    assert (first["identity"], first["fetched"]) == (
        "https://a.test/one",
        "http://a.test/one?utm_x=1",
    )
    assert first["date"] == "as given"
    assert second["date"].startswith("absent")
    assert third["date"].startswith("in the future")
    assert command.json("feeds", "list") == []


def test_a_person_reads_the_same(command: Command, site: Site) -> None:
    site.put_feed("/feed", items("one"), etag='"1"')
    code, out, _ = command("feeds", "check", site.url("/feed"))
    assert code == 0
    for told in ("status  200", '"1"', "validators_honoured  yes", "count  1", "watched  no"):
        assert told in out, told


def test_a_server_that_ignores_its_own_validators_is_found_out(
    command: Command, site: Site
) -> None:
    async def forgetful(request: object) -> object:
        from aiohttp import web

        return web.Response(text=rss(items("one")), headers={"Last-Modified": "yesterday"})

    url = site.at("/feed", forgetful)  # type: ignore[arg-type]
    assert command.json("feeds", "check", url)["validators_honoured"] is False


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/missing", "not-found"), ("/page", "not-a-feed"), ("/broken", "malformed-feed")],
)
def test_what_is_no_feed_is_named_and_exits_with_1(
    command: Command, site: Site, path: str, reason: str
) -> None:
    site.put("/page", page("Hi"))
    site.put("/broken", "<rss", kind="text/xml")
    code, out, _ = command("feeds", "check", site.url(path))
    assert (code, reason in out) == (1, True)
    assert command.json("feeds", "check", site.url(path))["reason"] == reason


def test_troubles_of_a_watched_feed_are_counted(command: Command, site: Site) -> None:
    from tests.cli.test_commands import work

    url = site.put("/feed", "go away", status=403)
    command.fleet.write_config([url], site.url("/hook"))
    work(command)
    watched = command.json("feeds", "check", url)["watched"]
    assert (watched["polls"], watched["failures"]) == (1, 1)
    assert [(t["reason"], t["count"]) for t in watched["troubles"]] == [("access-denied", 1)]
    _, out, _ = command("feeds", "check", url)
    assert "access-denied  1 times since" in out


# ---- a site in place of a feed


def test_a_site_s_only_feed_is_added(command: Command, site: Site) -> None:
    feed = site.put_feed("/news.xml", items("one"))
    front = site.put("/", with_links(("/news.xml", "News")))
    code, out, _ = command("feeds", "add", front)
    assert (code, f"Watching {feed}" in out) == (0, True)
    assert [row["url"] for row in command.json("feeds", "list")] == [feed]


def test_a_site_s_several_feeds_are_listed_and_none_is_added(command: Command, site: Site) -> None:
    front = site.put("/", with_links(("/news.xml", "News"), ("/sport.xml", "Sport")))
    code, _, err = command("feeds", "add", front)
    assert code == 1
    assert site.url("/news.xml") in err
    assert "Sport" in err
    assert command.json("feeds", "list") == []


def test_a_site_that_names_no_feed_is_tried_at_the_usual_places(
    command: Command, site: Site
) -> None:
    feed = site.put_feed("/rss.xml", items("one"))
    front = site.put("/", page("Nothing named here"))
    code, out, _ = command("feeds", "add", front)
    assert (code, f"Watching {feed}" in out) == (0, True)


def test_a_site_without_a_feed_is_refused_with_a_way_on(command: Command, site: Site) -> None:
    code, _, err = command("feeds", "add", site.put("/", page("No feeds")))
    assert (code, "not-a-feed" in err, "--no-look" in err) == (1, True, True)


def test_a_feed_that_is_down_is_watched_if_one_insists(command: Command, site: Site) -> None:
    url = site.put("/feed", "down", status=503)
    code, _, err = command("feeds", "add", url)
    assert (code, "server-error" in err) == (1, True)
    assert command("feeds", "add", url, "--no-look")[0] == 0
    assert [row["url"] for row in command.json("feeds", "list")] == [url]
