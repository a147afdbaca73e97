"""Markdown inside a line: emphasis, code, links, images, escapes. One pass, no backtracking over the line."""

import re
from dataclasses import dataclass
from html import unescape

from bot.articles.blocks import BlockWriter, web_address
from bot.models import SpanStyle

_SPECIAL = re.compile(r"[\\`*_~\[!<&]")
_CODE = re.compile(r"(`{1,5})(?!`)(.{1,2000}?)(?<!`)\1(?!`)", re.DOTALL)
_TICKS = re.compile(r"`+")
_LABEL = r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]{0,200}\]){0,1000}+)\]"
_LINK = re.compile(
    _LABEL
    + r"(?:\([ \t]*<?((?:[^\s()<>\\]|\\.|\([^\s()]{0,500}\)){0,2000}+)>?"
    + r"(?:[ \t]+(?:\"[^\"]{0,500}\"|'[^']{0,500}'))?[ \t]*\)|\[([^\[\]]{0,200})\])"
)
_SHORTCUT = re.compile(r"\[([^\[\]]{1,200})\]")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,2000})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>|<!--.{0,2000}?-->")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_OPENERS = 100


@dataclass(slots=True)
class _Token:
    text: str = ""
    opens: SpanStyle | None = None
    closes: "_Token | None" = None
    url: str | None = None
    code: bool = False
    image: tuple[str, str] | None = None
    line_break: bool = False
    ignored: bool = False


def write_inline(writer: BlockWriter, text: str, base_url: str | None, definitions: dict[str, str]) -> None:
    for token in _tokens(text, definitions, links=True):
        if token.line_break:
            writer.break_line()
        elif token.image is not None:
            writer.picture(token.image[0], token.image[1], base_url)
        elif token.opens is not None:
            url = web_address(token.url, base_url) if token.opens is SpanStyle.LINK else None
            token.ignored = (token.opens is SpanStyle.LINK and url is None) or not writer.open(token.opens, url)
        elif token.closes is not None:
            if token.closes.opens is not None and not token.closes.ignored:
                writer.close(token.closes.opens)
        elif token.code:
            opened = writer.open(SpanStyle.CODE)
            writer.write(token.text)
            if opened:
                writer.close(SpanStyle.CODE)
        else:
            writer.write(token.text)


def _tokens(text: str, definitions: dict[str, str], *, links: bool) -> list[_Token]:
    tokens: list[_Token] = []
    openers: list[tuple[_Token, str]] = []
    position = 0
    while match := _SPECIAL.search(text, position):
        if match.start() > position:
            tokens.append(_Token(text[position : match.start()]))
        character, position = match[0], match.start()
        if character in "*_~":
            position = _emphasis(text, position, tokens, openers)
        else:
            position = _other(text, position, tokens, definitions, links=links)
    tokens.append(_Token(text[position:]))
    return tokens


def _other(text: str, position: int, tokens: list[_Token], definitions: dict[str, str], *, links: bool) -> int:
    """Reads the markup at `position`, or its character as itself; returns where to go on."""
    end: int | None = None
    match text[position]:
        case "\\" if text[position + 1 : position + 2] in _ESCAPABLE:
            tokens.append(_Token(text[position + 1 : position + 2]))
            end = position + 2
        case "`":
            end = _code(text, position, tokens)
        case "!":
            end = _image(text, position, tokens, definitions)
        case "[" if links:
            end = _link(text, position, tokens, definitions)
        case "<":
            end = _angle(text, position, tokens)
        case "&" if entity := _ENTITY.match(text, position):
            tokens.append(_Token(unescape(entity[0])))
            end = entity.end()
    if end is None:
        tokens.append(_Token(text[position]))
        return position + 1
    return end


def _code(text: str, position: int, tokens: list[_Token]) -> int | None:
    if code := _CODE.match(text, position):
        tokens.append(_Token(code[2].strip() or code[2], code=True))
        return code.end()
    run = _TICKS.match(text, position)
    tokens.append(_Token(run[0] if run else "`"))
    return run.end() if run else position + 1


def _image(text: str, position: int, tokens: list[_Token], definitions: dict[str, str]) -> int | None:
    image = _LINK.match(text, position + 1)
    if image is None:
        return None
    address = image[2] if image[2] is not None else definitions.get((image[3] or image[1]).casefold(), "")
    tokens.append(_Token(image=(address, image[1])))
    return image.end()


def _link(text: str, position: int, tokens: list[_Token], definitions: dict[str, str]) -> int | None:
    match = _LINK.match(text, position)
    if match is None:
        match = _SHORTCUT.match(text, position)
        if match is None or match[1].casefold() not in definitions:
            return None
        address: str | None = definitions[match[1].casefold()]
    else:
        address = match[2] if match[2] is not None else definitions.get((match[3] or match[1]).casefold())
    if address is None:
        return None
    opening = _Token(opens=SpanStyle.LINK, url=re.sub(r"\\(.)", r"\1", unescape(address)))
    tokens.append(opening)
    tokens.extend(_tokens(match[1], definitions, links=False))
    tokens.append(_Token(closes=opening))
    return match.end()


def _angle(text: str, position: int, tokens: list[_Token]) -> int | None:
    if link := _AUTOLINK.match(text, position):
        opening = _Token(opens=SpanStyle.LINK, url=link[1])
        tokens.extend((opening, _Token(link[1]), _Token(closes=opening)))
        return link.end()
    if line_break := _BREAK.match(text, position):
        tokens.append(_Token(line_break=True))
        return line_break.end()
    if tag := _TAG.match(text, position):
        return tag.end()
    return None


def _emphasis(text: str, position: int, tokens: list[_Token], openers: list[tuple[_Token, str]]) -> int:
    character = text[position]
    end = position
    while end < len(text) and text[end] == character:
        end += 1
    before, after = text[position - 1 : position], text[end : end + 1]
    can_open = bool(after) and not after.isspace()
    can_close = bool(before) and not before.isspace()
    if character == "_":
        can_open, can_close = can_open and not before.isalnum(), can_close and not after.isalnum()
    left = end - position
    while left:
        opener = next(
            (index for index in range(len(openers) - 1, -1, -1) if _fits(openers[index], character, left)), None
        )
        if can_close and opener is not None:
            token, mark = openers[opener]
            del openers[opener:]
            token.opens, token.text = _style(mark), ""
            tokens.append(_Token(closes=token))
            left -= len(mark)
            continue
        mark = character * min(left, 2)
        token = _Token(mark)
        tokens.append(token)
        if can_open and len(openers) < _OPENERS and mark != "~":
            openers.append((token, mark))
        left -= len(mark)
    return end


def _fits(opener: tuple[_Token, str], character: str, left: int) -> bool:
    return opener[1][0] == character and len(opener[1]) <= left


def _style(mark: str) -> SpanStyle:
    if mark[0] == "~":
        return SpanStyle.STRIKE
    return SpanStyle.BOLD if len(mark) == 2 else SpanStyle.ITALIC
