"""Reads Markdown as Discord's clients do, well enough to say what a reader sees and where a click leads.

The rules and their order are those of simple-markdown (https://github.com/Khan/simple-markdown), which Discord's
clients extend: escapes, auto-linked addresses, masked links, mentions, timestamps, emoji, styles, and line starts.
"""

import re
from dataclasses import dataclass, field

_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?\s*\)", re.DOTALL
)
_INLINE = (
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("code_block", re.compile(r"```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][\s\S]*?)\n*```")),
    ("code", re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")),
    ("angle", re.compile(r"<([^: >]+:/[^ >]+)>")),
    ("bare", re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]")),
    ("link", _LINK),
    ("mention", re.compile(r"<(?:@[!&]?|#|/[^>]*:|id:)[^>]*>|@everyone|@here")),
    ("emoji", re.compile(r"<a?:\w+:\d+>")),
    ("timestamp", re.compile(r"<t:-?\d+(?::[tTdDfFR])?>")),
    ("shortcode", re.compile(r":[\w+-]+:")),
    ("strong", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    (
        "em",
        re.compile(
            r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"
            r"|_((?:__|\\[\s\S]|[^\\_])+?)_(?![A-Za-z0-9_])"
        ),
    ),
    ("strike", re.compile(r"~~(?=\S)((?:\\[\s\S]|(?!~~)[^\\])*\S)~~")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
)
_LINE_START = re.compile(r"(?:^|\n)[ \u00a0]*(?:(#{1,3}) |(>>>|>) |(-#) |([-*+]) |(\d+)\. )")


@dataclass
class Seen:
    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    """Visible text and target."""
    effects: set[str] = field(default_factory=set)
    """Everything that was more than text, but for links."""


def read(markdown: str) -> Seen:
    seen = Seen()
    for match in _LINE_START.finditer(markdown):
        seen.effects.add(["heading", "quote", "subtext", "list", "list"][(match.lastindex or 1) - 1])
    seen.text = _read(markdown, seen)
    return seen


def _read(markdown: str, seen: Seen) -> str:
    out: list[str] = []
    position = 0
    while position < len(markdown):
        for name, pattern in _INLINE:
            match = pattern.match(markdown, position)
            if match:
                out.append(_apply(name, match, seen))
                position = match.end()
                break
        else:
            out.append(markdown[position])
            position += 1
    return "".join(out)


def _apply(name: str, match: re.Match[str], seen: Seen) -> str:
    match name:
        case "escape":
            return match[1]
        case "angle" | "bare":
            url = match[1] if name == "angle" else match[0]
            seen.links.append((url, url))
            return url
        case "link":
            text = _read(match[1], seen)
            seen.links.append((text, match[2]))
            return text
        case "code" | "code_block":
            seen.effects.add(name)
            return match[2].strip() if name == "code" else match[2]
        case "strong" | "underline" | "strike" | "spoiler":
            seen.effects.add(name)
            return _read(match[1], seen)
        case "em":
            seen.effects.add(name)
            return _read(match[1] or match[2], seen)
        case _:
            seen.effects.add(name)
            return match[0]
