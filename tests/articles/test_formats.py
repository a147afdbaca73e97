"""HTML, Markdown and plain text to blocks: words whole and in order, structure in spans, hostile input bounded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.articles.blocks import MAX_BLOCKS, MAX_CHARACTERS, Document, web_address
from bot.articles.builder import build_article
from bot.articles.characters import clean_characters, fold
from bot.articles.html import read_html
from bot.articles.markdown import read_markdown
from bot.articles.text import read_text
from bot.models import Block, BodyFormat, Entry, Span, SpanStyle


def words(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def styled(document: Document) -> list[tuple[str, SpanStyle, str | None]]:
    return [
        (block.text[span.start : span.end], span.style, span.url) for block in document.blocks for span in block.spans
    ]


def test_html_keeps_structure_beside_plain_words() -> None:
    document = read_html(
        "<h2>Un <b>titre</b></h2><p>Du <strong>gras <em>penché</em></strong>, un <a href='/x'>lien &amp; moi</a>.</p>"
        "<ul><li>un</li><li><p>deux</p></li></ul><ol><li>premier</li></ol>"
        "<blockquote><p>cité</p></blockquote><pre>a\n  b</pre>",
        "https://example.org/",
    )
    assert [(block.text, block.block, block.level) for block in document.blocks] == [
        ("Un titre", Block.TEXT, 2),
        ("Du gras penché, un lien & moi.", Block.TEXT, None),
        ("un", Block.ITEM, None),
        ("deux", Block.ITEM, None),
        ("premier", Block.NUMBERED, None),
        ("cité", Block.QUOTE, None),
        ("a\n  b", Block.CODE, None),
    ]
    assert styled(document) == [
        ("gras penché", SpanStyle.BOLD, None),
        ("penché", SpanStyle.ITALIC, None),
        ("lien & moi", SpanStyle.LINK, "https://example.org/x"),
    ]


def test_markdown_keeps_structure_beside_plain_words() -> None:
    document = read_markdown(
        "# Un *titre*\n\nDu **gras _penché_** et ~~barré~~, `co*de*`, [lien](https://e.org/a_(b)) snake_case\n"
        "2 * 3 \\* suite\n\n- un\n- deux\n  encore\n\n1. premier\n\n> cité\n\n```py\na = *b*\n```\n\nSouligné\n---\n"
    )
    assert [(block.text, block.block, block.level) for block in document.blocks] == [
        ("Un titre", Block.TEXT, 1),
        ("Du gras penché et barré, co*de*, lien snake_case 2 * 3 * suite", Block.TEXT, None),
        ("un", Block.ITEM, None),
        ("deux encore", Block.ITEM, None),
        ("premier", Block.NUMBERED, None),
        ("cité", Block.QUOTE, None),
        ("a = *b*", Block.CODE, None),
        ("Souligné", Block.TEXT, 2),
    ]
    assert styled(document) == [
        ("gras penché", SpanStyle.BOLD, None),
        ("penché", SpanStyle.ITALIC, None),
        ("barré", SpanStyle.STRIKE, None),
        ("co*de*", SpanStyle.CODE, None),
        ("lien", SpanStyle.LINK, "https://e.org/a_(b)"),
    ]


def test_a_markdown_header_names_title_and_author() -> None:
    document = read_markdown('---\ntitle: "Un titre"\nauteur: Ève Roy\ntags: [a, b]\n---\n\nLe texte.')
    assert (document.title, document.author, words(document)) == ("Un titre", "Ève Roy", ["Le texte."])


def test_furniture_of_a_page_is_not_text() -> None:
    document = read_html(
        "<html lang='fr-CA'><head><title>T</title><style>p{}</style></head><nav>Menu</nav><article><p>Texte.</p>"
        "<div class='sharedaddy'>Partager</div><div style='display: none'>caché</div><script>x</script></article>"
        "<footer>Pied</footer></body></html>"
    )
    assert (words(document), document.title, document.language) == (["Texte."], "T", "fr-CA")


def test_pictures_keep_their_alternative_text_and_trackers_are_left_out() -> None:
    document = read_html(
        "<p>a<img src='/i.png' alt=' Un  chat '><img src='/p.gif' width=1 height=1></p>", "https://e.org"
    )
    assert [(image.url, image.alt) for image in document.images] == [("https://e.org/i.png", "Un chat")]


PARAGRAPH = "Une première phrase assez longue pour remplir la ligne. Une deuxième qui la suit, et la même histoire."


def test_plain_text_is_one_paragraph_per_line_or_per_gap() -> None:
    assert words(read_text(f"{PARAGRAPH}\n{PARAGRAPH}\n\n{PARAGRAPH}")) == [PARAGRAPH] * 3
    wrapped = (
        "Une première phrase assez longue pour remplir\nla ligne, puis une deuxième qui la suit, et la\nmême histoire."
    )
    assert words(read_text(f"{wrapped}\n\n{wrapped}")) == [wrapped.replace("\n", " ")] * 2


def test_french_spaces_and_quotes_are_the_authors() -> None:
    sentence = "Il dit\u00a0: «\u00a0oui\u00a0» – vraiment\u202f? “Oui”, l’été."
    for document in (read_text(sentence), read_markdown(sentence), read_html(f"<p>{sentence}</p>")):
        assert words(document) == [sentence]


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("a\u200bb\u202ec\u2066d\u00ade\ufefff", "abcdef"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👨\u200d👩\u200d👧 ❤\ufe0f 🏴󠁧󠁢󠁳󠁣󠁴󠁿"),
        ("a\u200db", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800x\x00\x07", "x"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 4),
    ],
)
def test_characters_that_could_forge_are_removed_and_emoji_stay_whole(given_text: str, kept: str) -> None:
    assert clean_characters(given_text) == kept


def test_folding_ignores_case_accents_ligatures_and_signs() -> None:
    assert fold("L’Œuvre — ÉTÉ, 🌧️ garçon!") == "l oeuvre ete garcon"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//", "http://", "https://e.org/a b", "ftp://e.org"]
)
def test_only_web_addresses_are_links(address: str) -> None:
    assert web_address(address) is None


HOSTILE = {
    "nesting": (BodyFormat.HTML, "<div>" * 200_000 + "texte"),
    "quotes": (BodyFormat.HTML, "<blockquote>" * 10_000 + "texte"),
    "attributes": (BodyFormat.HTML, "<a " + " ".join(f"a{n}" for n in range(90_000)) + ">texte"),
    "angles": (BodyFormat.HTML, "<" * 300_000),
    "brackets": (BodyFormat.MARKDOWN, "[" * 100_000),
    "stars": (BodyFormat.MARKDOWN, "*a " * 50_000),
    "ticks": (BodyFormat.MARKDOWN, "`a``b```" * 20_000),
    "angles in markdown": (BodyFormat.MARKDOWN, "> " * 100_000),
    "blank": (BodyFormat.TEXT, " \n" * 200_000),
    "lines": (BodyFormat.TEXT, "a\n" * 200_000),
    "one word": (BodyFormat.TEXT, "a" * 2_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_hostile_bodies_end_within_bounds(name: str) -> None:
    body_format, body = HOSTILE[name]
    article = build_article(Entry("id", body=body, body_format=body_format))
    paragraphs = [paragraph for section in article.sections for paragraph in section.paragraphs]
    assert len(paragraphs) <= MAX_BLOCKS
    assert sum(len(paragraph.text) for paragraph in paragraphs) <= MAX_CHARACTERS * 2


markup = st.text(
    alphabet=st.one_of(st.sampled_from(list("<>/&;=\"'`*_~[]()!#-\n \tapbih1é\u00a0👉\u200d\ufe0f")), st.characters()),
    max_size=300,
)
_PIECES = """<p> </p> <b> </b> <li> <ul> </ul> <br> <pre> </pre> <h2> </h2> <blockquote> </a> &nbsp; ** _ ` ~~ mot
    <a/href='https://e.org'> [x](https://e.org)"""
pieces = st.lists(st.sampled_from([*_PIECES.split(), "mot ", "\n", "\n\n", "# ", "- ", "> "]), max_size=40).map("".join)


@given(body=st.one_of(markup, pieces), body_format=st.sampled_from(BodyFormat))
@settings(max_examples=300, deadline=None)
def test_any_body_becomes_plain_words_with_spans_inside_them(body: str, body_format: BodyFormat) -> None:
    article = build_article(Entry("id", body=body, body_format=body_format))
    article.model_dump_json().encode()
    for section in article.sections:
        assert section.paragraphs
        for paragraph in section.paragraphs:
            assert paragraph.text.strip()
            assert clean_characters(paragraph.text) == paragraph.text
            for span in paragraph.spans:
                assert 0 <= span.start < span.end <= len(paragraph.text)
                assert isinstance(span, Span)
                assert (span.url is not None) == (span.style is SpanStyle.LINK)


@given(
    lines=st.lists(
        st.text("abcdé ’,", min_size=90, max_size=200).map(lambda text: f"A{text.strip()}z."), min_size=1, max_size=8
    )
)
@settings(max_examples=50, deadline=None)
def test_paragraphs_come_out_whole_and_in_order(lines: list[str]) -> None:
    lines = [" ".join(line.split()) for line in lines]
    assert words(read_text("\n".join(lines))) == lines
    assert words(read_markdown("\n\n".join(lines))) == lines
    assert words(read_html("".join(f"<p>{line}</p>" for line in lines))) == lines
