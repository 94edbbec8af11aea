"""Web addresses: what is one, which of them are one article, whose they are, what they wrap."""

from worker.urls.address import MAX_URL, absolute_url, host_of, number_of, problem_of
from worker.urls.canonical import canonical_url, canonical_urls
from worker.urls.sites import same_site, site_of
from worker.urls.wrappers import is_unresolved, unwrapped

__all__ = [
    "MAX_URL",
    "absolute_url",
    "canonical_url",
    "canonical_urls",
    "host_of",
    "is_unresolved",
    "number_of",
    "problem_of",
    "same_site",
    "site_of",
    "unwrapped",
]
