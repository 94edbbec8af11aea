"""The language is the text's, whatever the template says."""

import pytest

from tests.extract.reading import CHINESE, FIRST, PERSIAN, document, html, paragraphs
from worker.extract import language as rules

TEXTS = {
    "de": "Die beiden Seiten trafen sich am Sonntag in Genf und vereinbarten, sich noch in dieser "
    "Woche erneut zu treffen, teilten Diplomaten mit.",
    "fr": "Les deux parties se sont rencontrées dimanche à Genève et sont convenues de se revoir "
    "dans la semaine, ont indiqué des diplomates.",
    "es": "Las dos partes se reunieron el domingo en Ginebra y acordaron volver a verse esta misma "
    "semana, según dijeron los diplomáticos.",
    "ru": "Стороны встретились в воскресенье в Женеве и договорились провести новую встречу на "
    "этой неделе, сообщили дипломаты.",
    "ar": "التقى الطرفان يوم الأحد في جنيف واتفقا على عقد لقاء جديد خلال هذا الأسبوع، "
    "بحسب ما قاله دبلوماسيون.",
    "tr": "İki taraf pazar günü Cenevre’de bir araya geldi ve hafta içinde yeniden görüşme "
    "konusunda anlaştı, diplomatlar böyle dedi.",
    "zu": "Izinhlangothi zombili bezihlangene ngeSonto eGeneva, zavumelana ngokuthi ziphinde "
    "zihlangane kuleli sonto, kusho osozigaba.",
    "ja": "双方は日曜日にジュネーブで会談し、今週中に再び会うことで合意したと外交官が述べた。",
    "ko": "양측은 일요일 제네바에서 만나 이번 주 안에 다시 만나기로 합의했다고 외교관들이 전했다.",
    "fa": PERSIAN,
    "zh": CHINESE,
    "en": FIRST,
}


def language(text: str, *, lang: str = "", head: str = "") -> str | None:
    return document(
        html(f"<article>{paragraphs(text, text)}</article>", head=head, lang=lang)
    ).language


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("declared", ["", "en", "x-none"])
def test_the_text_tells_its_language(code: str, declared: str) -> None:
    assert language(TEXTS[code], lang=declared) == code


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("x-klingon", "en"), ("", "en"), ("12", "en")],
)
def test_a_language_is_its_primary_subtag(tag: str, code: str) -> None:
    assert language(FIRST, lang=tag) == code


@pytest.mark.parametrize(
    ("lang", "head", "code"),
    [
        ("nb-NO", "", "no"),
        ("nn", "", "nn"),
        ("", '<meta property="og:locale" content="nb_NO">', "no"),
        (
            "",
            '<script type="application/ld+json">{"@type":"Article","inLanguage":"nn"}</script>',
            "nn",
        ),
        ("", '<meta http-equiv="content-language" content="da">', "da"),
    ],
)
def test_between_languages_that_are_nearly_one_the_page_decides(
    lang: str, head: str, code: str
) -> None:
    norwegian = (
        "Partene møttes i Genève søndag og ble enige om å møtes igjen i løpet av uken, sier "
        "diplomater til avisen."
    )
    assert language(norwegian, lang=lang, head=head) == code


@pytest.mark.parametrize(("lang", "code"), [("en", "en"), ("iw", "he"), ("", None), ("nb", "no")])
def test_a_text_of_a_few_words_has_the_language_that_is_declared(
    lang: str, code: str | None
) -> None:
    assert language("OK 1:0", lang=lang) == code


def test_a_long_text_takes_no_longer_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Identifier:
        def classify(self, text: str) -> tuple[str, float]:
            asked.append(len(text))
            return "en", 1.0

    monkeypatch.setattr(rules, "_identifier", Identifier)
    language(FIRST * 500, lang="en")
    assert 0 < max(asked) < 5_000


def test_where_the_model_cannot_be_unpacked_the_declared_language_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    rules._identifier.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr("worker.extract.language.LanguageIdentifier.from_model_file", full)
        assert language(TEXTS["de"], lang="fr") == "fr"
    rules._identifier.cache_clear()
    assert language(TEXTS["de"], lang="fr") == "de"
