"""Characters of hostile or careless text: what is removed before anyone sees it; how words are folded to compare."""

import re
import unicodedata

# Invisible characters that reorder, hide or forge text, and controls that no renderer should meet (lone surrogates
# cannot even be encoded). Joiners, tags and variation selectors are judged one by one, for emoji need them.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_STACKED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_NEWLINES = re.compile("\r\n?|[\x85\x0b\x0c\u2028\u2029]")
_JOINING_SCRIPTS = re.compile("[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af]")
_EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_BLACK_FLAG = "\U0001f3f4"

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
_LIGATURE = re.compile("[œŒæÆßẞøØłŁ]")
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_BEYOND_LATIN = re.compile("[\u0300-\U0010ffff]+")
_NOT_WORD = re.compile(r"[\W_]+")


def clean_characters(text: str) -> str:
    """`text` without characters that nobody sees; every visible one is kept, non-breaking spaces included.

    Zero-width joiners stay inside emoji and in scripts that spell with them; direction marks go everywhere.
    """
    text = _NEWLINES.sub("\n", text)
    if _SUSPECT.search(text):
        text = _SUSPECT.sub(_judge, text)
    return _STACKED.sub(r"\1", text)


def _judge(match: re.Match[str]) -> str:
    character, position = match[0], match.start()
    before = match.string[position - 1 : position]
    after = match.string[position + 1 : position + 2]
    if character == "\u200d":
        joins = _is_emoji(before) and _is_emoji(after)
        return character if joins or _both_spell(before, after) else ""
    if character == "\u200c":
        return character if _both_spell(before, after) else ""
    if "\ufe00" <= character <= "\ufe0f":
        kept = bool(before) and not before.isspace() and not _SUSPECT.match(before)
        return character if kept else ""
    if "\U000e0020" <= character <= "\U000e007f":
        # Flags of regions (Scotland, Texas) are a black flag followed by tag letters.
        start = max(0, position - 8)
        return character if _BLACK_FLAG in match.string[start:position] else ""
    return ""


def _is_emoji(character: str) -> bool:
    return character == "\ufe0f" or bool(_EMOJI.match(character))


def _both_spell(before: str, after: str) -> bool:
    return bool(_JOINING_SCRIPTS.match(before) and _JOINING_SCRIPTS.match(after))


def bare(text: str) -> str:
    """`text` without accents and ligatures; its case and its punctuation stay."""
    if text.isascii():
        return text
    if _LIGATURE.search(text):
        text = text.translate(_LIGATURES)
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return _BEYOND_LATIN.sub(_without_marks, text) if _BEYOND_LATIN.search(text) else text


def _without_marks(match: re.Match[str]) -> str:
    return "".join(character for character in match[0] if not unicodedata.combining(character))


def fold(text: str) -> str:
    """Words only, for comparing: case, accents, ligatures, punctuation and emoji ignored, one space between words."""
    return _NOT_WORD.sub(" ", bare(text.casefold())).strip()
