"""Words that Arabic and Persian write together with the one before or behind.

Arabic joins and, so, in, as, for and the article to the next word: wa-, fa-, bi-, ka-, li-, al-.
Persian joins plurals and pronouns to the word before, with a zero-width non-joiner between. A term
is looked for with and without them; the stem must keep three letters, and a word that only looks
as if it began so (wazir, a minister, is not wa-zir) is left alone.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from worker.text import words
from worker.topics.tokens import tokens_of

_MIN_STEM = 3
_AND, _BEFORE, _THE = "وف", "بکل", "ال"

# Common words that begin with the letter of a clitic and are whole, though their rest is a word
# too, or looks like one: not exhaustive, but what is frequent in news.
_WHOLE = """
كان كانت كانا كانوا كاتب كارثة كافة كافية كامل كاملا كاملة كابل كبير كبيرة كتاب كتابة كتلة كثير
كثيرة كرة كريم كرسي كفاءة كلام كلمة كلمات كلية كليات كلها كلما كمال كمية كميات كنيسة كنائس
كهرباء كوابل كوكب كيان كيري بابل باب بادر باحث باخرة بارز بارع باريس بازار باقي بالغ بالغة بائع
بحار بحث بحر بحرية بدأت بداية بدعة بديل بديلا برامج برلمان برنامج بريد بريطانيا بركة بشار بشرى
بشرية بشير بصرة بصمة بطارية بطاقة بطالة بطولة بعثة بعدا بعض بعيد بعيدا بعيدة بغداد بقاء بقية
بكين بلاد بلادنا بلدان بلدة بلدية بليغ بنان بناء بناية بنما بنود بنوك بنية بوابة بوتين بورصة
بوليس بيئة بيان بيانات بيروت بيضاء فاتح فارس فاعل فائدة فائز فترة فتاة فتاوى فجأة فحوص فرات فرصة
فرقة فرنسا فريق فساد فصائل فصيل فضاء فضيحة فعال فعالة فعلي فعليا فقرات فقرة فقير فكرة فلاح
فلسطين فلسفة فندق فنان فنون فوائد فوارق فورا فورد فوضى فيروس فيلم لاجئ لاجئين لباس لبنان لجان
لجنة لحظة لحوم لدينا لديه لديها لذيذ لسان لسنا لصوص لغات لغة لقاء لقاءات لقاح لقطة لماذا لندن
لوائح لواء لوحة ليبيا ليلى لياقة واثق واجب واجبات واجه واجهة واحة واحد واحدة وادي وارد واسع
واسعة واشنطن واضح واضحة واعد وافق وافقت واقع واقعة والد والدة والدي وتيرة وثائق وثيقة وجبة وجود
وجوه وحدات وحدة وحده وحيد ورشة ورقة وزارة وزارات وزراء وزير وزيرة وسائل وسام وساطة وسط وسيط
وسيلة وصاية وصول وصية وضوح وطأة وطني وطنية وظائف وظيفة وعود وفاء وفاة وفاق وفود وفير وقاية وقائع
وقتا وقود وقوع وقوف وكالة وكالات وكيل ولاء ولادة ولاية ولايات وليد وليمة
"""
_WHOLE_WORDS = frozenset(words(_WHOLE).folded)

_ARABIC_LETTER = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_FREQUENT = "\u0627\u0644\u0648"  # alef, lam, waw: no sentence is without them
_ONLY_ARABIC = re.compile("[\u0629\u0643\u0649\u064a\u0623\u0625]")
_NOT_ARABIC = re.compile(
    "[\u067e\u0686\u0698\u06a9\u06af\u06cc\u06c1\u06d2\u06ba\u0688\u0679\u0691]"
)
_ENOUGH_WORDS, _ARTICLE_SHARE = 25, 0.08

_JOINER = "\u200c"
_PERSIAN_ENDINGS = frozenset(
    words(
        "ها های هایی هایم هایت هایش هایمان هایتان هایشان ای ی ام ات اش مان تان شان اند ایم"
    ).folded
)


def is_arabic(texts: Sequence[str], folded: Sequence[str]) -> bool:
    """Whether texts are Arabic, rather than another language in Arabic letters.

    A quarter of Arabic's words begin with the article, and hardly one of Persian's or Urdu's;
    where there are too few words for that, letters decide.
    """
    if not any(letter in text for text in texts for letter in _FREQUENT):
        return False
    own = [word for word in folded if _ARABIC_LETTER.match(word)]
    if len(own) < _ENOUGH_WORDS:
        text = "".join(texts)
        return bool(_ONLY_ARABIC.search(text)) and not _NOT_ARABIC.search(text)
    return sum(word.startswith(_THE) for word in own) >= _ARTICLE_SHARE * len(own)


@lru_cache(maxsize=16_384)
def stems(word: str) -> tuple[str, ...]:
    """What a folded Arabic word is without the clitics before it: each way to take them off."""
    if len(word) <= _MIN_STEM or word[0] not in "وفبکلا":
        return ()
    found: list[str] = []
    for rest in (word, word[1:]) if word[0] in _AND else (word,):
        if rest is not word:
            if word in _WHOLE_WORDS:
                break
            found.append(rest)
        if rest in _WHOLE_WORDS:
            continue
        if rest.startswith("لل") and rest[1:] not in _WHOLE_WORDS:
            found.append(rest[2:])  # li- and al- in one: lil-
        if rest[:1] and rest[0] in _BEFORE:
            rest = rest[1:]
            found.append(rest)
        if rest.startswith(_THE):
            found.append(rest[2:])
    return tuple(dict.fromkeys(stem for stem in found if len(stem) >= _MIN_STEM))


def joined_stems(text: str) -> dict[int, str]:
    """Places of Persian words that end in a joined ending, and what they are without it."""
    found: dict[int, str] = {}
    at = text.find(_JOINER)
    if at < 0:
        return found
    spans = tokens_of(text).spans
    while at >= 0:
        place = bisect_right(spans, (at, len(text))) - 1
        start, end = spans[place] if place >= 0 else (0, 0)
        ending, stem = words(text[at + 1 : end]).folded, words(text[start:at]).folded
        whole = start < at < end and len(ending) == len(stem) == 1
        if whole and ending[0] in _PERSIAN_ENDINGS and len(stem[0]) >= _MIN_STEM:
            found.setdefault(place, stem[0])
        at = text.find(_JOINER, at + 1)
    return found
