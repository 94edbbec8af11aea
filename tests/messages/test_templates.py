"""Templates of one's own: what they see, what they may not do, and where they go wrong."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.messages.making import NOW, alert
from worker import __file__ as package
from worker.samples import KINDS, sample
from worker.sandbox import TEMPLATE_LIMITS, Sandbox
from worker.templates import outcome, render

TEXT, JSON = "text/plain", "application/json; charset=utf-8"


def made(source: str, kind: str = TEXT, **body: Any) -> str:
    text, problem, line = render(source, alert() | body, kind)
    assert (problem, line) == ("", None)
    return text


def wrong(source: str, kind: str = TEXT) -> tuple[str, int | None]:
    text, problem, line = render(source, alert(), kind)
    assert text == ""
    return problem, line


def test_a_template_sees_the_body_and_what_every_message_has() -> None:
    source = "{{ topic.name }}|{{ article.headline }}|{{ match.evidence[0].sentence }}"
    source += "|{{ title }}|{{ url }}"
    assert made(source) == (
        "syria|Talks resume|Talks on Syria resumed on Monday.|Syria: talks: Talks resume|"
        "https://www.example.org/talks?a=1"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_manuals_example_makes_json_of_every_kind(kind: str) -> None:
    page = (Path(package).parents[1] / "docs" / "alerts.md").read_text("utf-8")
    source = page.partition("```jinja\n")[2].partition("```")[0]
    text, problem, _ = render(source, sample(kind, NOW), JSON)
    assert problem == ""
    assert set(json.loads(text)) == {"text", "link", "why"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_has_title_and_summary(kind: str) -> None:
    source = "{% if article %}{{ article.source }}{% else %}{{ count or matter }}{% endif %}"
    text, problem, _ = render(
        f"{source} {{{{ title }}}} {{{{ summary }}}}", sample(kind, NOW), TEXT
    )
    assert problem == ""
    assert len(text.split()) > 4


def test_json_is_made_by_a_filter_and_html_is_escaped_by_itself() -> None:
    nasty = {"article": alert()["article"] | {"headline": '"</script>\\\n<b>'}}
    text = made('{"text": {{ article.headline | tojson }}}', JSON, **nasty)
    assert json.loads(text) == {"text": nasty["article"]["headline"]}
    assert "<b>" not in made("<p>{{ article.headline }}</p>", "text/html", **nasty)


# source, problem, line
MISTAKES = [
    ("{{ artcle.headline }}", "'artcle' is undefined", 1),
    ("a\nb\n{{ article.headlin }}", "no attribute 'headlin'", 3),
    ("a\n{% if %}", "Expected an expression", 2),
    ("{% for a in alerts %}{% endfor %}", "not iterable", 1),
    ("a\n{{ title | nofilter }}", "No filter named 'nofilter'", 2),
    ("{{ 1 / 0 }}", "division by zero", 1),
    ("{% include 'other.j2' %}", "no loader", 1),
    ("{% import '/etc/passwd' as x %}", "no loader", 1),
    ("{{ matter.x }}", "'None' has no attribute 'x'", 1),
    (" \n", "empty", None),
    ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "calls itself without end", None),
    # internals
    ("{{ article.__class__ }}", "'__class__' of 'dict' object is unsafe", 1),
    ("\n{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe", 2),
    ("{{ article | attr('__class__') }}", "unsafe", 1),
    ("{{ self.__init__.__globals__ }}", "unsafe", 1),
    ("{{ cycler.__init__.__globals__.os }}", "unsafe", 1),
    ("{{ range.__call__ }}", "unsafe", 1),
    ("{{ article.pop('id') }}", "unsafe", 1),
    ("{{ '{0.__class__}'.format(title) }}", "unsafe", 1),
    ("{{ range(10 ** 9) }}", "Range too big", 1),
]  # fmt: skip


@pytest.mark.parametrize(("source", "problem", "line"), MISTAKES)
def test_a_mistake_is_told_with_its_line(source: str, problem: str, line: int | None) -> None:
    told, at = wrong(source)
    assert problem in told
    assert at == line


@pytest.mark.parametrize("source", ['{"a": "{{ summary }}"}', "{{ title }}", '{"a": 1,}'])
def test_what_should_be_json_and_is_none(source: str) -> None:
    told, _ = wrong(source, JSON)
    assert "no JSON" in told
    assert "tojson" in told


def test_no_message_is_larger_than_256_kib() -> None:
    told, _ = wrong("{% for i in range(9999) %}{{ summary }}{% endfor %}")
    assert told == "what it makes is larger than 256 KiB"


# what never ends, or eats memory; the child that it is run in is ended
LOOPS = {
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "counts": "{{ 9 ** (9 ** 9) }}",
    "multiplies": "{{ 'a' * 10 ** 10 }}",
    "doubles": "{% set n = namespace(x='a' * 999) %}{% for i in range(99) %}"
    "{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x | length }}",
    "pads": "{{ 'a' | center(10 ** 10) }}",
    "formats": "{{ '%10000000000d' % 1 }}",
}


@pytest.mark.parametrize("source", LOOPS.values(), ids=LOOPS)
def test_what_never_ends_is_ended(source: str, run: Callable[[str], Any]) -> None:
    text, problem, _ = outcome(run(source))
    assert text == ""
    assert re.search("does not end|too much memory|4300 digits", problem), problem


@pytest.fixture(scope="module")
def run() -> Any:
    """Render in a child, as it is done when a message is sent."""

    async def told(source: str) -> Any:
        sandbox = Sandbox(1, TEMPLATE_LIMITS)
        try:
            return await sandbox.run("worker.templates:render", source, alert(), TEXT)
        finally:
            await sandbox.close()

    return lambda source: asyncio.run(told(source))
