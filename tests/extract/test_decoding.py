"""Bytes become text: whatever header, mark and meta tag say, the letters are the ones written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.reading import document
from tests.site import page
from worker.extract.decoding import decode

RUSSIAN = "Стороны встретились в Женеве и договорились о новой встрече на следующей неделе. "
JAPANESE = "東京で会談が行われた。次回の会談は来週に予定されていると外務省が発表した。"
CHINESE = "联合国秘书长周日在日内瓦表示，冲突各方已经同意延长停火协议。"
TAIWANESE = "聯合國秘書長週日在日內瓦表示，衝突各方已經同意延長停火協議。"
ARABIC = "التقى الطرفان في جنيف يوم الأحد واتفقا على لقاء جديد خلال الأسبوع المقبل. "
FRENCH = (
    "Les deux parties se sont rencontrées à Genève – l’accord, espère-t-on, sera “bientôt” signé… "
)
KOREAN = "양측은 일요일 제네바에서 만나 다음 주에 새로운 회담을 열기로 합의했다. "
TURKISH = (
    "İki taraf pazar günü Cenevre’de buluştu ve gelecek hafta yeniden görüşmeyi kararlaştırdı. "
)


def encoded(text: str, encoding: str, meta: str | None) -> bytes:
    tag = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{tag}</head><body><p>{text * 4}</p></body></html>".encode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding", "header", "meta"),
    [
        # said once, and rightly
        (RUSSIAN, "utf-8", None, None),
        (RUSSIAN, "windows-1251", "windows-1251", None),
        (RUSSIAN, "windows-1251", None, "windows-1251"),
        (RUSSIAN, "koi8-r", "KOI8-R", None),
        (JAPANESE, "shift_jis", None, "Shift_JIS"),
        (JAPANESE, "euc_jp", None, "euc-jp"),
        (JAPANESE, "iso2022_jp", None, "iso-2022-jp"),
        (CHINESE, "gb18030", None, "gb18030"),
        (TAIWANESE, "big5", None, "big5"),
        (ARABIC, "windows-1256", "windows-1256", None),
        (KOREAN, "euc_kr", None, "euc-kr"),
        # a label that means more than it says
        (FRENCH, "windows-1252", None, "iso-8859-1"),
        (FRENCH, "windows-1252", "ISO-8859-1", None),
        (FRENCH, "windows-1252", "us-ascii", None),
        (TURKISH, "windows-1254", None, "iso-8859-9"),
        (CHINESE, "gb18030", None, "gb2312"),
        (JAPANESE, "cp932", "Shift_JIS", None),
        (KOREAN, "cp949", "ks_c_5601-1987", None),
        # said wrongly
        (RUSSIAN, "utf-8", "iso-8859-1", "windows-1251"),
        (FRENCH, "utf-8", "windows-1252", "windows-1252"),
        (CHINESE, "utf-8", "gbk", None),
        (RUSSIAN, "windows-1251", "utf-8", None),
        (RUSSIAN, "windows-1251", "iso-8859-1", "windows-1251"),
        (ARABIC, "windows-1256", "utf-8", "windows-1256"),
        (RUSSIAN, "utf-8", "utf-16", None),
        (RUSSIAN, "utf-8", None, "utf-16"),
        (RUSSIAN, "utf-8", "nonsense", "hex"),
        # not said
        (RUSSIAN, "windows-1251", None, None),
        (ARABIC, "windows-1256", None, None),
        (JAPANESE, "shift_jis", None, None),
        (KOREAN, "euc_kr", None, None),
        (CHINESE, "gb18030", None, None),
        (FRENCH, "windows-1252", None, None),
        # two bytes a letter
        (RUSSIAN, "utf-16", None, None),  # with a mark
        (RUSSIAN, "utf-16-le", "utf-16le", None),
        (FRENCH, "utf-16-be", None, None),
        (RUSSIAN, "utf-8-sig", "windows-1251", None),
    ],
)
def test_the_letters_are_the_ones_written(
    text: str, encoding: str, header: str | None, meta: str | None
) -> None:
    assert text * 4 in decode(encoded(text, encoding, meta), header)


@pytest.mark.parametrize("broken", [b"\xc3", b"\xff\xfe", b"\xe2\x80", b"\x98"])
def test_a_broken_letter_spoils_no_other(broken: bytes) -> None:
    body = encoded(RUSSIAN, "utf-8", "windows-1251")
    assert decode(body + broken, "windows-1251").startswith(body.decode())


def test_the_head_of_a_page_may_be_bare_ascii_for_long() -> None:
    head = b"<script>" + b"x" * 60_000 + b"</script>"
    assert RUSSIAN in decode(head + (RUSSIAN * 20).encode("windows-1251"), None)


@pytest.mark.parametrize(
    "charset", ["hex", "zip", "idna", "punycode", "undefined", "utf-7", "x" * 999]
)
def test_a_charset_that_is_none_is_passed_over(charset: str) -> None:
    found = document(page("Перемирие", RUSSIAN * 3, RUSSIAN * 2), charset=charset)
    assert "договорились о новой встрече" in found.text


@given(
    st.binary(max_size=300), st.sampled_from([None, "utf-8", "utf-16", "gbk", "iso2022_jp", "x"])
)
def test_any_bytes_are_some_text(body: bytes, charset: str | None) -> None:
    assert isinstance(decode(body, charset), str)


@given(st.text(max_size=200))
def test_text_in_utf_8_comes_back_whatever_its_header_says(text: str) -> None:
    assert decode(f"<p>é {text}".encode("utf-8", "replace"), "windows-1252").endswith(
        text.encode("utf-8", "replace").decode()
    )
