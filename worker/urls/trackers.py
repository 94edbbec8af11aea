"""Query parameters that say where a reader came from, and never which page is meant.

A name is listed only where it has no other use: dropping a parameter that selects content would
make two articles one, and swallow the second. Names with other uses (ref, source, from …) go only
with values that say «came from there».
"""

import re

# Never dropped, whatever they hold.
_SELECT = frozenset(
    {
        "id", "p", "page", "q", "query", "s", "search", "t", "tag", "title", "topic", "name", "k",
        "key", "keyword", "v", "story", "storyid", "article", "articleid", "aid", "nid", "item",
    }
)  # fmt: skip
# Families by how their names begin: analytics, advertising and mailing services.
_FAMILIES = (
    "__cf_chl", "__hs", "_bta_", "_hs", "aspsession", "at_", "bsft_", "cx_", "fb_action",
    "fb_source", "ftcamp", "ga_", "gaa_", "gad_", "gclid", "guce_", "hmb_", "hsa_", "hubs_",
    "itm_", "matomo_", "mkt_", "ml_subscriber", "mtm_", "ns_", "oly_", "piano_", "piwik_", "rss_",
    "s_kwcid", "sfmc_", "share_", "soc_", "trk_", "utm_", "vero_", "wt.", "wt_", "yptr",
)  # fmt: skip
_NAMES = (
    # clicks, as advertisers and networks number them
    "dclid", "dicbo", "epik", "fb_ref", "fbclid", "gbraid", "gclsrc", "igsh", "igshid",
    "irclickid", "li_fat_id", "mc_cid", "mc_eid", "mc_tc", "mibextid", "msclkid", "oborigurl",
    "obref", "rb_clickid", "rdt_cid", "ref_src", "ref_url", "s_cid", "srsltid", "tblci", "ttclid",
    "twclid", "wbraid", "wickedid", "yclid", "ysclid", "_ga", "_gl", "_openstat",
    "__twitter_impression",
    # campaigns and shares, as publishers' own analytics name them
    "cmp", "cmpid", "cndid", "dgcid", "echobox", "ecid", "emci", "emdi", "esrc", "feedname",
    "feedtype",
    "from_rss", "fromrss", "ftag", "gift", "giftcopy", "guccounter", "icid", "ico", "intcid",
    "intcmp", "int_campaign", "int_cid", "int_content", "int_medium", "int_source",
    "isappinstalled", "ito", "maca", "mbid", "mbp", "mwrsm", "ncid", "ocid", "pk_campaign",
    "pk_content", "pk_keyword", "pk_kwd", "pk_medium", "pk_source", "pk_vid", "postshare",
    "rssfeed", "sc_campaign", "sc_channel", "sc_cid", "sc_content", "sc_country", "sc_geo",
    "sc_lid", "sc_llid", "sc_outcome", "sc_publisher", "sc_src", "sc_uid", "scm", "share",
    "shared", "shareid", "sharetype", "smid", "smprod", "smtyp", "smvar", "socialshare", "spm",
    "sref", "srnd", "taid", "traffic_source", "tracking_id", "trackingid", "trk", "trkid", "tsrc",
    "unlocked_article_code", "utm", "vgo_ee", "wpisrc", "wpmk", "wpmm", "wprov", "wprss", "xtor",
    "xtref",
    # sessions, and what only keeps caches off
    "cachebuster", "cfid", "cftoken", "jsessionid", "nocache", "oscsid", "phpsessid", "zenid",
)  # fmt: skip
_TRACKER = re.compile(
    rf"(?:{'|'.join(map(re.escape, _FAMILIES))}).*|(?:{'|'.join(map(re.escape, _NAMES))})"
    r"|sf\d{6,}",  # Sprout Social numbers its posts so
    re.S,
)
_CAME_FROM = re.compile(
    r"(?:feeds?|atom|twitter|tw|facebook|fb|instagram|ig|linkedin|reddit|telegram|whatsapp"
    r"|pinterest|youtube_gdata|youtu\.be|e-?mail|newsletter|social|social-?media|shar(?:e|ed|ing)"
    r"|google_?news|gnews|google|bing|yahoo|flipboard|smartnews|newsbreak|apple_?news|upday"
    r"|pocket|feedly|feedburner|newsfeed|push|webpush|syndication|home(?:page)?|front(?:page)?"
    r"|hp)(?:[-_.:|].*)?",
    re.I | re.S,
)
_SESSION = re.compile(r"[0-9a-z-]{16,}", re.I)
# Names that select content on some sites: they go only with a value that shows what they are.
_WITH_VALUE = {
    **dict.fromkeys(
        (
            "_location", "campaign", "emc", "feature", "from", "medium", "mod", "origin",
            "partner", "ref", "refer", "referer", "referral", "referrer", "soc", "source", "src",
            "via",
        ),
        _CAME_FROM,
    ),
    **dict.fromkeys(("sessionid", "session_id"), _SESSION),
    **dict.fromkeys(("cvid", "sid"), re.compile(r"[0-9a-f]{32}", re.I)),
    "_r": re.compile(r"\d"),
    "rss": re.compile(r"|1|true|yes"),
}  # fmt: skip
# A value that speaks of RSS says where from under any name: wt_mc=rss.news, partner=rss.
_SAYS_RSS = re.compile(r"(?:.*[^a-z])?rss2?(?:[^a-z].*)?", re.I | re.S)


def is_tracker(name: str, value: str) -> bool:
    """Whether the query parameter `name=value` says nothing of which page is meant."""
    name = name.lower()
    if name in _SELECT:
        return False
    if _TRACKER.fullmatch(name):
        return True
    shows = _WITH_VALUE.get(name)
    if shows is not None and shows.fullmatch(value):
        return True
    return "rss" in value.lower() and bool(_SAYS_RSS.fullmatch(value))
