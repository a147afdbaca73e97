"""Which kind a heading names, in many wordings; and which of an article's headings are believed.

A heading names a kind when, its emoji, accents, case and punctuation aside, nothing is left of it but that kind's
words and words of the frame ("Le point de vue de l’optimiste"). How sure that is depends on the wording, so the
headings of an article are judged together: "Risks" alone means nothing, beside "The bright side" it does.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from bot.articles.characters import fold
from bot.articles.lexicon import lexicons, remembered
from bot.models import Kind

MAX_WORDS = 12
_LONGEST_PHRASE = 8
_NUMBERING = re.compile(r"^\s*(?:\d{1,2}\s*[.):–-]?|(?:[ivxIVX]{1,4}|[a-eA-E])\s*[.):–-])\s+(?=\S)")
_ARTICLES = ("le ", "la ", "les ", "l ", "un ", "une ", "the ", "a ", "an ")
_AFTER_NAME = re.compile(r"\s*(?::|\s[-–—|]\s|[.!?]\s).*$", re.DOTALL)


class Sureness(IntEnum):
    """In half points: an article's headings are believed from three. PARTIAL: the heading says more than the kind."""

    PARTIAL = 0
    WEAK = 1
    STRONG = 2
    CERTAIN = 4


@dataclass(frozen=True, slots=True)
class HeadingMatch:
    kind: str
    sureness: Sureness


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Every wording of every language. Words and phrases of several kinds at once belong to none."""

    by_phrase: dict[tuple[str, ...], HeadingMatch]
    emoji: dict[str, str]
    frame: frozenset[str]
    negations: frozenset[str]


@remembered
def _phrases() -> _Phrases:
    by_phrase: dict[tuple[str, ...], HeadingMatch] = {}
    emoji: dict[str, str] = {}
    for lexicon in lexicons():
        for kind in lexicon.kinds:
            emoji.update(dict.fromkeys(kind.emoji, kind.kind))
            for phrases, sureness in (
                (kind.weak, Sureness.WEAK),
                (kind.headings, Sureness.STRONG),
                (kind.words, Sureness.CERTAIN),
            ):
                for phrase in phrases:
                    # A heading may decline or drop the article, and the frame covers what then stands there.
                    bare = next(
                        (phrase.removeprefix(article) for article in _ARTICLES if phrase.startswith(article)), ""
                    )
                    for wording in (phrase, bare):
                        if wording and (wording == phrase or " " in wording):
                            by_phrase[tuple(wording.split())] = HeadingMatch(kind.kind, sureness)
    frame = frozenset[str]().union(*(lexicon.frame for lexicon in lexicons()))
    negations = frozenset[str]().union(*(lexicon.negations for lexicon in lexicons()))
    return _Phrases(by_phrase, emoji, frame, negations)


def match_heading(text: str, *, marked: bool) -> HeadingMatch | None:
    """The kind that `text` names, if any. `marked` headings (real or decorated ones) may say more besides."""
    if len(text) > 120:
        return None
    words = _words(text)
    if len(words) > MAX_WORDS:
        return None
    if found := _match_words(words):
        return found
    by_emoji = {kind for emoji, kind in _phrases().emoji.items() if emoji in text}
    if len(by_emoji) == 1:
        kind = by_emoji.pop()
        if not words:
            return HeadingMatch(kind, Sureness.STRONG)
        if marked:
            return HeadingMatch(kind, Sureness.WEAK)
    return _match_part(text, words) if marked else None


def is_furniture(text: str) -> bool:
    """Whether everything below this heading belongs to the site ("À lire aussi")."""
    folded = fold(text)
    return any(folded in lexicon.furniture for lexicon in lexicons())


def believed(matches: list[HeadingMatch]) -> bool:
    """Whether these headings, all that an article has, make it a headed article of the genre."""
    best: dict[str, int] = {}
    for match in matches:
        worth = min(match.sureness, Sureness.WEAK) if match.kind == Kind.SUMMARY else match.sureness
        best[match.kind] = max(best.get(match.kind, 0), worth)
    return sum(best.values()) >= 3 and bool(best.keys() - {Kind.SUMMARY})


def _words(text: str) -> list[str]:
    return fold(_NUMBERING.sub("", text)).split()


def _match_words(words: list[str]) -> HeadingMatch | None:
    """The one kind whose words, with those of the frame, are all there is."""
    phrases = _phrases()
    found: list[HeadingMatch] = []
    position = 0
    while position < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - position), 0, -1):
            match = phrases.by_phrase.get(tuple(words[position : position + length]))
            if match is not None:
                found.append(match)
                position += length
                break
        else:
            if words[position] not in phrases.frame:
                return None
            position += 1
    if not found or len({match.kind for match in found}) > 1:
        return None
    return max(found, key=lambda match: match.sureness)


def _match_part(text: str, words: list[str]) -> HeadingMatch | None:
    """A kind's name before a title of its own ("Optimiste : un pas de géant"), or its surest word among others."""
    head = _AFTER_NAME.sub("", text)
    if head != text and (found := _match_words(_words(head))):
        return found
    phrases = _phrases()
    if phrases.negations.intersection(words) or len(words) > 8:
        return None
    named = [
        match for word in words if (match := phrases.by_phrase.get((word,))) and match.sureness is Sureness.CERTAIN
    ]
    if len({match.kind for match in named}) == 1:
        return HeadingMatch(named[0].kind, Sureness.PARTIAL)
    return None
