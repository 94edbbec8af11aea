"""wirewatch: watches news feeds and tells people, once per story, and with the reason."""

__version__ = "0.1.0"
