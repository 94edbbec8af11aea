"""What a document tells, as feedparser would say it, before anything is cleaned or bounded."""

from dataclasses import dataclass, field
from datetime import datetime

from worker.errors import Reason

Person = dict[str, str]


class RefusedError(Exception):
    """A document that is not read, and why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class Told:
    """What an entry, a feed or another part of a document says of itself; None: nothing at all.

    `original` is where `link` leads to in the end, where the feed's publisher had the links counted
    by somebody else. `title_type` is the media type of `title`: a plain text, or HTML. `persons`
    are the authors by `name`, `email` and `href`, and `author` the last author in one string.
    """

    __slots__ = (
        "author",
        "contents",
        "created",
        "id",
        "image",
        "language",
        "link",
        "original",
        "persons",
        "published",
        "source",
        "summary",
        "title",
        "title_type",
        "updated",
    )

    def __init__(self) -> None:
        self.id: str | None = None
        self.link: str | None = None
        self.original: str | None = None
        self.title: str | None = None
        self.title_type = "text/plain"
        self.summary: str | None = None
        self.contents: list[str] | None = None
        self.persons: list[Person] | None = None
        self.author: str | None = None
        self.published: datetime | None = None
        self.updated: datetime | None = None
        self.created: datetime | None = None
        self.image: str | None = None
        self.language: str | None = None
        self.source: str | None = None

    @property
    def authors(self) -> list[str]:
        """The authors' names; where none has a name, what there is."""
        names = [person["name"] for person in self.persons or () if person.get("name")]
        return names or ([self.author] if self.author else [])

    @property
    def moments(self) -> tuple[datetime | None, ...]:
        """When it was published, or what may stand in for that: the first that is there counts."""
        return self.published, self.updated, self.created

    @property
    def moment(self) -> datetime | None:
        return self.published or self.updated or self.created


@dataclass(slots=True)
class Reading:
    """A document that was read, by whichever of the parsers: its feed and entries in order.

    `hints` are the texts of elements that tell when to come back, `links` the feed's own as (rel,
    href); `clean`: its texts have no character that XML does not allow.
    """

    feed: Told
    entries: list[Told]
    form: str = ""
    hints: dict[str, list[str]] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    clean: bool = False
    tolerant: bool = False
    notes: list[str] = field(default_factory=list)
