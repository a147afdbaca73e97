"""How one source writes, learnt from articles whose sections moderators gave. Pure.

The labeller knows how articles of the genre are usually made; a source may always turn them round, open its bright side
with the same three words, or keep its poutine to one paragraph. What is counted here leans the labeller that way, the
more so the more articles say the same, and never decides alone.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.articles.characters import fold
from bot.articles.corrections import marks_of
from bot.models import Article, Kind, Section

MOST_ARTICLES = 30
"""Learnt from, the newest; a source may change its ways."""

_TRUST = 5.0
"""How many articles the labeller’s own opinion of order and length is worth: fewer serve more, and err more."""
_OPENING_WORDS = 3
_WORDS = 150
"""Of a paragraph looked at for cues."""
_LENGTH_WEIGHT, _END_WEIGHT = 0.4, 0.7
_CUE_WEIGHT, _CUES_COUNTED, _CUE_LIMIT = 0.4, 4, 2.0
_LIMIT = 3.0
"""What one cue, or one opening, may say at most."""
_SURELY = 0.7
"""Share of its occurrences in which an opening begins sections of one kind."""
_LONGEST = 6
_LENGTHS = (0.30, 0.33, 0.19, 0.09, 0.05, 0.04)
"""How often sections have one paragraph, two, … six or more."""
_SMOOTH = 0.2

Matrix = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Leaning:
    """Habits brought to bear on one article: additions to a labeller's scores, which are log-odds."""

    first: Sequence[float]
    follows: Matrix
    """Both instead of the labeller's own."""
    ordinary: float
    """Added to the score of the article having no sections of the genre."""
    run: Callable[[int, int], Sequence[float]]
    """Added to each kind's score for these paragraphs being one section."""


@dataclass(frozen=True, slots=True)
class SourceHabits:
    """Counts are of articles. Sections of kinds that the labeller does not know count for headings only."""

    articles: int = 0
    ordinary: int = 0
    """Articles that have no sections of the genre."""
    first: Mapping[str, int] = field(default_factory=dict)
    last: Mapping[str, int] = field(default_factory=dict)
    follows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lengths: Mapping[tuple[str, int], int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    openings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """From the first words of sections that begin so again and again, to their kinds; later paragraphs that begin with
    the same words count under `""`."""
    cues: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """From words that come back in sections of one kind and in no other, to that kind."""
    headings: Mapping[str, str] = field(default_factory=dict)
    """From a folded heading to the one kind that moderators gave it."""
    asides: frozenset[str] = frozenset()
    """Marks of paragraphs that come back from article to article and belong to no section."""

    def leaning(
        self, paragraphs: Sequence[str], kinds: Sequence[str], first: Sequence[float], follows: Matrix
    ) -> Leaning:
        """`first` and `follows` are the labeller's own scores of the order of `kinds`."""
        scores = _Scores(self, [fold(text).split()[:_WORDS] for text in paragraphs], kinds)
        return Leaning(
            first=_leant(first, [self.first.get(kind, 0) for kind in kinds]),
            follows=[
                _leant(row, [self.follows.get((kind, following), 0) for following in kinds])
                for kind, row in zip(kinds, follows, strict=True)
            ],
            ordinary=math.log((self.ordinary + 1) / (self.articles - self.ordinary + 1)) * self._share(),
            run=scores.run,
        )

    def _share(self) -> float:
        return self.articles / (self.articles + _TRUST)


def learn(corrected: Sequence[Article]) -> SourceHabits:
    """From articles as moderators left them, newest first."""
    corrected = corrected[:MOST_ARTICLES]
    counts = _Counts()
    for article in corrected:
        counts.add(article)
    return SourceHabits(
        articles=len(corrected),
        ordinary=counts.ordinary,
        first=counts.first,
        last=counts.last,
        follows=counts.follows,
        lengths=counts.lengths,
        kinds=counts.kinds,
        openings={opening: kinds for opening, kinds in counts.openings.items() if _is_telling(opening, kinds)},
        cues={cue: kinds for cue, kinds in counts.cues.items() if _is_cue(cue, kinds)},
        headings={
            heading: next(iter(kinds)) for heading, kinds in counts.headings.items() if len(kinds) == 1 and heading
        },
        asides=frozenset(mark for mark, times in counts.asides.items() if times > 1),
    )


class _Counts:
    def __init__(self) -> None:
        self.ordinary = 0
        self.first: Counter[str] = Counter()
        self.last: Counter[str] = Counter()
        self.follows: Counter[tuple[str, str]] = Counter()
        self.lengths: Counter[tuple[str, int]] = Counter()
        self.kinds: Counter[str] = Counter()
        self.openings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.cues: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.headings: defaultdict[str, set[str]] = defaultdict(set)
        self.asides: Counter[str] = Counter()

    def add(self, article: Article) -> None:
        for section in article.sections:
            if section.heading:
                self.headings[fold(section.heading)].add(section.kind)
            elif section.kind == Kind.OTHER:
                self.asides.update(set(marks_of([each.text for each in section.paragraphs])))
        # Where headings stand, they say what follows: nothing of that helps where there are none.
        if any(section.heading for section in article.sections):
            return
        sections = [section for section in article.sections if section.kind != Kind.OTHER]
        if all(section.kind == Kind.SUMMARY for section in sections):
            self.ordinary += 1
            return
        kinds = [section.kind for section in sections]
        self.first[kinds[0]] += 1
        self.last[kinds[-1]] += 1
        self.follows.update(pairwise(kinds))
        self.kinds.update(kinds)
        for section in sections:
            self._add_section(section)

    def _add_section(self, section: Section) -> None:
        self.lengths[section.kind, min(len(section.paragraphs), _LONGEST)] += 1
        words = [fold(paragraph.text).split()[:_WORDS] for paragraph in section.paragraphs]
        self._add_each(self.openings, _openings(words[0]), section.kind)
        for later in words[1:]:
            self._add_each(self.openings, _openings(later), "")
        self._add_each(self.cues, {cue for paragraph in words for cue in _cues(paragraph)}, section.kind)

    @staticmethod
    def _add_each(table: defaultdict[str, Counter[str]], keys: Iterable[str], kind: str) -> None:
        for key in keys:
            table[key][kind] += 1


class _Scores:
    """The scores of one article's runs."""

    def __init__(self, habits: SourceHabits, paragraphs: Sequence[Sequence[str]], kinds: Sequence[str]) -> None:
        self._habits = habits
        self._kinds = kinds
        self._count = len(paragraphs)
        self._cues = [set(_cues(words)) & habits.cues.keys() for words in paragraphs]
        self._openings = [self._opening(words) for words in paragraphs]
        self._lengths = [self._length(kind) for kind in kinds]
        self._ends = [_ratio(habits.last.get(kind, 0), sum(habits.last.values()), 1 / len(kinds)) for kind in kinds]

    def run(self, start: int, end: int) -> Sequence[float]:
        cues = set[str]().union(*self._cues[start:end])
        at_the_end = end == self._count
        return [
            _LENGTH_WEIGHT * self._lengths[number][min(end - start, _LONGEST) - 1]
            + self._openings[start][number]
            + self._cue_score(cues, kind)
            + (_END_WEIGHT * self._ends[number] if at_the_end else 0.0)
            for number, kind in enumerate(self._kinds)
        ]

    def _length(self, kind: str) -> list[float]:
        lengths = self._habits.lengths
        total = self._habits.kinds.get(kind, 0)
        return [_ratio(lengths.get((kind, at), 0), total, usual) for at, usual in enumerate(_LENGTHS, 1)]

    def _opening(self, words: Sequence[str]) -> list[float]:
        """The longest opening that is known speaks."""
        for opening in reversed(list(_openings(words))):
            seen = self._habits.openings.get(opening)
            if seen is not None:
                return [self._pointing(seen, kind) for kind in self._kinds]
        return [0.0] * len(self._kinds)

    def _cue_score(self, cues: Iterable[str], kind: str) -> float:
        pointing = sorted((self._pointing(self._habits.cues[cue], kind) for cue in cues), key=abs, reverse=True)
        total = _CUE_WEIGHT * sum(pointing[:_CUES_COUNTED])
        return max(-_CUE_LIMIT, min(_CUE_LIMIT, total))

    def _pointing(self, seen: Mapping[str, int], kind: str) -> float:
        """How much more often than elsewhere it was seen with this kind, as a logarithm."""
        have = self._habits.kinds.get(kind, 0)
        all_of_them = sum(self._habits.kinds.values())
        here = (seen.get(kind, 0) + _SMOOTH) / (have + 2 * _SMOOTH)
        anywhere = (sum(seen.values()) + _SMOOTH) / (all_of_them + 2 * _SMOOTH)
        return max(-_LIMIT, min(_LIMIT, math.log(here / anywhere)))


def _leant(scores: Sequence[float], counts: Sequence[int]) -> list[float]:
    """What the labeller expects, as so many articles, and what was counted, together; as scores of the same size."""
    highest = max(scores)
    weights = [math.exp(score - highest) for score in scores]
    whole = sum(weights)
    total = sum(counts)
    return [
        highest + math.log(whole) + math.log((count + _TRUST * weight / whole) / (total + _TRUST))
        for count, weight in zip(counts, weights, strict=True)
    ]


def _ratio(count: int, total: int, usual: float) -> float:
    """How much more often than usual, as a logarithm; nothing while nothing was counted."""
    return math.log((count + _TRUST * usual) / (total + _TRUST) / usual)


def _is_telling(opening: str, kinds: Mapping[str, int]) -> bool:
    """A single word begins many paragraphs by chance."""
    most = max((count for kind, count in kinds.items() if kind), default=0)
    return most >= (2 if " " in opening else 3) and most >= _SURELY * sum(kinds.values())


def _is_cue(cue: str, kinds: Mapping[str, int]) -> bool:
    return len(kinds) == 1 and max(kinds.values()) >= (3 if " " in cue else 4)


def _openings(words: Sequence[str]) -> Iterator[str]:
    for length in range(1, min(_OPENING_WORDS, len(words)) + 1):
        yield " ".join(words[:length])


def _cues(words: Sequence[str]) -> Iterator[str]:
    yield from words
    for one, two in pairwise(words):
        yield f"{one} {two}"
