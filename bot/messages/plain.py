"""Text with everything removed that a reader cannot see and that could deceive them. Pure."""

import re

_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = r"\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"
_DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FILLERS = r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0"
_NO_CHARACTERS = r"\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"
_REMOVED = re.compile(f"[{_CONTROLS}{_DIRECTIONS}{_FILLERS}{_NO_CHARACTERS}]")
_STRAY_JOINERS = re.compile(r"(?<![^\s\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?=[\s\u200c\u200d]|$)")
_STRAY_TAGS = re.compile(
    r"(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+|[\U000e0000-\U000e001f]+"
)
_SELECTORS = re.compile(r"(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]+|[\U000e0100-\U000e01ef]+")
_PILES = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5,}")


def visible(text: str) -> str:
    """The text without control and direction characters, invisible fillers and piles of accents; lines end in \\n.

    What writing needs stays: emoji sequences, flags, joiners inside words, non-breaking spaces, composed accents.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
    for pattern in (_REMOVED, _STRAY_TAGS, _SELECTORS, _STRAY_JOINERS):
        text = pattern.sub("", text)
    return _PILES.sub(lambda match: match[0][:4], text)


def one_line(text: str) -> str:
    """Visible text on one line; non-breaking spaces stay."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", visible(text)).strip()
