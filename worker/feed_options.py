"""What an operator may say of one feed or site: how it is asked, and how its answers are read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """Options of a feed and of the article pages it leads to; the default is to ask plainly.

    `headers`, `auth` (`user:password`), `cookie` and `proxy` may hold `${NAME}`: secrets are filled
    in only when a request is made, and are sent only to the feed's own site. `encoding` overrides
    what the feed says of itself. Without `full_text` article pages are not fetched; without
    `robots` the site's robots.txt is not asked.
    """

    headers: tuple[tuple[str, str], ...] = ()
    auth: str | None = None
    cookie: str | None = None
    proxy: str | None = None
    user_agent: str | None = None
    verify_tls: bool = True
    encoding: str | None = None
    full_text: bool = True
    robots: bool = True

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the default, for the store."""
        return {key: value for key, value in asdict(self).items() if value != _DEFAULTS[key]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "FeedOptions":
        """What `as_json` gave; keys of other versions are passed over."""
        if not stored:
            return PLAIN
        known = {key: value for key, value in stored.items() if key in _DEFAULTS}
        if "headers" in known:
            known["headers"] = tuple((str(n), str(v)) for n, v in known["headers"])
        return cls(**known)

    @property
    def is_secret(self) -> bool:
        """Whether the site is told something that is meant for nobody else."""
        return bool(self.headers or self.auth or self.cookie)

    def for_another_site(self) -> "FeedOptions":
        """These options without what is meant for one site only."""
        return replace(self, headers=(), auth=None, cookie=None) if self.is_secret else self

    def secret_texts(self) -> tuple[str, ...]:
        """Every text that may hold `${NAME}`."""
        told = (self.auth, self.cookie, self.proxy, *(value for _, value in self.headers))
        return tuple(text for text in told if text)


PLAIN = FeedOptions()
_DEFAULTS = {field.name: field.default for field in fields(FeedOptions)}
