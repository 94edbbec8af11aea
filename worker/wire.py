"""Which news agency a text is credited to, by its byline, dateline or credit line. Pure.

So that «six publishers» can be told from one agency with six customers.
"""

import re
from collections.abc import Sequence

from worker.text import fold

# The sites on which an agency publishes itself.
SITES = {
    "aa.com.tr": "Anadolu", "afp.com": "AFP", "ansa.it": "ANSA", "apnews.com": "AP",
    "bernama.com": "Bernama", "dpa.com": "dpa", "dpa-international.com": "dpa", "efe.com": "EFE",
    "interfax.com": "Interfax", "interfax.ru": "Interfax", "irna.ir": "IRNA", "isna.ir": "ISNA",
    "farsnews.ir": "Fars", "kyodonews.net": "Kyodo", "mehrnews.com": "Mehr",
    "news.cn": "Xinhua", "xinhuanet.com": "Xinhua", "petra.gov.jo": "Petra",
    "ptinews.com": "PTI", "reuters.com": "Reuters", "sana.sy": "SANA", "spa.gov.sa": "SPA",
    "tasnimnews.com": "Tasnim", "tass.com": "TASS", "tass.ru": "TASS", "upi.com": "UPI",
    "wafa.ps": "WAFA", "yna.co.kr": "Yonhap", "chinanews.com": "China News Service",
    "chinanews.com.cn": "China News Service", "wam.ae": "WAM",
}  # fmt: skip
# How agencies are named in credits. Short ones count only as they are written, in capitals.
_NAMES = {
    "AP": ("AP", "Associated Press", "The Associated Press", "أسوشيتد برس", "آسوشیتدپرس"),
    "Reuters": ("Reuters", "REUTER", "رويترز", "رویترز", "Рейтер", "路透社", "Ρόιτερς"),
    "AFP": ("AFP", "Agence France-Presse", "Agence France Presse", "أ ف ب", "فرانس برس",
            "فرانسه پرس", "خبرگزاری فرانسه", "法新社"),
    "dpa": ("dpa", "DPA", "Deutsche Presse-Agentur"),
    "TASS": ("TASS", "ITAR-TASS", "ТАСС", "تاس", "塔斯社"),
    "Interfax": ("Interfax", "Интерфакс"),
    "Xinhua": ("Xinhua", "XINHUA", "新华社", "新华网", "شينخوا", "شینهوا", "Синьхуа"),
    "China News Service": ("中新社", "中新网"),
    "Anadolu": ("Anadolu Agency", "Anadolu Ajansı", "Anadolu", "AA", "الأناضول", "آناتولی"),
    "IRNA": ("IRNA", "ایرنا", "إرنا"),
    "ISNA": ("ISNA", "ایسنا"),
    "Fars": ("FNA", "فارس", "خبرگزاری فارس"),
    "Tasnim": ("Tasnim", "تسنیم"),
    "Mehr": ("MNA", "خبرگزاری مهر"),
    "EFE": ("EFE",), "ANSA": ("ANSA",), "UPI": ("UPI", "United Press International"),
    "PTI": ("PTI", "Press Trust of India"), "Kyodo": ("Kyodo", "Kyodo News", "共同社"),
    "Yonhap": ("Yonhap", "연합뉴스", "韩联社"), "SANA": ("SANA", "سانا"),
    "SPA": ("SPA", "واس"), "WAFA": ("WAFA", "وفا"), "MAP": ("MAP", "و م ع"),
    "Petra": ("Petra", "بترا"), "PA": ("PA Media", "Press Association"),
    "AMNA": ("ΑΠΕ-ΜΠΕ", "AMNA"),
}  # fmt: skip
_NAMED = {name: agency for agency, names in _NAMES.items() for name in names}
_LONGEST_FIRST = "|".join(re.escape(name) for name in sorted(_NAMED, key=len, reverse=True))
_LEAD_CHARS, _END_CHARS, _PLACE_CHARS = 240, 260, 60
# CITY, Jan. 3 (Reuters) - …; MOSCOW, January 3. /TASS/. …; (فارس) – …; 北京1月3日电 after 新华社
_DATELINE = re.compile(
    rf"(?:\A|\n)[^\n]{{0,{_PLACE_CHARS}}}?(?:[(/\[（【]\s*({_LONGEST_FIRST})\s*[)/\]）】]"
    rf"|({_LONGEST_FIRST})\s*[–—:-]\s|({_LONGEST_FIRST})[^\n。]{{0,20}}?日?电)"
)
# (Reporting by … for Reuters), Source: AFP, © 2026 The Associated Press, – dpa/lhe, REUTER
_CREDIT = re.compile(
    rf"(?:©\s*(?:\d{{4}}\s*)?|(?:Source|Quelle|Kaynak|Источник|Πηγή|المصدر|منبع|来源)\s*[:：]\s*"
    rf"|\bby\s|/\s*|[(（]\s*)({_LONGEST_FIRST})(?!\w)"
)
_ALONE = re.compile(rf"(?:\A|\n)\W*({_LONGEST_FIRST})(?:/\w{{2,4}})?\W*\Z")
_REPORTING = re.compile(r"\(Reporting by [^)]{3,200}; [^)]*Editing by [^)]{3,200}\)")
_BY_FOLDED = {fold(name): agency for name, agency in _NAMED.items() if len(name) > 3}


def agency_of(
    text: str, authors: Sequence[str] = (), site_name: str | None = None, site: str = ""
) -> str | None:
    """The agency that an article is by, or None: by its site, byline, dateline or credit line."""
    if site in SITES:
        return SITES[site]
    for name in (*authors, site_name or ""):
        if found := _named(name):
            return found
    if lead := _DATELINE.search(text[:_LEAD_CHARS]):
        return _NAMED[next(filter(None, lead.groups()))]
    end = text[-_END_CHARS:]
    if credit := _ALONE.search(end) or _CREDIT.search(end):
        return _NAMED[credit.group(1)]
    return "Reuters" if _REPORTING.search(end) else None


def _named(author: str) -> str | None:
    """An agency among authors: its name alone, or behind a person's (`Jane Doe, AP`)."""
    for part in re.split(r"[,|/]| - ", author):
        if agency := _NAMED.get(part.strip()) or _BY_FOLDED.get(fold(part)):
            return agency
    return None
