"""Authors, whose names and addresses feeds give in one line or in elements of their own."""

import re

from worker.parse.links import joined
from worker.parse.reader import Attrs, Frame, Reader
from worker.parse.told import Told

# Of an address in an author's line; the rest of the line is the name.
_EMAIL = re.compile(
    r"(?<![a-zA-Z0-9_.+\-])[a-zA-Z0-9_.+\-]++@(?:\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.|(?:[a-zA-Z0-9\-]+\.)+)"
    r"(?:[a-zA-Z]{2,4}|[0-9]{1,3})\]?(?:\?subject=\S+)?"
)
_OWNER: Frame = ("publisher", False, None)


def start_author(r: Reader, attrs: Attrs) -> None:
    r.inauthor = True
    r.push("author", True)
    _add_person(r.context())


def end_author(r: Reader) -> None:
    text = r.pop("author")
    if text is not None:
        r.keep("author", text)
    r.inauthor = False
    _know_author(r.context())


def leaf_author(r: Reader, attrs: Attrs, text: str) -> bool:
    told = r.context()
    _add_person(told)
    r.keep("author", r.cleaned(text))
    r.inauthor = False
    _know_author(told)
    return True


def _add_person(told: Told) -> None:
    if told.persons is None:
        told.persons = []
    told.persons.append({})


def _know_author(told: Told) -> None:
    """Make the last author's name and address of the line that names both, and the reverse."""
    person = told.persons[-1] if told.persons else {}
    if person:
        name, email = person.get("name"), person.get("email")
        told.author = f"{name} ({email})" if name and email else name or email or told.author
        return
    name = told.author or ""
    found = _EMAIL.search(name) if "@" in name else None
    if found:
        person["email"] = found.group()
        name = name.replace(found.group(), "")
        for brackets in ("()", "<>", "&lt;&gt;"):
            name = name.replace(brackets, "")
        name = name.strip().removeprefix("(").removesuffix(")").strip()
    if name:
        person["name"] = name


def _tell_of_author(r: Reader, key: str, value: str | None) -> None:
    told = r.context()
    _know_author(told)
    if told.persons is None:
        told.persons = [{}]
    told.persons[-1][key] = value or ""


def end_name(r: Reader) -> None:
    text = r.pop("name")
    if r.inpublisher or r.inauthor:
        _tell_of_author(r, "name", text)


def leaf_name(r: Reader, attrs: Attrs, text: str) -> bool:
    if r.inpublisher or r.inauthor:
        _tell_of_author(r, "name", text.strip())
    return True


def end_email(r: Reader) -> None:
    text = r.pop("email")
    if r.inpublisher or r.inauthor:
        _tell_of_author(r, "email", text)


def leaf_email(r: Reader, attrs: Attrs, text: str) -> bool:
    if r.inpublisher or r.inauthor:
        _tell_of_author(r, "email", text.strip())
    return True


def end_url(r: Reader) -> None:
    text = r.pop("href")
    if text is not None:
        text = joined(r.base, text) if text else text
        if r.inimage and r.inentry and not r.insource:
            r.entry.image = text
    if r.inauthor:
        _tell_of_author(r, "href", text)


def start_owner(r: Reader, attrs: Attrs) -> None:
    r.inpublisher = True
    r.stack.append(_OWNER)


def end_owner(r: Reader) -> None:
    r.pop("publisher")
    r.inpublisher = False
