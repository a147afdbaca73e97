"""Bytes to text, whatever they are called."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.encoding import decode_html, decode_text, decode_xml, is_labelled_utf8, is_text

FRENCH = "<rss><title>L’été à Québec: « déjà » cœur</title></rss>"
WORDS = {
    "utf-8": FRENCH,
    "windows-1252": FRENCH,
    "iso-8859-15": "<rss><title>été à Québec cœur €</title></rss>",
    "utf-16": FRENCH,
    "windows-1251": "<rss><title>Как пережить новогоднюю ночь</title></rss>",
    "koi8-r": "<rss><title>Как пережить новогоднюю ночь</title></rss>",
    "shift_jis": "<rss><title>色々調べてたら反映されない</title></rss>",
    "euc-jp": "<rss><title>色々調べてたら反映されない</title></rss>",
    "iso-2022-jp": "<rss><title>色々調べてたら反映されない</title></rss>",
    "gb18030": "<rss><title>不归移民漫画系列</title></rss>",
    "big5": "<rss><title>不歸移民漫畫系列</title></rss>",
    "euc-kr": "<rss><title>한글닉네임 표시하기</title></rss>",
    "iso-8859-7": "<rss><title>Καλημέρα κόσμε</title></rss>",
    "windows-1255": "<rss><title>שלום עולם</title></rss>",
}


@pytest.mark.parametrize("name", WORDS)
def test_the_declaration_is_believed(name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?>\n{WORDS[name]}'
    assert decode_xml(text.encode(name), None) == text


@pytest.mark.parametrize("name", WORDS)
def test_http_alone_is_believed(name: str) -> None:
    assert decode_xml(WORDS[name].encode(name), name) == WORDS[name]


@pytest.mark.parametrize("name", [name for name in WORDS if name != "utf-16"])
def test_http_wins_over_a_wrong_declaration(name: str) -> None:
    text = f'<?xml version="1.0" encoding="us-ascii"?>\n{WORDS[name]}'
    assert decode_xml(text.encode(name), name) == text


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "us-ascii", "nonsense", "base64", ""])
def test_utf8_is_recognised_under_a_wrong_label(label: str) -> None:
    assert decode_xml(FRENCH.encode(), label) == FRENCH
    assert decode_html(FRENCH.encode(), label) == FRENCH


@pytest.mark.parametrize("bom", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE])
def test_a_byte_order_mark_wins_and_goes(bom: bytes) -> None:
    name = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(
        bom, "utf-32-le"
    )
    assert decode_xml(bom + FRENCH.encode(name), "iso-8859-1") == FRENCH


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_recognised(name: str) -> None:
    assert decode_xml(FRENCH.encode(name), None) == FRENCH


def test_undeclared_french_is_guessed() -> None:
    text = (
        "<rss><title>L’été à Québec</title><d>"
        + "Les élèves ont été très étonnés de l’arrivée du côté. " * 20
        + "</d></rss>"
    )
    assert decode_xml(text.encode("cp1252"), None) == text


def test_a_few_broken_bytes_do_not_turn_a_document_into_nonsense() -> None:
    body = ("déjà " * 100).encode() + b"\xff\xfe" + "été".encode()
    assert decode_text(body).count("déjà") == 100


def test_a_page_declares_its_encoding_in_a_meta_element() -> None:
    for meta in (
        '<meta charset="windows-1251">',
        "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>",
    ):
        assert "ночь" in decode_html(f"<head>{meta}</head><p>новогоднюю ночь</p>".encode("cp1251"), None)


def test_documents_that_claim_utf8_need_no_decoding() -> None:
    assert is_labelled_utf8(FRENCH.encode(), None)
    assert is_labelled_utf8(FRENCH.encode(), "UTF-8")
    assert is_labelled_utf8(b'<?xml version="1.0" encoding="utf8"?>' + FRENCH.encode(), "utf-8")
    assert not is_labelled_utf8(FRENCH.encode(), "latin-1")
    assert not is_labelled_utf8(FRENCH.encode("utf-16-le"), None)
    assert not is_labelled_utf8(codecs.BOM_UTF8 + FRENCH.encode(), None)


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "utf-8", "latin-1", "utf-16", "rot13", "zlib", "idna", "\0", "gb2312"]),
)
def test_any_bytes_become_text(body: bytes, charset: str | None) -> None:
    for decode in (decode_xml, decode_html):
        decode(body, charset)
    decode_text(body)


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig", "cp1252"])
def test_a_text_file_is_read_whatever_windows_saved_it_as(name: str) -> None:
    text = "Un été à Québec.\r\nImaginez une poutine…\r\n" * 3
    assert decode_text(text.encode(name)) == text
    assert is_text(text.encode(name))


@pytest.mark.parametrize(
    "body",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\xba\x00\x00\x04N\x08\x02\x00\x00\x00",
        b"\x7fELF\x02\x01\x01" + bytes(40),
        b"PK\x03\x04\x14\x00\x08\x08\x08\x00\xa1\x02\x19\x05\x0e\x10\x11\x00",
        bytes(range(256)) * 40,
    ],
)
def test_what_is_no_text_is_known_for_it(body: bytes) -> None:
    assert not is_text(body)


@pytest.mark.parametrize("text", ["", "a", "日本語のテキスト" * 40, "Page\fSuivante\tet\x0bfin", "🍟" * 3000])
def test_text_of_any_kind_is_text(text: str) -> None:
    assert is_text(text.encode())
