"""Where documents say that they can be pushed."""

import json

import pytest

from worker.parse import parse_feed, parse_tolerant
from worker.records import ParsedFeed

URL = "https://news.test/feeds/world.xml"
HUB, SELF, CLOUD = "https://hub.test/", "https://news.test/feed", "http://cloud.test:5337/notify"
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><link rel="hub" href="HUB"/>'
    '<link rel="self" href="/feed"/><entry><id>1</id><title>A</title>'
    '<link rel="hub" href="https://not-the-feeds.test/"/></entry></feed>'
)
RSS = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>'
    '<atom:link rel="hub" href="HUB"/><atom:link rel="self" href="SELF"/>'
    '<cloud domain="cloud.test" port="5337" path="/notify" registerProcedure="" '
    'protocol="http-post"/><item><title>A</title><link>https://news.test/a</link></item>'
    "</channel></rss>"
)
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "T",
    "feed_url": SELF,
    "hubs": [
        {"type": "rssCloud", "url": CLOUD},
        {"type": "WebSub", "url": HUB},
        {"type": "unheard-of", "url": "https://x.test/"},
        {"type": "WebSub"},
        "nonsense",
    ],
    "items": [{"id": "1", "title": "A"}],
}


def read(document: str) -> ParsedFeed:
    body = document.replace("HUB", HUB).replace("SELF", SELF).encode()
    found = parse_feed(body, url=URL)
    assert isinstance(found, ParsedFeed), found
    return found


@pytest.mark.parametrize(
    ("document", "cloud"), [(ATOM, None), (RSS, CLOUD), (json.dumps(JSON), CLOUD)]
)
def test_hub_self_and_cloud_are_found(document: str, cloud: str | None) -> None:
    found = read(document)
    assert (found.hubs, found.self_url, found.cloud) == ((HUB,), SELF, cloud)


def test_feedparser_finds_the_same() -> None:
    body = RSS.replace("HUB", HUB).replace("SELF", SELF).encode()
    found = parse_tolerant(body, url=URL)
    assert isinstance(found, ParsedFeed)
    assert (found.hubs, found.self_url, found.cloud) == ((HUB,), SELF, CLOUD)


@pytest.mark.parametrize(
    ("attributes", "cloud"),
    [
        (
            'domain="c.test" port="443" path="notify" protocol="http-post"',
            "https://c.test:443/notify",
        ),
        ('domain="c.test" path="/n" protocol="HTTPS-POST"', "https://c.test/n"),
        ('domain="c.test" port="80" path="/RPC2" protocol="xml-rpc"', None),
        ('domain="c.test" port="80" path="/n" protocol="soap"', None),
        ('port="80" path="/n" protocol="http-post"', None),
        ('domain="c.test" port="many" path="/n" protocol="http-post"', None),
        ("", None),
    ],
)
def test_a_cloud_counts_where_plain_http_does(attributes: str, cloud: str | None) -> None:
    before, _, after = RSS.partition("<cloud ")
    found = read(f"{before}<cloud {attributes}/>{after.partition('/>')[2]}")
    assert found.cloud == cloud


def test_of_many_hubs_some_are_kept() -> None:
    links = "".join(f'<link rel="hub" href="https://h{n}.test/"/>' for n in range(50))
    assert len(read(ATOM.replace("<entry>", f"{links}<entry>", 1)).hubs) == 5


def test_hubs_that_are_no_list_are_none() -> None:
    assert read(json.dumps(JSON | {"hubs": "many"})).hubs == ()
