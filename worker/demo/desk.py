"""The demo's configuration folder: the site's feeds, the shipped topics, one channel."""

from pathlib import Path

import yaml

from worker.demo import pages
from worker.errors import ConfigError

SECRET = "WIREWATCH_DEMO_SECRET"
SHIPPED = Path(__file__).parents[2] / "config" / "topics.yml"
_CHANNEL = "desk"


def write_config(folder: Path, site_url: str, hook_url: str, shipped: Path = SHIPPED) -> str:
    """Write feeds.opml, topics.yml and channels.yml; returns the name of the topic to judge by.

    The shipped topics keep their queries and alert the channel `desk`, which is the receiver.
    """
    folder.mkdir()
    found = yaml.safe_load(shipped.read_text("utf-8")) if shipped.is_file() else None
    topics = found.get("topics") if isinstance(found, dict) else None
    if not topics:
        raise ConfigError(shipped, "there are no topics to show", "Restore the shipped file.")
    chosen = next((one for one in topics if "syria" in str(one).lower()), topics[0])
    channel = {
        "name": _CHANNEL,
        "kind": "webhook",
        "url": hook_url,
        "secret": f"${{{SECRET}}}",
    }
    alerting = [topic | {"channels": [_CHANNEL]} for topic in topics]
    (folder / "feeds.opml").write_text(pages.opml(site_url), "utf-8")
    (folder / "topics.yml").write_text(_yaml({"topics": alerting}), "utf-8")
    (folder / "channels.yml").write_text(_yaml({"channels": [channel]}), "utf-8")
    return str(chosen["name"])


def _yaml(document: object) -> str:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
