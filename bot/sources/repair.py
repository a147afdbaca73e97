"""Broken XML made well-formed, so that the strict parser can be asked again before the forgiving one guesses.

A forgiving parser drops what it does not understand: `AT&T R&D` becomes `AT R`, and a link loses its parameters.
Each step here is linear in the length of the text.
"""

import re
from html import unescape
from html.entities import html5

MAX_ENTITIES = 200
MAX_ENTITY_LENGTH = 200

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_PROLOG = re.compile(r"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z_][\w.-]{0,60})\s+(?:"([^"<&%]{0,200})"|'([^'<&%]{0,200})')\s*>""")
_REFERENCE = re.compile(r"&(?:(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9_.-]{0,60});)?")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_C1 = re.compile("[\x80-\x9f]")
_C1_BYTES = re.compile(rb"\xc2[\x80-\x9f]")
_C1_REFERENCES = re.compile(rb"&#(?:1[2-5]\d|[xX][89][0-9a-fA-F]);")


def drop_declaration(text: str) -> str:
    """`text` without its XML declaration, which names an encoding that decoded text no longer has."""
    match = _DECLARATION.match(text)
    return text[match.end() :] if match else text


def repair(text: str) -> str:
    """`text` without what strict parsers stumble over: junk around the root, control characters, loose ampersands,
    HTML's entities and document types. Entities that the document defines as short plain text are put in place;
    nested and external ones are left out, so that they cannot grow or be fetched."""
    text = repair_windows(_CONTROL.sub("", drop_declaration(text[max(0, text.find("<")) :])))
    text, entities = _drop_document_type(text)
    return _outside_cdata(text, entities)


def repair_windows(text: str) -> str:
    """Characters 80 to 9F, which are controls in Unicode, as the Windows-1252 letters that their authors meant."""
    return _C1.sub(lambda match: match[0].encode("latin-1").decode("cp1252", "replace"), text)


def has_windows_letters(data: bytes) -> bool:
    """Whether UTF-8 XML holds such characters, as they are or as references."""
    return _C1_BYTES.search(data) is not None or _C1_REFERENCES.search(data) is not None


def _drop_document_type(text: str) -> tuple[str, dict[str, str]]:
    start = _PROLOG.match(text).end()  # type: ignore[union-attr]
    if not text.startswith("<!DOCTYPE", start):
        return text, {}
    bracket, end = text.find("[", start), text.find(">", start)
    entities: dict[str, str] = {}
    if 0 <= bracket < end:
        close = re.compile(r"\]\s*>").search(text, bracket)
        if close is None:
            return text[:start], {}
        for match in _ENTITY.finditer(text, bracket, close.start()):
            entities.setdefault(match[1], match[2] if match[2] is not None else match[3])
            if len(entities) >= MAX_ENTITIES:
                break
        end = close.end() - 1
    return text[:start] + text[end + 1 :] if end >= 0 else text[:start], entities


def _outside_cdata(text: str, entities: dict[str, str]) -> str:
    pieces: list[str] = []
    at = 0
    while True:
        start = text.find("<![CDATA[", at)
        markup = text[at : start if start >= 0 else None]
        pieces.append(_REFERENCE.sub(lambda match: _reference(match, entities), markup))
        if start < 0:
            return "".join(pieces)
        end = text.find("]]>", start)
        if end < 0:
            # Cut off inside: close it, and let the forgiving parser close the elements.
            return "".join([*pieces, text[start:], "]]>"])
        at = end + 3
        pieces.append(text[start:at])


def _reference(match: re.Match[str], entities: dict[str, str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name in _XML_NAMES:
        return match[0]
    if name.startswith("#"):
        # unescape knows which numbers are no characters, and what Windows means by 128 to 159.
        return _escape(_CONTROL.sub("", unescape(match[0])))
    if name in entities:
        return _escape(entities[name])
    if (character := html5.get(f"{name};")) is not None:
        return _escape(character)
    return f"&amp;{name};"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
