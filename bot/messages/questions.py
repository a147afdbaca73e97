"""What starts a conversation about an article: two questions from the gap between its views, and a poll. Pure.

The questions quote: of each of the two opposed sections, the sentence that talks about the same thing as one of the
other's. Nothing is said about an article that it does not say itself.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import discord

from bot.articles.stop_words import STOP_WORDS
from bot.delivery.preferences import Preferences
from bot.locales import Words
from bot.messages.cutting import cut, sentence_ends
from bot.messages.kinds import face, in_order, is_perspective, short_name
from bot.messages.limits import POLL_ANSWER, POLL_ANSWERS, POLL_QUESTION
from bot.messages.markup import escape_line
from bot.messages.plain import one_line
from bot.models import Article, Block, Kind, Section

SHORTEST, LONGEST = 30, 240
"""Characters of a sentence worth quoting."""

MOST_SENTENCES = 40
"""Of each section; a pair is looked for among all of them."""

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6
"""Letters that tell two words apart well enough: "hospitalier" and "hospitaliers" talk about the same thing."""


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    stems: frozenset[str]


def questions_of(article: Article, words: Words) -> str:
    """The two questions as one message; empty unless the article has both an optimistic and a pessimistic view."""
    hope, fear = article.section(Kind.OPTIMISTIC), article.section(Kind.PESSIMISTIC)
    if hope is None or fear is None:
        return ""
    pair = opposed(sentences_of(hope, article.language), sentences_of(fear, article.language))
    if pair is None:
        return ""
    asked = (
        f"{face(kind).emoji} " + words(f"questions.{kind}", claim=escape_line(claim.text))
        for kind, claim in zip((Kind.OPTIMISTIC, Kind.PESSIMISTIC), pair, strict=True)
    )
    return "\n\n".join((f"### 💬 {words('questions.title')}", *asked))


def opposed(hopes: Sequence[Sentence], fears: Sequence[Sentence]) -> tuple[Sentence, Sentence] | None:
    """The pair that shares most; then the one that says most; then the first."""
    pairs = [(hope, fear) for hope in hopes for fear in fears]
    return max(
        pairs, key=lambda pair: (len(pair[0].stems & pair[1].stems), len(pair[0].stems | pair[1].stems)), default=None
    )


def sentences_of(section: Section, language: str) -> list[Sentence]:
    """Statements of quotable length; the beginning of its first sentence where it has none."""
    found: list[str] = []
    whole: list[str] = []
    for paragraph in section.paragraphs:
        if paragraph.block is Block.CODE:
            continue
        text = one_line(paragraph.text)
        start = 0
        for end in (*sentence_ends(text), len(text)):
            sentence, start = text[start:end].strip(), max(start, end)
            if sentence:
                whole.append(sentence)
            if SHORTEST <= len(sentence) <= LONGEST and not sentence.endswith(("?", ":", "…")):
                found.append(sentence)
        if len(found) >= MOST_SENTENCES:
            break
    found = found[:MOST_SENTENCES] or [cut(each, LONGEST) for each in whole[:1]]
    return [Sentence(each, _stems(each, language)) for each in found]


def poll_of(article: Article, preferences: Preferences, words: Words) -> discord.Poll | None:
    """Which view convinces; None where there are no two views to choose from."""
    views = [kind for kind in in_order(section.kind for section in article.sections) if is_perspective(kind)]
    if len(views) < 2:
        return None
    poll = discord.Poll(cut(words("poll.question"), POLL_QUESTION), timedelta(hours=preferences.poll_hours))
    for kind in views[: POLL_ANSWERS - 1]:
        poll.add_answer(text=cut(short_name(kind, words), POLL_ANSWER), emoji=face(kind).emoji)
    poll.add_answer(text=words("poll.unsure"), emoji="🤔")
    return poll


def _stems(text: str, language: str) -> frozenset[str]:
    common = STOP_WORDS.get(language, {})
    return frozenset(word[:_STEM] for word in _WORD.findall(folded(text)) if word not in common)


def folded(text: str) -> str:
    """Without case and accents, as names of one thing are compared."""
    spread = unicodedata.normalize("NFKD", one_line(text))
    return "".join(character for character in spread if not unicodedata.combining(character)).casefold().strip()
