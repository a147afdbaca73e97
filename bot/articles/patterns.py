"""Patterns that moderators write, in RE2's syntax: the time they take grows with the text, and never faster. Pure.

https://github.com/google/re2/wiki/Syntax. The library is imported when the first pattern is read; there are machines
that it does not exist for, where every pattern is refused.
"""

from functools import lru_cache
from typing import Any

from bot.errors import RequestRefused

MOST_STEPS = 1_000
"""Of the program that a pattern becomes: at worst, every one of them is taken at every character of a text."""

_MEMORY_BYTES = 1 << 20

_PROBLEMS = {
    "missing )": "parenthesis",
    "unexpected )": "parenthesis",
    "missing ]": "bracket",
    "invalid character class range": "range",
    "invalid character class": "range",
    "no argument for repetition operator": "repetition",
    "bad repetition operator": "repetition",
    "invalid repetition size": "too_often",
    "invalid perl operator": "lookaround",
    "invalid escape sequence": "escape",
    "trailing \\": "escape",
    "pattern too large": "too_large",
}
"""How RE2 begins to say what is wrong, to the sentence `filters.pattern.<value>`."""


class Pattern:
    def __init__(self, program: Any) -> None:
        self._program = program

    def is_in(self, text: str) -> bool:
        return self._program.search(text.encode("utf-8", "replace")) is not None


@lru_cache(maxsize=64)
def read_pattern(pattern: str) -> Pattern:
    """A pattern ready to be looked for, case ignored. Raises RequestRefused, which says what is wrong with it."""
    try:
        import re2  # type: ignore[import-untyped]
    except ImportError:
        raise RequestRefused("filters.pattern.unavailable") from None
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    try:
        program = re2.compile(pattern, options)
    except re2.error as error:
        raise _refused(error) from None
    finally:
        re2.purge()  # a second cache of theirs, which would keep what ours gives up
    if program.programsize > MOST_STEPS:
        raise RequestRefused("filters.pattern.too_large")
    return Pattern(program)


def _refused(error: Exception) -> RequestRefused:
    said = error.args[0] if error.args and isinstance(error.args[0], bytes) else b""
    what = said.decode("utf-8", "replace")
    problem = next((problem for begin, problem in _PROBLEMS.items() if what.startswith(begin)), "unreadable")
    return RequestRefused(f"filters.pattern.{problem}")
