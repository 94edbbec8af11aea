"""stub"""


def news_sitemaps(robots_txt: str, base: str) -> list[str]:
    return []
