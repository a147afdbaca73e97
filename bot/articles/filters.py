"""Which articles a moderator wants: words or a pattern that they must have, or must not have. Pure.

Words ignore case and accents and stand on their own: `IA` is found in "L’IA", not in "diagnostic"; `frit*` is found in
"frites". Patterns are RE2's, whose time is linear in the text whatever the pattern, and ignore case and accents too.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.articles.characters import bare
from bot.articles.patterns import Pattern, read_pattern
from bot.errors import RequestRefused
from bot.models import Article

Mode = Literal["include", "exclude"]
Where = Literal["any", "title", "text", "author", "category", "language", "section"]

LONGEST_WORDS = 200

LOOKED_AT = 100_000
"""Characters of one field that are looked at: more than any book's chapter, and never more than a moment's work."""

_ALTERNATIVES = re.compile(r"[,;\n]")
_QUOTES = "\"'«»“”‘’ \u00a0\u202f"
_APART = re.compile(r"[\s_'’‘ʼ\-‐‑‒–—]+")
"""What stands between words: "L’IA" and "États-Unis" are two each."""
_SELECTORS = re.compile("[\ufe0e\ufe0f]")
_APOSTROPHES = str.maketrans("’‘ʼ", "'''")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that write no space between words."""

_LONGEST_ENDING = 40


class Filter(BaseModel):
    """`words` are alternatives, apart by commas: phrases, or the codes of languages, or kinds of section."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mode: Mode
    field: Where = "any"
    words: str = Field(min_length=1, max_length=LONGEST_WORDS)
    """Or a pattern in RE2's syntax."""
    is_pattern: bool = False

    @property
    def key(self) -> str:
        """By what one of a subscription's filters is told from the others."""
        return blake2b(self.model_dump_json().encode(), digest_size=4).hexdigest()

    @property
    def reads_text(self) -> bool:
        """Whether it has to look for something in what an article says."""
        return self.field not in ("language", "section")

    def alternatives(self) -> tuple[str, ...]:
        return (self.words,) if self.is_pattern else _split(self.words)


_TRACE = TypeAdapter(tuple[Filter, ...])

Found = Mapping[Filter, bool | None]
"""Whether filters find in an article what they look for; None where that would have taken too long to say."""


@dataclass(frozen=True, slots=True)
class Verdict:
    passes: bool
    because: tuple[Filter, ...] = ()
    """Where it passes: the filters that wanted it. Where it does not: the one that it must not have, or those of which
    it has none."""


class Subject:
    """An article as filters see it; each field is made ready once, when it is first asked for."""

    def __init__(self, article: Article, found: Found | None = None) -> None:
        """`found` is what is known already."""
        self._article = article
        self._found = dict(found or {})

    def has(self, wanted: Filter) -> bool | None:
        """Whether the article has what a filter looks for, apart from sections; None when that cannot be told."""
        if wanted.field == "language":
            return self._article.language in wanted.alternatives()
        if wanted not in self._found:
            self._found[wanted] = self._look_for(wanted)
        return self._found[wanted]

    def kinds(self) -> Collection[str]:
        return {section.kind for section in self._article.sections}

    def _look_for(self, wanted: Filter) -> bool | None:
        if not wanted.is_pattern:
            phrases = _phrases(wanted.words)
            return any(phrase.is_in(value) for value in self._values(wanted.field, self._folded) for phrase in phrases)
        try:
            pattern = pattern_of(wanted.words)
        except RequestRefused:  # this machine cannot read it, though another once did
            return None
        return any(pattern.is_in(value) for value in self._values(wanted.field, self._bare))

    def _values(self, field: str, by_field: Mapping[str, Sequence[str]]) -> Sequence[str]:
        if field == "any":
            return [value for values in by_field.values() for value in values]
        return by_field[field]

    @cached_property
    def _bare(self) -> Mapping[str, Sequence[str]]:
        article = self._article
        return {
            "title": [_bare(article.title)],
            "text": [_bare(_text_of(article))],
            "author": [_bare(article.author or "")],
            "category": [_bare(each) for each in article.categories],
        }

    @cached_property
    def _folded(self) -> Mapping[str, Sequence[str]]:
        return {field: [_folded(value) for value in values] for field, values in self._bare.items()}


def judge(filters: Sequence[Filter], subject: Subject, kinds: Collection[str] | None = None) -> Verdict:
    """Whether an article passes: it has nothing that it must not have, and of each field one thing that it must have.

    Each section that it must have is asked for by itself. `kinds` are the article's in the eyes of the server that
    asks, where they differ. A filter that cannot be applied keeps nothing out.
    """
    if not filters:
        return Verdict(passes=True)
    kinds = subject.kinds() if kinds is None else kinds

    def has(wanted: Filter) -> bool | None:
        if wanted.field == "section":
            return any(kind in kinds for kind in wanted.alternatives())
        return subject.has(wanted)

    for each in filters:
        if each.mode == "exclude" and has(each):
            return Verdict(passes=False, because=(each,))
    reasons: list[Filter] = []
    for group in _groups(filters):
        answers = {each: has(each) for each in group}
        if not any(answer is not False for answer in answers.values()):
            return Verdict(passes=False, because=group)
        reasons += [each for each, answer in answers.items() if answer]
    return Verdict(passes=True, because=tuple(reasons))


def pattern_of(words: str) -> Pattern:
    """What finds a pattern in a field. Raises RequestRefused, which says what is wrong with it."""
    return read_pattern(_bare(words))


def trace_of(because: tuple[Filter, ...]) -> str:
    """The filters that kept an article out, as they are kept for whoever asks why."""
    return _TRACE.dump_json(because, exclude_defaults=True).decode()


def read_trace(trace: str) -> tuple[Filter, ...]:
    """None of them where another version of the bot wrote it in a way that this one cannot read."""
    try:
        return _TRACE.validate_json(trace)
    except ValidationError:
        return ()


def says_something(words: str) -> bool:
    """Whether there is anything to look for in what a moderator typed."""
    return bool(_phrases(words))


def _groups(filters: Sequence[Filter]) -> Sequence[tuple[Filter, ...]]:
    """Filters of which an article must have one."""
    groups: dict[str, list[Filter]] = {}
    for each in filters:
        if each.mode == "include":
            groups.setdefault(each.key if each.field == "section" else each.field, []).append(each)
    return [tuple(group) for group in groups.values()]


def _text_of(article: Article) -> str:
    """Headings and paragraphs, as far as they are looked at."""
    parts: list[str] = []
    length = 0
    for section in article.sections:
        for part in (section.heading or "", *(paragraph.text for paragraph in section.paragraphs)):
            parts.append(part)
            length += len(part) + 1
            if length > LOOKED_AT:
                return "\n".join(parts)
    return "\n".join(parts)


def _bare(text: str) -> str:
    return _SELECTORS.sub("", bare(text[:LOOKED_AT].translate(_APOSTROPHES)))


def _folded(bare_text: str) -> str:
    return _APART.sub(" ", bare_text.casefold())


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words that stand one after the other."""

    words: tuple[str, ...]
    written: str
    """What a text holds letter by letter where it holds the phrase: looked for first, since most texts do not."""

    def is_in(self, folded: str) -> bool:
        return self.written in folded and _look(self.words).search(folded) is not None


@lru_cache(maxsize=4_096)
def _phrases(words: str) -> tuple[_Phrase, ...]:
    typed = (_folded(_bare(each)).split() for each in _split(words))
    kept = (tuple(word for word in phrase if word.strip("*")) for phrase in typed)
    return tuple(_Phrase(phrase, _written(phrase)) for phrase in kept if phrase)


def _written(phrase: tuple[str, ...]) -> str:
    has_star = any(word.endswith("*") for word in phrase)
    return phrase[0].rstrip("*") if has_star else " ".join(phrase)


def _split(words: str) -> tuple[str, ...]:
    parts = (part.strip(_QUOTES) for part in _ALTERNATIVES.split(words))
    return tuple(dict.fromkeys(part for part in parts if part))


@lru_cache(maxsize=512)
def _look(words: tuple[str, ...]) -> re.Pattern[str]:
    """In one pass: there is nothing in it to try twice."""
    before = "" if _stands_anywhere(words[0][0]) else r"(?<!\w)"
    after = "" if _stands_anywhere(words[-1][-1]) else r"(?!\w)"
    return re.compile(before + " ".join(map(_look_for_word, words)) + after)


def _look_for_word(word: str) -> str:
    """A star at its end stands for whatever the word goes on with; bounded, so that no text makes it slow."""
    stem = word.rstrip("*")
    return re.escape(stem) + (rf"\w{{0,{_LONGEST_ENDING}}}" if stem != word else "")


def _stands_anywhere(character: str) -> bool:
    return not (character.isalnum() or character == "_") or _SPACELESS.match(character) is not None
