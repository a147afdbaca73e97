"""Which language a text is in, by its commonest words and its script: enough for French, English or neither."""

import re
from collections import Counter

from bot.articles.characters import fold
from bot.articles.stop_words import GROUPS, LETTERS, SCRIPTS, STOP_WORDS

_SAMPLE = 4_000
"""Characters looked at."""
_PLENTY = 100
"""Words."""
_BEYOND_LATIN = re.compile(r"[\u0370-\u1dff\u2c00-\uffff]")
_TAG = re.compile(r"^([a-z]{2})(?:[-_][A-Za-z0-9]+)*$")


def detect_language(text: str) -> str | None:
    """ISO 639-1, or None when the text is too short or too strange to tell."""
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if letters < 12:
        return None
    if _BEYOND_LATIN.search(sample):
        for language, script in SCRIPTS:
            if len(script.findall(sample)) > letters * 0.3:
                return language
    folded = fold(sample)
    words = folded.split()
    counts = Counter(words)
    scores = {
        language: sum(counts[word] * common[word] for word in counts.keys() & common.keys()) / len(words)
        for language, common in STOP_WORDS.items()
    }
    likeliest = max(scores.values())
    for language, score in scores.items():
        # In a text of some length, letters only decide between languages whose words are there.
        if len(words) < _PLENTY or score * 3 > likeliest:
            letters_of_it = len(LETTERS[language].findall(sample)) + 0.5 * len(GROUPS[language].findall(folded))
            scores[language] += letters_of_it / letters
    ranked = sorted(scores, key=scores.__getitem__, reverse=True)
    best, second = scores[ranked[0]], scores[ranked[1]]
    return ranked[0] if best >= 0.1 and best > second * 1.05 else None


def settle_language(text: str, declared: str | None) -> str:
    """The text's own language; else what its source declared; else a guess, the community's own first."""
    found = detect_language(text)
    if found is not None:
        return found
    tag = _TAG.match((declared or "").strip().replace("_", "-"))
    return tag[1].lower() if tag else "fr"
