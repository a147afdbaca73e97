"""Counts, in one pass over the words of a paragraph, how many belong to each cue class of a language's lexicon."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.articles.lexicon import Lexicon, lexicons, remembered

_SHORTEST_STEM, _LONGEST_STEM = 2, 14
_MOST_SEEN = 20_000
_LONGEST_SEEN = 40


@dataclass(slots=True)
class CueCounter:
    """Each class counts a word once; a phrase counts where it begins, and `^` asks for the start of the paragraph."""

    classes: tuple[str, ...]
    _words: dict[str, list[int]] = field(default_factory=dict)
    _stems: dict[str, list[int]] = field(default_factory=dict)
    _endings: dict[str, list[int]] = field(default_factory=dict)
    _phrases: dict[str, list[tuple[tuple[str, ...], int]]] = field(default_factory=dict)
    _openings: list[tuple[tuple[str, ...], int]] = field(default_factory=list)
    _seen: dict[str, frozenset[int]] = field(default_factory=dict)
    """Words looked up before: an article's are mostly those of the last one."""

    def add(self, cue: str, index: int) -> None:
        words = tuple(cue.lstrip("^").split())
        if cue.startswith("^"):
            self._openings.append((words, index))
        elif len(words) > 1:
            self._phrases.setdefault(words[0], []).append((words, index))
        elif cue.endswith("*"):
            self._stems.setdefault(cue[:-1], []).append(index)
        elif cue.startswith("*"):
            self._endings.setdefault(cue[1:], []).append(index)
        else:
            self._words.setdefault(cue, []).append(index)

    def count(self, words: Sequence[str]) -> list[int]:
        counts = [0] * len(self.classes)
        for opening, index in self._openings:
            if tuple(words[: len(opening)]) == opening:
                counts[index] = 1
        for position, word in enumerate(words):
            for index in self._of(word):
                counts[index] += 1
            for phrase, index in self._phrases.get(word, ()):
                if tuple(words[position : position + len(phrase)]) == phrase:
                    counts[index] += 1
        return counts

    def _of(self, word: str) -> frozenset[int]:
        seen = self._seen.get(word)
        if seen is not None:
            return seen
        seen = self._look_up(word)
        if len(word) <= _LONGEST_SEEN:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[word] = seen
        return seen

    def _look_up(self, word: str) -> frozenset[int]:
        found = set(self._words.get(word, ()))
        for length in range(_SHORTEST_STEM, min(len(word), _LONGEST_STEM) + 1):
            found.update(self._stems.get(word[:length], ()))
        for length in range(3, min(6, len(word) - 1)):
            found.update(self._endings.get(word[-length:], ()))
        return frozenset(found)


@remembered
def cue_counter(language: str) -> CueCounter:
    """The counter of a language; of English for any language that has no lexicon."""
    known = {lexicon.language: lexicon for lexicon in lexicons() if lexicon.cues}
    lexicon: Lexicon = known.get(language, known["en"])
    counter = CueCounter(tuple(sorted(lexicon.cues)))
    for index, name in enumerate(counter.classes):
        for cue in lexicon.cues[name]:
            counter.add(cue, index)
    return counter
