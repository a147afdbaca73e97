"""Cuts come after sentences, else between words, and never inside what a reader sees as one character."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.cutting import cluster_ends, cut, cut_at_sentence, sentence_ends
from bot.messages.limits import size

FAMILY, FLAG, WALES, ACCENT = (
    "👩🏽\u200d👩🏽\u200d👧🏽",
    "🇫🇷",
    "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
    "e\u0301",
)
TEXT = st.lists(
    st.sampled_from([FAMILY, FLAG, WALES, ACCENT, "a", "B", " ", ".", "! ", "\u00a0", "«", "»", "…", "mot", "❤️", "\n"])
    | st.text(max_size=3),
    max_size=60,
).map("".join)


def sentences(text: str) -> list[str]:
    ends = [0, *sentence_ends(text)]
    return [text[start:end].strip() for start, end in pairwise(ends)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Un. Deux! Trois? Quatre…", ["Un.", "Deux!", "Trois?", "Quatre…"]),
        ("Elle dit : « Non ! » Puis elle part.", ["Elle dit : « Non ! »", "Puis elle part."]),
        ("M. Roy et Mme Roy vivent au 12, boul. Saint-Joseph. Ils lisent.", None),
        ("J.-C. Tremblay a écrit. Il a fini.", ["J.-C. Tremblay a écrit.", "Il a fini."]),
        ("C’est bon, p. ex. Québec. Oui.", ["C’est bon, p. ex. Québec.", "Oui."]),
        ("It costs $3.50, i.e. little. Dr. Smith agrees. So do I.", None),
        ("Il a dit oui… mais plus tard. Fin.", ["Il a dit oui… mais plus tard.", "Fin."]),
        ("La version 2.0 est là. Bon.", ["La version 2.0 est là.", "Bon."]),
        ("(Tout est dit.) La suite.", ["(Tout est dit.)", "La suite."]),
        ("“It works.” She smiled.", ["“It works.”", "She smiled."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str] | None) -> None:
    expected = (
        expected
        or {
            "M": ["M. Roy et Mme Roy vivent au 12, boul. Saint-Joseph.", "Ils lisent."],
            "I": ["It costs $3.50, i.e. little.", "Dr. Smith agrees.", "So do I."],
        }[text[0]]
    )
    assert sentences(text) == expected


def test_a_text_that_fits_is_left_alone() -> None:
    assert cut_at_sentence("  Deux phrases. Pas plus. ", 40) == "Deux phrases. Pas plus."


def test_a_long_text_ends_after_a_sentence() -> None:
    assert cut_at_sentence("Une première phrase. Une deuxième phrase bien plus longue.", 30) == "Une première phrase. …"


def test_a_long_sentence_ends_after_a_word() -> None:
    assert cut_at_sentence("Une seule phrase, interminable et sans aucun point", 24) == "Une seule phrase…"


def test_a_cut_does_not_keep_three_words_only_because_they_are_a_sentence() -> None:
    text = "Non. " + "Une phrase bien longue qui continue encore et encore sans jamais finir " * 3
    assert len(cut_at_sentence(text, 100)) > 80


def test_a_label_keeps_its_non_breaking_spaces() -> None:
    assert cut("Il dit\u00a0: «\u00a0oui\u00a0»", 80) == "Il dit\u00a0: «\u00a0oui\u00a0»"


@given(TEXT, st.integers(1, 60))
def test_cuts_hold_their_limit_and_invent_nothing(text: str, limit: int) -> None:
    for kept in (cut_at_sentence(text, limit), cut(text, limit)):
        assert size(kept) <= limit
        words = kept.removesuffix("…").strip()
        assert " ".join(text.split()).startswith(" ".join(words.split()))


@given(TEXT, st.integers(20, 60))
def test_no_visible_character_is_taken_apart(text: str, limit: int) -> None:
    text = "".join(character for character in text if unicodedata.category(character) != "Cs")
    ends = {len(text[:end].rstrip(" ,;:–—-\n")) for end in (0, *cluster_ends(text))}
    kept = cut_at_sentence(text, limit)
    if kept.endswith("…") and not text.strip().startswith(kept):
        start = len(text) - len(text.lstrip())
        assert start + len(kept.removesuffix("…").rstrip()) in ends | {len(text)}


def test_clusters_are_what_readers_see() -> None:
    text = f"a{FAMILY}{FLAG}{FLAG}{WALES}{ACCENT}❤️b"
    ends = cluster_ends(text)
    pieces = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert pieces == ["a", FAMILY, FLAG, FLAG, WALES, ACCENT, "❤️", "b"]
