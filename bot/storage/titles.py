"""Titles folded for completion: what a person types finds what an author wrote. Pure."""

import re
import unicodedata

LONGEST = 1_000
"""Characters of a title that can be searched; a longer one is hostile or a whole paragraph."""

_SPELLED_OUT = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l"}
)
"""Letters that Unicode does not decompose, but that people type without their strokes and ligatures."""

_NOT_A_WORD = re.compile(r"[\W_]+")


def fold(title: str) -> str:
    """Lower case, no accents, no ligatures, words apart by single spaces: `L’Œuvre d’été` becomes `l oeuvre d ete`."""
    decomposed = unicodedata.normalize("NFKD", title[:LONGEST].translate(_SPELLED_OUT))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFC", bare.casefold())).strip()


def words(text: str, most: int = 12) -> tuple[str, ...]:
    """The folded words of what a person typed; as many as a question can sensibly have."""
    return tuple(dict.fromkeys(fold(text).split()[:most]))
