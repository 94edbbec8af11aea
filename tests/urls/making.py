"""Addresses of every odd shape, for laws that must hold of all."""

from hypothesis import strategies as st

HOSTS = st.one_of(
    st.sampled_from(
        [
            *("a.org", "A.org", "www.a.org", "m.a.org", "m.www.amp.a.org", "en.m.wikipedia.org"),
            *("пример.рф", "127.0.0.1", "[::1]", "demo", "a.org.", "www.google.com"),
            *("news.google.com", "www-a-org.cdn.ampproject.org", "x.feedsportal.com"),
            "u:p@a.org",
        ]
    ),
    st.from_regex(
        r"((www|m|amp|mobile)\.){0,4}[a-z]{1,5}(\.com|\.co\.uk|\.github\.io)?", fullmatch=True
    ),
)
STEPS = st.one_of(
    st.sampled_from(
        [
            *("amp", "x.amp", "x.amp.html", "index.html", "Index.PHP", ".", "..", "%2e%2E", ""),
            *("(S(abc))", ";jsessionid=1", "2026", "story-one-two", "c", "s", "a.org", "url", "r"),
            *("%7e", "%C3%a9", "é", "%2f", "0L0Sa0Borg", "http:", "https%3A"),
        ]
    ),
    st.text(max_size=6),
)
PARAMETERS = st.one_of(
    st.sampled_from(
        [
            *("a=1", "b", "b=", "amp", "amp;x=1", "&amp;amp;z=1", "utm_source=x", "id=7", "", "="),
            *("ref=rss", "q=a+b", "q=a%20b", "output=amp", "%26=1", "a%3Db=1", "amp%3Bx=1"),
            *("url=http://b.org/x", "url=https%3A%2F%2Fb.org%2F%3Fu%3Dhttp%3A%2F%2Fc.org%2F"),
        ]
    ),
    st.text(max_size=6),
)
FRAGMENTS = st.one_of(
    st.sampled_from(["", "#", "#!a", "#/b", "#xtor=RSS-1", "#/utm_source=x", "#c d"]),
    st.text(max_size=6).map("#{}".format),
)
ADDRESSES = st.builds(
    lambda scheme, host, port, steps, query, fragment: (
        f"{scheme}://{host}{port}/{'/'.join(steps)}{query}{fragment}"
    ),
    st.sampled_from(["http", "https", "HTTP"]),
    HOSTS,
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    st.lists(STEPS, max_size=5),
    st.one_of(st.just(""), st.lists(PARAMETERS, max_size=5).map(lambda p: "?" + "&".join(p))),
    FRAGMENTS,
)
