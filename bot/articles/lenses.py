"""The kinds of section as people meet them: what they are called in each language, and their face. Pure.

Everything here comes from the lexicons, where a community adds perspectives of its own; `other` is no kind of the
genre, and has neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.articles.emoji import one_emoji
from bot.articles.lexicon import KindWords, lexicons, remembered
from bot.models import Kind


@dataclass(frozen=True, slots=True)
class Lens:
    kind: str
    names: Mapping[str, str]
    """As headings say it, by language: "Point de vue optimiste"."""
    shorts: Mapping[str, str]
    """As buttons say it: "Optimiste"."""
    emoji: str | None
    colour: int | None

    def name(self, language: str) -> str:
        return self.names.get(language) or next(iter(self.names.values()), "") or _spelt(self.kind)

    def short(self, language: str) -> str:
        return (
            self.shorts.get(language)
            or self.names.get(language)
            or next(iter(self.shorts.values()), "")
            or self.name(language)
        )


@remembered
def lenses() -> Mapping[str, Lens]:
    """Every kind that a lexicon has, those that ship first."""
    by_kind: dict[str, dict[str, KindWords]] = {}
    for lexicon in lexicons():
        for words in lexicon.kinds:
            by_kind.setdefault(words.kind, {})[lexicon.language] = words
    return {kind: _lens(kind, words) for kind, words in by_kind.items()}


def lens(kind: str) -> Lens | None:
    return lenses().get(kind)


def added_kinds() -> tuple[str, ...]:
    """The perspectives that a community added."""
    return tuple(kind for kind in lenses() if kind not in tuple(Kind))


def _lens(kind: str, by_language: Mapping[str, KindWords]) -> Lens:
    faces = [words.face for words in by_language.values() if words.face]
    faces += [emoji for words in by_language.values() for emoji in words.emoji]
    return Lens(
        kind,
        names={language: words.name for language, words in by_language.items() if words.name},
        shorts={language: words.short for language, words in by_language.items() if words.short},
        emoji=next((emoji for face in faces if (emoji := one_emoji(face))), None),
        colour=next((words.colour for words in by_language.values() if words.colour is not None), None),
    )


def _spelt(kind: str) -> str:
    name = kind.replace("-", " ")
    return name[:1].upper() + name[1:]
