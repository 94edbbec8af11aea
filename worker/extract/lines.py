"""The lines of an article's text, and which of them are furniture: the site's, not the article's.

Furniture stands before the first full paragraph and after the last one: the headline again, the
desk, share lines, the way to the comments. Some of it every site has, and rules here know it by its
words; the rest only its site has, and is known by coming back (`worker.furniture`).
"""

import re
from collections.abc import Collection, Sequence

from worker.text import digest, fold

# Lines that only ever stand around an article, as they read after folding.
_FURNITURE = re.compile(
    r"(add|post|leave|write|view|join|show)( (all|a|an|your|the|to))?( new)? "
    r"(comments?|reply|replies|conversation|discussion)( below)?"
    r"|(please )?(read|see) (our )?comment(s|ing)? (policy|guidelines).*"
    r"|(\d+ )?comments?( \d+)?|no comments?( yet)?|\d+ (kommentare?|commentaires?|comentarios?)"
    r"|(share|tweet|print|e ?mail|save|copy link|listen)( (this|the))?( (article|story|page|post))?"
    r"( (on|via|with) [\w ]{1,20})?"
    r"|(sign up|subscribe|register)( (to|for) (our |the )?[\w ]{1,30})?"
    r"|(story continues below )?advertisements?( story continues below)?|sponsored content"
    r"|read (more|next|also)|more (on this( story)?|from [\w ]{1,30})|you (may|might) also like"
    r"|related( (stories|articles|topics|news|content))?|recommended( (stories|for you))?"
    r"|follow us( on [\w ]{1,20})?|all rights reserved|copyright \d{4}.*"
    r"|our standards the thomson reuters trust principles|(back to )?top|loading|\d+"
    # German, French, Spanish, Portuguese, Italian, Dutch
    r"|(artikel )?(teilen|drucken|kommentieren|merken|vorlesen)|anzeige|werbung|lesen sie auch.*"
    r"|mehr zum thema( \w+)?|kommentare? (schreiben|anzeigen|lesen)|zur startseite"
    r"|(fehler gefunden )?jetzt melden"
    r"|(partager|imprimer|reagir|commenter)( (cet|l) article)?|publicite|(a )?lire aussi.*"
    r"|sur le meme sujet|voir les commentaires|passer la publicite"
    r"|(compartir|imprimir|comentar)( (esta )?(noticia|articulo|materia))?|publicidad|publicidade"
    r"|(noticias?|notas?) relacionadas?|leer mas|lee tambien.*|leia (mais|tambem).*|ver comentarios"
    r"|condividi|stampa|commenta|pubblicita|leggi anche.*"
    r"|(deel|print|reageer)( (dit|op dit) artikel)?|advertentie|lees (ook|meer).*"
    # Norwegian, Danish, Swedish, Polish, Turkish, Indonesian
    r"|(del|dela|skriv ut)( (artikkelen|artikeln|artiklen))?|annonse?|reklame?|les (ogsa|mer).*"
    r"|las (mer|ocksa|aven).*|laes (ogsa|mere).*"
    r"|udostepnij|skomentuj|czytaj (wiecej|tez|takze).*|paylas|yorum (yap|yaz)|reklam|ilan"
    r"|bagikan|baca juga.*"
    # Russian, Ukrainian, Arabic, Persian, Chinese, Japanese, Korean, as folding leaves them
    r"|поделиться.{0,20}|читаите также.*|комментарии( \d+)?|реклама|поділитися|читаите також.*"
    r"|شارک( .{1,20})?|اقرا ایضا.*|التعلیقات( \d+)?|بیشتر بخوانید.*|ارسال نظر|نظرات( \d+)?"
    r"|分 享( .{1,12})?|相 关 (阅 读|新 闻)|责 任 编 辑.{0,20}|関 連 記 事|シ ェ ア"
    r"|기사 url이 복사되었습니다"
)
_DOMAIN = re.compile(r"(www\.)?[\w-]{2,}(\.[\w-]{2,}){1,3}/?", re.I)
_DESK = re.compile(r"([\w&]+ ){0,3}desk|(by )?([\w&]+ ){0,2}(newsroom|staff( (writer|reporter))?)")
# "Stand: 22.04.2024, 06:00 Uhr", "4 min read", "Photo: AFP": nothing but a label and its value.
_STAMP = re.compile(
    r"(last )?(updated|published|modified|stand|aktualisiert|veroffentlicht( am)?|publie|"
    r"mis a jour|actualizado|publicado|aggiornato|publisert|oppdatert|uppdaterad|publicerad|"
    r"opdateret)\b.{0,40}\d.{0,40}"
    r"|\d+ ?(min(ute)?s?|minuten|minuti|minutos) ?(read|lesezeit|de lecture|de lectura|leestid)?"
    r"|(photo|foto|fotos|bild|image|picture|credit)( credit| by| via)? .{2,60}"
)
# A full paragraph has so many words, or characters where words are not told apart by blanks.
_PARAGRAPH_WORDS, _PARAGRAPH_CHARS = 12, 80
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»›)\]」』]*$")
# A page's ends are looked at this far, and so many short lines between, for what comes back.
_HEAD_LINES, _EDGE_LINES, _INNER_LINES = 6, 8, 12
EDGE, INNER, FULL = "e", "i", "f"


def drop_furniture(
    text: str, title: str, known: Collection[str] = (), authors: Collection[str] = ()
) -> str:
    """`text` without repeated headlines and the site's own lines before and after the article.

    `authors` are names that need no line of their own. `known` are keys of lines that this site is
    known to repeat (`worker.furniture.known`): what they name goes wherever its kind stands.
    """
    lines = split(text)
    headline = fold(title)
    names = [folded for name in authors if (folded := fold(name))]
    first, last = _body(lines)
    kept = [
        line
        for at, line in enumerate(lines)
        if not _repeats(line, title, headline)
        and not (at < first < len(lines) and _is_label(line))
        and not ((at < first or at > last) and _is_furniture(line, names))
        and not (known and _key(at, line, first, last) in known)
    ]
    # A page of nothing but lines that come back is a page of a kind that has no other text.
    return "\n".join(_without_dates(kept or lines))


def _without_dates(lines: list[str]) -> list[str]:
    """`lines` without the day and hour over an article; a long list there may be the article."""
    first, _ = _body(lines)
    if not first <= _HEAD_LINES or first == len(lines):
        return lines
    return [line for at, line in enumerate(lines) if at >= first or not _is_date(line)]


def keys(text: str) -> tuple[str, ...]:
    """Keys of the lines of `text` that may be furniture, in their order.

    A key is the line's kind (short at an edge, short between paragraphs, full at an edge) and its
    digest after folding, so that each kind can ask for its own proof.
    """
    lines = split(text)
    first, last = _body(lines)
    inner = 0
    found: dict[str, None] = {}
    for at, line in enumerate(lines):
        key = _key(at, line, first, last)
        if key is None:
            continue
        if key[0] == INNER:
            inner += 1
            if inner > _INNER_LINES:
                continue
        found[key] = None
    return tuple(found)


def split(text: str) -> list[str]:
    return [bare for line in text.split("\n") if (bare := line.strip())]


def _body(lines: Sequence[str]) -> tuple[int, int]:
    """Where the first and the last full paragraph stand; past the end where there is none."""
    full = [at for at, line in enumerate(lines) if _is_paragraph(line)]
    return (full[0], full[-1]) if full else (len(lines), len(lines))


def _key(at: int, line: str, first: int, last: int) -> str | None:
    if _is_paragraph(line):
        kind = FULL if at <= first + 1 or at >= last - 2 else None
    else:
        kind = INNER if first < at < last else EDGE
        if kind == EDGE and not (at < _EDGE_LINES or 0 < at - last <= _EDGE_LINES):
            kind = None
    folded = fold(line) if kind else ""
    return f"{kind}{digest(folded)[:12]}" if folded else None


def _repeats(line: str, title: str, headline: str) -> bool:
    # Folding changes a text's length by little: most lines need no folding to be told apart.
    return len(line) <= 2 * len(title) + 10 and fold(line) == headline


def _is_paragraph(line: str) -> bool:
    return len(line) >= _PARAGRAPH_CHARS or len(line.split()) >= _PARAGRAPH_WORDS


def _is_label(line: str) -> bool:
    """A section's name, as sites put it over the first paragraph."""
    short = len(line) <= (24 if line.isascii() else 12) and len(line.split()) <= 2
    return short and line[-1] not in ".!?…。؟"


def _is_date(line: str) -> bool:
    """A day, an hour or both, as they stand over an article, with little else."""
    words = fold(line).split()
    numbers = sum(any(sign.isdigit() for sign in word) for word in words)
    return numbers >= 2 and len(words) <= 8 and not _SENTENCE_END.search(line)


def _is_furniture(line: str, names: Sequence[str]) -> bool:
    bare = line.strip("-–|*# \t")
    folded = fold(bare)
    return (
        not folded
        or bare[0] == "©"
        or bool(_FURNITURE.fullmatch(folded) or _DOMAIN.fullmatch(bare) or _DESK.fullmatch(folded))
        or bool(_STAMP.fullmatch(folded) and not _SENTENCE_END.search(bare))
        or _is_byline(folded, names)
    )


def _is_byline(folded: str, names: Sequence[str]) -> bool:
    """Names of the authors, and no more than a word or two beside each."""
    rest = folded
    for name in names:
        rest = rest.replace(name, "", 1)
    return rest != folded and len(rest.split()) <= 2
