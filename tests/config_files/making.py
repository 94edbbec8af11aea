"""A configuration folder in which all is well, to be spoilt by one small change at a time."""

from base64 import b64encode
from pathlib import Path

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
ENVIRON = {"DESK_SECRET": SECRET, "HOOK_HOST": "hooks.example.org"}

FEEDS = """\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>Feeds</title></head>
  <body>
    <outline text="Arabic">
      <outline type="rss" text="One" xmlUrl="https://one.example/feed" htmlUrl="https://one.example/"/>
      <outline type="rss" title="Two" xmlUrl="https://two.example/rss?a=1&amp;b=2"/>
    </outline>
    <outline type="rss" text="Three" xmlUrl="http://three.example/atom.xml"/>
  </body>
</opml>
"""

CHANNELS = """\
channels:
  - name: desk
    kind: log
  - name: hook
    kind: webhook
    url: https://${HOOK_HOST}/wirewatch
    secret: ${DESK_SECRET}
"""

TOPICS = """\
topics:
  - name: syria
    title: Syria
    channels: [desk, hook]
    query: |
      (Syria OR سوريا)
      AND
      (talks OR truce)
  - name: iran
    title: Iran
    channels: []
    query: Iran AND talks
"""

FILES = {"feeds.opml": FEEDS, "channels.yml": CHANNELS, "topics.yml": TOPICS}


OPTIONS = """\
feeds:
  - feed: https://one.example/feed
    headers:
      X-Key: ${FEED_KEY}
      Accept-Language: ar
    auth: desk:${FEED_PASSWORD}
    cookie: session=${FEED_KEY}
    proxy: http://desk:${FEED_PASSWORD}@proxy.example:3128
    user_agent: wirewatch/0.1 (desk@example.org)
    verify_tls: off
    encoding: windows-1256
  - site: example.org
    full_text: off
    robots: no
"""
FEED_ENVIRON = {"FEED_KEY": "k3y", "FEED_PASSWORD": "p@ss/word", "EMPTY": "", "BROKEN": "a\nb"}


def write(folder: Path, options: str | None = None, **changed: str) -> Path:
    """Write the three files; `feeds`, `channels` or `topics` replaces one of them.

    feeds.yml may be missing, and is where `options` are not given.
    """
    folder.mkdir(exist_ok=True)
    if options is not None:
        (folder / "feeds.yml").write_text(options, "utf-8")
    for name, text in FILES.items():
        text = changed.get(name.partition(".")[0], text)
        (folder / name).write_text(text, "utf-8")
    return folder
