"""The demo's configuration folder: the site's feeds, the shipped topics, one channel."""

from pathlib import Path

import yaml

from worker.demo import pages
from worker.errors import ConfigError

SECRET = "WIREWATCH_DEMO_SECRET"
_SHIPPED = Path(__file__).parents[2] / "config" / "topics.yml"
_CHANNEL = "desk"


def write_config(folder: Path, site_url: str, hook_url: str) -> str:
    """Write feeds.opml, topics.yml and channels.yml; returns the name of the topic to judge by.

    The shipped topics keep their queries and alert the channel `desk`, which is the receiver.
    """
    folder.mkdir()
    shipped = yaml.safe_load(_SHIPPED.read_text()) if _SHIPPED.is_file() else None
    topics = shipped.get("topics") if isinstance(shipped, dict) else None
    if not topics:
        raise ConfigError(_SHIPPED, "there are no topics to show", "Restore the shipped file.")
    chosen = next((one for one in topics if "syria" in str(one["query"]).lower()), topics[0])
    channel = {
        "name": _CHANNEL,
        "kind": "webhook",
        "url": hook_url,
        "secret": f"${{{SECRET}}}",
    }
    (folder / "feeds.opml").write_text(pages.opml(site_url))
    (folder / "topics.yml").write_text(
        yaml.safe_dump({"topics": [one | {"channels": [_CHANNEL]} for one in topics]})
    )
    (folder / "channels.yml").write_text(yaml.safe_dump({"channels": [channel]}))
    return str(chosen["name"])
