"""What an author wrote is what a reader sees, and nothing in it does anything."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages.links import host_of, passes_for_another, safe_link
from bot.messages.markup import escape, escape_line, linked, render, render_inline
from bot.messages.plain import one_line, visible
from bot.models import Block, Paragraph, Span, SpanStyle
from tests.messages.markdown import read

MARKS = st.text(
    alphabet=st.sampled_from("*_~`|\\<>@#:[]()-+.>!1 \n\u200b\u202eaébhttps/ever\u00a0👩\u200d🏳️"), max_size=60
)
SNIPPETS = st.sampled_from(
    [
        "@everyone",
        "@here",
        "<@123>",
        "<@&123>",
        "<#123>",
        "</poutine:1>",
        "<:kappa:1>",
        "<t:1:R>",
        ":heart:",
        "[a](https://evil.example)",
        "https://evil.example/a_b_c",
        "||x||",
        "**x**",
        "__x__",
        "~~x~~",
        "```x```",
        "`x`",
        "# x",
        "-# x",
        "> x",
        ">>> x",
        "- x",
        "1. x",
        "¯\\_(ツ)_/¯",
        "\\",
        "\n",
        " ",
        "é",
        "mot",
    ]
)
HOSTILE = st.lists(SNIPPETS | MARKS, max_size=12).map("".join)


def squeezed(text: str) -> str:
    """Without what escaping may add: joiners, the space after @ in @everyone, and white space at ends."""
    return re.sub(r"[\u200b\u2060]", "", text).strip()


@given(HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    seen = read(escape(text))
    assert not seen.effects
    assert all(shown == target and safe_link(target) == target for shown, target in seen.links)
    if not seen.links:  # a link is shown as its address is really spelt
        assert squeezed(seen.text) == squeezed(visible(text))


@given(HOSTILE)
def test_names_hold_no_link_at_all(text: str) -> None:
    seen = read(escape_line(text))
    assert not seen.effects
    assert not seen.links
    assert squeezed(seen.text) == squeezed(one_line(text))


@given(HOSTILE, st.lists(st.tuples(st.integers(0, 80), st.integers(1, 80), st.sampled_from(SpanStyle)), max_size=6))
@example("https://evil.example/a_b_c**x**@everyone", [(0, 40, SpanStyle.BOLD)])
@example("https://evil.example/a~~x~~@everyone", [(0, 40, SpanStyle.STRIKE)])
def test_styles_change_no_word_and_links_lead_where_they_say(
    text: str, marks: list[tuple[int, int, SpanStyle]]
) -> None:
    spans = tuple(
        Span(
            start=start, end=start + length, style=style, url="https://comptoir.example/a" if style == "link" else None
        )
        for start, length, style in marks
    )
    seen = read(render_inline(text, spans))
    assert seen.effects <= {"strong", "em", "strike", "code"}
    for shown, target in seen.links:
        assert safe_link(target) == target
        assert shown == target or target == "https://comptoir.example/a"
        assert shown == target or not passes_for_another(shown, target)


@pytest.mark.parametrize(
    "text",
    [
        "L’outil coûte 3,50 $ (environ 2,40 €) ; c’est-à-dire peu.",
        "« Non ! » dit-elle : 18 % d’heures en moins…",
        "R&D, C++, a_b_c, 10:30, 2 * 3 = 6, ~10 km, #1 au palmarès, 5 > 3",
        "1. Premier point",
        "- Un tiret",
        "# Pas un titre",
        "Écrivez à info@comptoir.example",
        "Une étoile * et un [crochet] ¯\\_(ツ)_/¯",
    ],
)
def test_ordinary_text_looks_as_it_was_written(text: str) -> None:
    seen = read(escape(text))
    assert squeezed(seen.text) == text
    assert not seen.effects
    assert not seen.links


def test_an_address_in_a_text_stays_a_link_that_shows_itself() -> None:
    seen = read(escape("Voir https://comptoir.example/a_b*c (ou https://comptoir.example/(x)). Bon."))
    assert [target for _, target in seen.links] == [
        "https://comptoir.example/a_b*c",
        "https://comptoir.example/%28x%29",
    ]
    assert seen.text.endswith("). Bon.")


def test_bold_italic_strike_and_code_are_applied() -> None:
    text = "gras italique barré code"
    spans = (
        Span(start=0, end=4, style=SpanStyle.BOLD),
        Span(start=5, end=13, style=SpanStyle.ITALIC),
        Span(start=14, end=19, style=SpanStyle.STRIKE),
        Span(start=20, end=24, style=SpanStyle.CODE),
    )
    assert render_inline(text, spans) == "**gras** *italique* ~~barré~~ `code`"


def test_markers_stay_next_to_words() -> None:
    spans = (Span(start=3, end=9, style=SpanStyle.BOLD),)
    assert render_inline("un gros  mot", spans) == "un **gros**  mot"


def test_overlapping_styles_nest() -> None:
    text = "un gros mot"
    spans = (Span(start=0, end=11, style=SpanStyle.ITALIC), Span(start=3, end=7, style=SpanStyle.BOLD))
    assert render_inline(text, spans) == "*un* ***gros*** *mot*"


def test_a_link_leads_where_its_author_said() -> None:
    span = Span(start=5, end=11, style=SpanStyle.LINK, url="https://comptoir.example/a b(c)")
    assert render_inline("Voir l’étude.", (span,)) == "Voir [l’étud](<https://comptoir.example/a%20b%28c%29>)e."


@pytest.mark.parametrize(
    "words",
    [
        "banque.example",
        "https://banque.example/connexion",
        "www.banque.example",
        "BANQUE.EXAMPLE",
        "banque。example",
        "ｂａｎｑｕｅ.example",
        "Cliquez sur banque.example maintenant",
        "comptoir.example.banque.example",
        "discord://invite",
    ],
)
def test_a_link_that_reads_as_another_address_shows_its_own(words: str) -> None:
    shown = render_inline(
        words, (Span(start=0, end=len(words), style=SpanStyle.LINK, url="https://comptoir.example/"),)
    )
    assert ("https://comptoir.example/", "https://comptoir.example/") in read(shown).links
    assert all(text == target for text, target in read(shown).links)


@pytest.mark.parametrize("words", ["comptoir.example", "www.comptoir.example", "Le Comptoir", "Node.js", "L’étude"])
def test_an_honest_link_stays_a_link(words: str) -> None:
    assert read(linked(words, "https://www.comptoir.example/x")).links == [(words, "https://www.comptoir.example/x")]


def test_a_link_whose_words_are_its_address_is_shown_as_the_address() -> None:
    assert linked("https://comptoir.example/x", "https://comptoir.example/x") == "<https://comptoir.example/x>"


def test_brackets_in_a_title_stay_outside_of_its_link() -> None:
    seen = read(linked("[Vidéo] Le robot [qui] marche :]", "https://comptoir.example/x"))
    assert seen.text == "[Vidéo] Le robot [qui] marche :]"
    assert seen.links == [("Le robot", "https://comptoir.example/x")]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://comptoir.example",
        "https://",
        "https://u:p@comptoir.example/",
        "https://comptoir.example@evil.example/",
        "https://comptoir.example:99999/",
        "//comptoir.example",
        "https://comp toir.example/",
        "https://comptoir.example/\u202egnp.exe",
        "https://comptoir.example/" + "a" * 600,
        "https://[::1",
        "https://-/",
        "https://evil.example)¯\\_(ツ)_/¯@everyone",
        "",
        None,
    ],
)
def test_what_is_no_plain_web_address_is_no_link(url: str | None) -> None:
    assert safe_link(url) is None
    assert linked("Le robot", url) == "Le robot"


def test_international_addresses_are_spelt_in_ascii() -> None:
    assert safe_link("https://école.example/é?q=«x»#ü") == (
        "https://xn--cole-9oa.example/%C3%A9?q=%C2%ABx%C2%BB#%C3%BC"
    )
    assert host_of("https://www.comptoir.example:8080/x") == "comptoir.example"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (Block.TEXT, "un\n\\- deux"),
        (Block.QUOTE, "> un\n> \\- deux"),
        (Block.ITEM, "- un\n  \\- deux"),
        (Block.NUMBERED, "3. un\n   \\- deux"),
        (Block.CODE, "```\nun\n- deux\n```"),
    ],
)
def test_blocks_are_drawn_as_what_they_are(block: Block, expected: str) -> None:
    assert render(Paragraph(text="un\n- deux", block=block), 3) == expected


def test_code_cannot_end_its_own_block() -> None:
    seen = read(render(Paragraph(text="a ```\n**b** @everyone ``` c", block=Block.CODE)))
    assert seen.effects == {"code_block"}
    assert "**b** @everyone" in seen.text


def test_code_with_ticks_stays_one_piece_of_code() -> None:
    text = "a ``x` ```b"
    assert read(render_inline(text, (Span(start=0, end=len(text), style=SpanStyle.CODE),))).effects == {"code"}


def test_what_cannot_be_seen_is_removed_and_what_writing_needs_stays() -> None:
    assert visible("a\u202eb\u200bc\ufeff\x00d\u2066e\ud800f") == "abcdef"
    family, flag, wales = "👩\u200d👩\u200d👧", "🇫🇷", "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    for kept in (family, flag, wales, "18\u00a0%", "é", "e\u0301", "می\u200cخواهم", "❤️"):
        assert visible(kept) == kept
    assert visible("e" + "\u0301" * 50) == "e" + "\u0301" * 4
    assert visible("un\r\ndeux\u2028trois") == "un\ndeux\ntrois"


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert visible(visible(text)) == visible(text)
