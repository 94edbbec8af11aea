"""What entries say: titles, summaries, contents, dates and pictures; and the feed's hints."""

from worker.parse.dates import moment
from worker.parse.reader import Attrs, Frame, Reader, SkippedError
from worker.parse.told import Told
from worker.parse.vocabulary import HTML_TYPES, SHORT_TYPES, XHTML

_BELOW_CONTENT: Frame = ("content", True, None)
_THUMBNAIL: Frame = ("url", True, None)
PICTURE: Frame = ("itunes_image", False, None)


def _plain_kind(attrs: Attrs, kind: str) -> str | None:
    """The type of a text that is there as it is meant; None: inline XML, or base64."""
    if attrs:
        kind = attrs.get("type", kind).lower()
        kind = SHORT_TYPES.get(kind, kind)
        if not kind.startswith("text/") or attrs.get("mode") == "base64":
            return None
    return kind


def start_title(r: Reader, attrs: Attrs) -> None:
    if r.svg:
        return  # of a drawing; feedparser never comes to an end with it
    r.push_content("title", attrs, "text/plain", r.inentry or r.infeed or r.insource)


def end_title(r: Reader) -> None:
    text = r.pop("title")
    if text is not None:
        _tell_title(r, text, r.kind or "text/html", r.kept)
    r.close_content()


def leaf_title(r: Reader, attrs: Attrs, text: str) -> bool:
    kind = _plain_kind(attrs, "text/plain")
    if kind:
        _tell_title(r, r.cleaned(text, kind), kind, r.inentry or r.infeed or r.insource)
    return kind is not None


def _tell_title(r: Reader, text: str, kind: str, kept: bool) -> None:
    if kept and not -1 < r.title_depth <= r.depth:
        r.keep("title", text)
        told = r.entry if r.inentry and not r.insource else r.context()
        # RSS cannot say whether a title is HTML: the text itself must tell.
        guessed = kind == "text/plain" and not r.form.startswith("atom")
        told.title_type = "" if guessed else kind
    if text:
        r.title_depth = r.depth


def end_media_title(r: Reader) -> None:
    before = r.title_depth
    end_title(r)
    r.title_depth = before


def leaf_media_title(r: Reader, attrs: Attrs, text: str) -> bool:
    before = r.title_depth
    could = leaf_title(r, attrs, text)
    r.title_depth = before
    return could


def start_description(r: Reader, attrs: Attrs) -> None:
    if not r.has_content and r.context().summary is not None:
        r.summary_key = "content"
        start_content(r, attrs)
    else:
        r.push_content("description", attrs, "text/html", r.inentry or r.infeed or r.insource)


def start_abstract(r: Reader, attrs: Attrs) -> None:
    r.push_content("description", attrs, "text/plain", r.inentry or r.infeed or r.insource)


def end_description(r: Reader) -> None:
    if r.summary_key == "content":
        end_content(r)
    else:
        text = r.pop("description")
        if text is not None and r.kept and r.inentry and not r.insource:
            r.keep("summary", text)
        r.close_content()
    r.summary_key = None


def leaf_description(r: Reader, attrs: Attrs, text: str) -> bool:
    kind = _plain_kind(attrs, "text/html")
    if kind is None or r.summary_key:
        return False
    if not r.has_content and r.context().summary is not None:
        return False
    if r.inentry and not r.insource:
        r.keep("summary", r.cleaned(text, kind))
    return True


def start_summary(r: Reader, attrs: Attrs) -> None:
    if not r.has_content and r.context().summary is not None:
        r.summary_key = "content"
        start_content(r, attrs)
    else:
        r.summary_key = "summary"
        r.push_content("summary", attrs, "text/plain", True)


def end_summary(r: Reader) -> None:
    if r.summary_key == "content":
        end_content(r)
    else:
        text = r.pop(r.summary_key or "summary")
        if text is not None and r.kept:
            r.keep("summary", text)
        r.close_content()
    r.summary_key = None


def leaf_summary(r: Reader, attrs: Attrs, text: str) -> bool:
    kind = _plain_kind(attrs, "text/plain")
    if kind is None or r.summary_key:
        return False
    if not r.has_content and r.context().summary is not None:
        return False
    r.keep("summary", r.cleaned(text, kind))
    return True


def start_content(r: Reader, attrs: Attrs) -> None:
    r.has_content = True
    r.take_content(attrs, "text/plain")
    r.stack.append(_BELOW_CONTENT)  # feedparser opens it twice, and closes it once
    r.push("content", True)


def leaf_content(r: Reader, attrs: Attrs, text: str) -> bool:
    kind = _plain_kind(attrs, "text/plain")
    if kind is None:
        return False
    r.has_content = True
    r.stack.append(_BELOW_CONTENT)
    _tell_content(r, r.cleaned(text, kind), kind)
    return True


def start_encoded(r: Reader, attrs: Attrs) -> None:
    r.has_content = True
    r.push_content("content", attrs, "text/html", True)


def leaf_encoded(r: Reader, attrs: Attrs, text: str) -> bool:
    kind = _plain_kind(attrs, "text/html")
    if kind is None:
        return False
    r.has_content = True
    _tell_content(r, r.cleaned(text, kind), kind)
    return True


def start_body(r: Reader, attrs: Attrs) -> None:
    r.push_content("content", attrs, XHTML, True)


def end_content(r: Reader) -> None:
    if r.kind is None:
        raise SkippedError
    kind, text = r.kind, r.pop("content")
    r.close_content()
    _tell_content(r, text, kind)


def _tell_content(r: Reader, text: str | None, kind: str) -> None:
    if text is not None:
        r.keep("content", text)
    if kind in HTML_TYPES or kind == "text/plain":
        told = r.context()
        if told.summary is None:
            told.summary = text or ""


# ---- dates, pictures, hints


def end_published(r: Reader) -> None:
    leaf_published(r, {}, r.pop("published") or "")


def leaf_published(r: Reader, attrs: Attrs, text: str) -> bool:
    r.context().published = moment(text.strip())
    return True


def end_updated(r: Reader) -> None:
    leaf_updated(r, {}, r.pop("updated") or "")


def leaf_updated(r: Reader, attrs: Attrs, text: str) -> bool:
    r.context().updated = moment(text.strip())
    return True


def end_created(r: Reader) -> None:
    leaf_created(r, {}, r.pop("created") or "")


def leaf_created(r: Reader, attrs: Attrs, text: str) -> bool:
    r.context().created = moment(text.strip())
    return True


def end_language(r: Reader) -> None:
    text = r.pop("language")
    if text is not None:
        r.keep("language", text)


def leaf_picture(r: Reader, attrs: Attrs, text: str) -> bool:
    if text:
        return False  # it belongs to what the picture stands in
    see_picture(r, attrs)
    return True


def see_picture(r: Reader, attrs: Attrs) -> None:
    """An attachment, which may be a picture."""
    if r.inentry and r.entry.image is None:
        kind = (attrs.get("medium") or attrs.get("type", "")).lower()
        if kind.startswith("image"):
            r.entry.image = attrs.get("url") or attrs.get("href")


def start_thumbnail(r: Reader, attrs: Attrs) -> None:
    r.stack.append(_THUMBNAIL)
    leaf_thumbnail(r, attrs, "")


def leaf_thumbnail(r: Reader, attrs: Attrs, text: str) -> bool:
    if r.inentry and r.entry.image is None:
        r.entry.image = attrs.get("url")
    return True


def start_itunes_image(r: Reader, attrs: Attrs) -> None:
    r.stack.append(PICTURE)
    leaf_itunes_image(r, attrs, "")


def leaf_itunes_image(r: Reader, attrs: Attrs, text: str) -> bool:
    href = attrs.get("href") or attrs.get("url")
    if href:
        told = r.context()
        told.image = told.image or href
        if told is r.feed:
            r.image = Told()
    return True
