"""Bytes to text, for documents whose encoding is declared wrongly, twice or nowhere."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_XML_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})""")
_HTML_DECLARATION = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_SINGLE_BYTE = re.compile(r"(?:iso8859|cp125|cp[478]\d\d$|koi8|mac|ascii)", re.IGNORECASE)
_HTML_DECLARATION_BYTES = 4_096
_DETECTION_BYTES = 64 * 1024
_SAMPLE_BYTES = 8 * 1024

_WESTERN = re.compile("[\x00-\x7f\xa0«»“”‘’–—…•·°€£©®ªº¿¡àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÙÛÜŸ]+")
"""The letters and signs of West European text: what has nothing else in Windows-1252 was written in it."""

_ALIASES = {
    # What the label is taken to mean in practice: supersets, as in the WHATWG Encoding Standard.
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "tis-620": "cp874",
}

_NOT_TEXT = frozenset(("idna", "punycode", "utf-7", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"))


def decode_xml(body: bytes, charset: str | None) -> str:
    """The text of an XML document; `charset` is what HTTP said. Never fails: what cannot be read becomes U+FFFD."""
    return _decode(body, charset, _XML_DECLARATION.match(body[:400]))


def decode_html(body: bytes, charset: str | None) -> str:
    """The same for a page, which declares its encoding in a `meta` element."""
    start = body[:_HTML_DECLARATION_BYTES]
    return _decode(body, charset, _HTML_DECLARATION.search(start) or _XML_DECLARATION.match(start))


def decode_text(body: bytes) -> str:
    """The text of a file, which declares nothing."""
    return _decode(body, _unmarked_wide(body[:_SAMPLE_BYTES]), None)


def is_text(body: bytes) -> bool:
    """False for a picture, a program, an archive, whatever its name says: text has next to no control characters."""
    sample = decode_text(body[:_SAMPLE_BYTES])
    strange = sum(1 for character in sample if character == "\ufffd" or (character < " " and not character.isspace()))
    return strange <= 1 + len(sample) // 50


def is_labelled_utf8(body: bytes, charset: str | None) -> bool:
    """True when HTTP and the XML declaration agree on UTF-8, by saying so or by saying nothing."""
    declared = _XML_DECLARATION.match(body[:400])
    labels = (charset, declared[1].decode() if declared else None)
    wide = body.startswith(_BOMS[0][0]) or b"\x00" in body[:4]
    return not wide and all(not label or _lookup(label) == "utf-8" for label in labels)


def _decode(body: bytes, charset: str | None, declared: re.Match[bytes] | None) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body.decode(name, "replace").removeprefix("\ufeff")
    labels = [label for label in (charset, declared[1].decode() if declared else None) if label]
    names = [name for name in map(_lookup, labels) if name]
    wide = next((name for mark, name in _WIDE if body.startswith(mark)), None)
    if wide:
        names.insert(0, wide)
    elif not any(_is_multibyte(name) for name in names) and _is_utf8(body):
        # Text of a single-byte encoding is never valid UTF-8 by accident, but UTF-8 is often labelled as one.
        return body.decode()
    for name in (*names, "utf-8"):
        try:
            return _tidy(body.decode(name), name)
        except (UnicodeError, ValueError):
            continue
    return _guess(body, names)


def _unmarked_wide(sample: bytes) -> str | None:
    """UTF-16 without its mark: in Western text, every other byte is zero, and no others are."""
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    for few, many, name in ((*zeros, "utf-16-le"), (*zeros[::-1], "utf-16-be")):
        if 4 * many > len(sample) and 20 * few < many:
            return name
    return None


def _guess(body: bytes, names: list[str]) -> str:
    damaged = next((name for name in names if name != "utf-8" and not _is_multibyte(name)), None)
    if damaged:
        return body.decode(damaged, "replace")
    text = body.decode("utf-8", "replace")
    if _mostly_utf8(text):
        return text
    western = body.decode("cp1252", "replace")
    if _WESTERN.fullmatch(western):
        return western
    from charset_normalizer import from_bytes

    match = from_bytes(body[:_DETECTION_BYTES]).best()
    return body.decode(match.encoding if match else "cp1252", "replace")


def _mostly_utf8(text: str) -> bool:
    """UTF-8 with a few broken characters, rather than another encoding with few accents."""
    broken = text.count("\ufffd")
    return sum(1 for character in text if character > "\x7f") > 2 * broken


def _lookup(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name
        b"0".decode(name, "replace")  # refuses what turns bytes into bytes
    except (LookupError, ValueError):
        return None
    return None if name in _NOT_TEXT else _ALIASES.get(name, name)


def _is_multibyte(name: str) -> bool:
    return name != "utf-8" and not _SINGLE_BYTE.match(name)


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _tidy(text: str, name: str) -> str:
    return text.removeprefix("\ufeff") if name.startswith("utf") else text
