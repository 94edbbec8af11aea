"""The topics that are shipped: they read their languages, and serve on real articles."""

import json
from pathlib import Path

import pytest

from tests.real_data import real_files
from worker.config_files import load_topics
from worker.records import TopicRow
from worker.topics import TopicSet, compile_topics

SHIPPED = Path(__file__).parents[2] / "config" / "topics.yml"


@pytest.fixture(scope="module")
def shipped() -> TopicSet:
    specs = load_topics(SHIPPED)
    return compile_topics([TopicRow(number, spec, ()) for number, spec in enumerate(specs)])


def matched(shipped: TopicSet, title: str, text: str = "") -> set[str]:
    return {shipped.topics[found.topic_id].spec.name for found in shipped.match(title, text)}


def test_the_article_that_the_project_starts_from_is_found_with_its_reasons(
    shipped: TopicSet,
) -> None:
    (file,) = real_files("seed/*.txt")
    found = shipped.match("", file.read_text("utf-8"))
    assert shipped.topics[found[0].topic_id].spec.name == "syria-diplomacy"
    terms = {piece.text.lower() for piece in found[0].evidence}
    assert {"syria", "foreign minister", "ceasefire"} <= terms


def test_syria_diplomacy_tells_talks_from_fighting(shipped: TopicSet) -> None:
    (file,) = real_files("topics/syria_dev.jsonl")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    pairs = [
        ("syria-diplomacy" in matched(shipped, row["title"], row["text"]), bool(row["label"]))
        for row in rows
    ]
    right = pairs.count((True, True))
    precision = right / (right + pairs.count((True, False)))
    recall = right / (right + pairs.count((False, True)))
    assert precision >= 0.85
    assert recall >= 0.85
    assert 2 * precision * recall / (precision + recall) >= 0.88


HEADLINES = [
    ("syria-diplomacy", "en", "Envoy in Damascus for talks on a Syria ceasefire"),
    ("syria-diplomacy", "ar", "وزير الخارجية السوري يجري محادثات حول وقف إطلاق النار في سوريا"),
    ("syria-diplomacy", "fa", "وزیر امور خارجه درباره آتش‌بس در سوریه گفت‌وگو کرد"),
    ("syria-diplomacy", "ru", "Министр иностранных дел провёл переговоры по Сирии"),
    ("syria-diplomacy", "tr", "Dışişleri Bakanı Suriye'de ateşkes için görüşmelerde bulundu"),
    (
        "syria-diplomacy",
        "fr",
        "Syrie : le ministre des Affaires étrangères relance les négociations",
    ),
    ("syria-diplomacy", "de", "Außenministerin zu Verhandlungen über Syrien in Damaskus"),
    ("iran-nuclear-talks", "en", "Iran and world powers resume nuclear talks in Vienna"),
    ("iran-nuclear-talks", "ar", "إيران تستأنف المفاوضات النووية مع القوى الكبرى"),
    ("iran-nuclear-talks", "fa", "دور تازه مذاکرات هسته‌ای ایران آغاز شد"),
    ("iran-nuclear-talks", "ru", "Иран готов к переговорам по ядерной программе"),
    ("iran-nuclear-talks", "tr", "İran nükleer müzakerelere dönüyor"),
    ("iran-nuclear-talks", "fr", "L'Iran reprend les négociations sur son programme nucléaire"),
    ("ukraine-peace-talks", "en", "Ukraine peace talks open in Istanbul"),
    ("ukraine-peace-talks", "ar", "انطلاق محادثات السلام بشأن أوكرانيا"),
    ("ukraine-peace-talks", "fa", "مذاکرات صلح اوکراین در استانبول"),
    ("ukraine-peace-talks", "ru", "Переговоры о мире на Украине пройдут в Стамбуле"),
    ("ukraine-peace-talks", "tr", "Ukrayna için ateşkes görüşmeleri İstanbul'da"),
    ("ukraine-peace-talks", "fr", "Ukraine : des pourparlers de paix à Istanbul"),
    ("sanctions", "en", "EU agrees on new sanctions"),
    ("sanctions", "ar", "الاتحاد الأوروبي يفرض عقوبات جديدة"),
    ("sanctions", "fa", "اتحادیه اروپا تحریم‌های تازه‌ای اعمال کرد"),
    ("sanctions", "ru", "Евросоюз ввёл новые санкции"),
    ("sanctions", "tr", "AB yeni yaptırımları onayladı"),
    ("sanctions", "fr", "L'UE adopte de nouvelles sanctions"),
    ("refugees-and-aid", "en", "Refugees wait for humanitarian aid"),
    ("refugees-and-aid", "ar", "وصول مساعدات إلى اللاجئين"),
    ("refugees-and-aid", "fa", "کمک‌های بشردوستانه برای آوارگان"),
    ("refugees-and-aid", "ru", "Беженцы ждут гуманитарной помощи"),
    ("refugees-and-aid", "tr", "Mültecilere insani yardım ulaştı"),
    ("refugees-and-aid", "fr", "Aide humanitaire pour les réfugiés"),
    ("un-security-council", "en", "U.N. Security Council votes on a resolution"),
    ("un-security-council", "ar", "مجلس الأمن يصوت على مشروع قرار"),
    ("un-security-council", "fa", "شورای امنیت قطعنامه‌ای تصویب کرد"),
    ("un-security-council", "ru", "Совет Безопасности ООН принял резолюцию"),
    ("un-security-council", "tr", "BM Güvenlik Konseyi toplanıyor"),
    ("un-security-council", "fr", "Le Conseil de sécurité se réunit"),
]


@pytest.mark.parametrize(("topic", "language", "headline"), HEADLINES)
def test_each_topic_reads_each_of_its_languages(
    shipped: TopicSet, topic: str, language: str, headline: str
) -> None:
    assert topic in matched(shipped, headline), language


@pytest.mark.parametrize(
    "headline",
    [
        "Syria beats Iran at football",
        "Air strikes kill 20 in Idlib",
        "غارات تقتل مدنيين في إدلب",
        "В Алеппо погибли мирные жители",
        "Recipe of the day: lentil soup",
        "Talks on a new tram line stall",
        "The market sanctioned the merger of two banks",
    ],
)
def test_what_only_looks_alike_is_left_alone(shipped: TopicSet, headline: str) -> None:
    assert matched(shipped, headline) == set()
