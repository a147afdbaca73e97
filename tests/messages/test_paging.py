"""Nothing is lost over pages, no page is too long, and markup is whole on each."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages.limits import size
from bot.messages.paging import excerpt, paginate, render_page
from bot.models import Block, Paragraph, Span, SpanStyle
from tests.messages.markdown import read

WORDS = st.lists(
    st.sampled_from(
        [
            "mot",
            "Une phrase.",
            "C’est fini !",
            "*gras*",
            "[x]",
            "@here",
            "é" * 40,
            "👩\u200d👧",
            "1.",
            "-",
            "a_b",
            "«",
            "\n",
        ]
    ),
    min_size=1,
    max_size=60,
).map(" ".join)


@st.composite
def paragraphs(draw: st.DrawFn) -> Paragraph:
    text = draw(WORDS)
    marks = draw(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200), st.sampled_from(SpanStyle)), max_size=3))
    spans = tuple(
        Span(
            start=start, end=start + length, style=style, url="https://comptoir.example/x" if style == "link" else None
        )
        for start, length, style in marks
    )
    return Paragraph(text=text, block=draw(st.sampled_from(Block)), spans=spans)


@settings(deadline=None)
@given(st.lists(paragraphs(), max_size=6), st.integers(150, 900))
def test_pages_hold_their_limit_and_lose_nothing(texts: list[Paragraph], limit: int) -> None:
    pages = paginate(texts, limit)
    assert all(0 < size(render_page(page)) <= limit for page in pages)
    told = "".join(piece.paragraph.text for page in pages for piece in page)
    assert "".join(told.split()) == "".join("".join(text.text.split()) for text in texts)


@settings(deadline=None)
@given(st.lists(paragraphs(), max_size=4), st.integers(150, 600))
def test_every_page_is_whole_markdown(texts: list[Paragraph], limit: int) -> None:
    for page in paginate(texts, limit):
        for piece in page:
            if piece.paragraph.block is Block.TEXT:
                assert read(piece.text).effects <= {"strong", "em", "strike", "code"}


@settings(deadline=None)
@given(st.lists(paragraphs(), max_size=4), st.integers(150, 600))
def test_an_excerpt_holds_its_limit_and_says_when_it_is_one(texts: list[Paragraph], limit: int) -> None:
    text, was_cut = excerpt(texts, limit)
    assert size(text) <= limit
    assert text.endswith("…") or not was_cut


def texts(*contents: str, block: Block = Block.TEXT) -> list[Paragraph]:
    return [Paragraph(text=content, block=block) for content in contents]


def test_whole_paragraphs_stay_whole_where_they_fit() -> None:
    pages = [render_page(page) for page in paginate(texts("a" * 60, "b" * 60, "c" * 60), 130)]
    assert pages == ["a" * 60 + "\n\n" + "b" * 60, "c" * 60]


def test_long_paragraphs_are_cut_after_sentences() -> None:
    pages = [render_page(page) for page in paginate(texts("Une phrase ici. " * 10), 80)]
    assert all(page.endswith("ici.") for page in pages)


def test_numbered_items_keep_their_numbers_over_pages() -> None:
    items = texts(*("point " * 10 for _ in range(6)), block=Block.NUMBERED)
    pages = [render_page(page) for page in paginate(items, 140)]
    assert [page.split()[0] for page in pages] == ["1.", "3.", "5."]


def test_the_rest_of_an_item_is_not_another_item() -> None:
    pages = [render_page(page) for page in paginate(texts("mot " * 60, block=Block.ITEM), 100)]
    assert pages[0].startswith("- ")
    assert not any(page.startswith("- ") for page in pages[1:])


def test_items_stand_close_together() -> None:
    pages = paginate([*texts("Avant"), *texts("un", "deux", block=Block.ITEM), *texts("Après")], 100)
    assert render_page(pages[0]) == "Avant\n\n- un\n- deux\n\nAprès"


def test_nothing_to_see_is_no_page() -> None:
    assert paginate(texts("", " \u200b "), 100) == ()
    assert excerpt([], 100) == ("", False)


def test_an_excerpt_goes_on_into_the_next_paragraph_by_whole_sentences() -> None:
    first, second = "Une première idée.", "Une deuxième. " + "Et une troisième qui n’en finit plus de finir. " * 3
    assert excerpt(texts(first, second), 50) == ("Une première idée.\n\nUne deuxième. …", True)


def test_an_address_too_long_for_a_page_gives_way_to_the_words() -> None:
    span = Span(start=0, end=300, style=SpanStyle.LINK, url="https://comptoir.example/" + "a" * 200)
    pages = paginate([Paragraph(text="mot " * 75, spans=(span,))], 100)
    assert "".join(render_page(page) for page in pages).replace(" ", "") == "mot" * 75
