"""Cards and answers: within every limit whatever an article holds, and saying what they should."""

from datetime import UTC, datetime, timedelta

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.locales import words
from bot.messages.answers import article_answer, comparison, section_answer
from bot.messages.article_card import article_card, choice_name
from bot.messages.config_cards import added_card, overview_card, removed_card
from bot.messages.custom_ids import has_button
from bot.messages.links import passes_for_another, safe_link
from bot.messages.source_list import sources_card
from bot.messages.source_name import source_choice as source_name
from bot.models import (
    Article,
    Image,
    Kind,
    Paragraph,
    Section,
    Server,
    Source,
    SourceKind,
    SourceState,
    StoredArticle,
    Subscription,
    SubscriptionState,
    Telling,
)
from bot.reading import ArticleTitle, Library, Reading
from bot.subscriptions import Added, Followed, ServerOverview
from bot.updates.updater import CheckReport
from tests.fakes.articles import FOUND_AT, full_article, hostile_article, plain_article, stored, words_of
from tests.messages.markdown import read
from tests.messages.wire import check_limits, components, labels, texts, whole_text

FR, EN = words("fr"), words("en")
SERVER = Server(guild_id=1, language="fr", time_zone="America/Toronto")
READING = Reading(Library)  # type: ignore[arg-type]  # the questions asked here look nothing up

TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "@everyone",
        "[a](https://evil.example)",
        "👩‍👩‍👧" * 300,
        "é" * 10_000,
        "mot " * 2_500,
        "**_~~||`" * 500,
        "Fin. " * 300,
    ]
)
KINDS = st.sampled_from([*Kind, "local", "vue-du-nord", "Pas Un Slug", "x" * 40])
SECTIONS = st.lists(
    st.builds(
        Section,
        kind=KINDS,
        heading=st.none() | TEXT,
        paragraphs=st.lists(st.builds(Paragraph, text=TEXT), max_size=4).map(tuple),
    ),
    max_size=12,
).map(tuple)
URLS = st.none() | st.sampled_from(
    [
        "https://comptoir.example/a",
        "javascript:x",
        "https://é.example/" + "é" * 90,
        "https://c.example/" + "a" * 580,
        "nope",
    ]
)
ARTICLES = st.builds(
    Article,
    title=TEXT,
    author=st.none() | TEXT,
    language=st.just("fr"),
    url=URLS,
    reference_url=URLS,
    image=st.none() | st.builds(Image, url=URLS.filter(bool), alt=st.none() | TEXT),
    published_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    sections=SECTIONS,
)
STORED = st.builds(
    StoredArticle,
    id=st.integers(1, 10**18 - 1),
    source_id=st.just(1),
    source_title=TEXT,
    found_at=st.just(FOUND_AT),
    article=ARTICLES,
)


def every_view(article: StoredArticle, page: int) -> list[discord.ui.LayoutView]:
    kinds = {*Kind, *(section.kind for section in article.article.sections if has_button(section.kind))}
    return [
        article_card(article, FR),
        article_answer(article, EN, page),
        comparison(READING.compare(article), FR, page),
        *(section_answer(READING.section(article, kind), EN, page) for kind in kinds),
    ]


@settings(deadline=None, max_examples=40)
@given(STORED, st.sampled_from([0, 1, 9_999]))
def test_every_message_is_within_discord_s_limits(article: StoredArticle, page: int) -> None:
    for view in every_view(article, page):
        check_limits(view)


def test_a_hostile_article_does_nothing_anywhere() -> None:
    article = stored(hostile_article(), 10**18 - 1, "@here [x](https://evil.example)")
    for page in (0, 1):
        for view in every_view(article, page):
            check_limits(view)
            for content in texts(view):
                seen = read(content)
                assert not seen.effects & {"mention", "emoji", "spoiler", "shortcode", "underline"}
                for text, target in seen.links:  # its author may link to anything, but not in disguise
                    assert safe_link(target) == target
                    assert text == target or not passes_for_another(text, target)


def sections_of(view: discord.ui.LayoutView) -> str:
    return "".join("".join(texts(view)).split())


def test_a_long_section_is_told_whole_over_its_pages() -> None:
    sentences = [f"Ceci est la phrase numéro {number}." for number in range(400)]
    section = Section(kind=Kind.OPTIMISTIC, paragraphs=words_of(" ".join(sentences)))
    answer = READING.section(stored(full_article(sections=(section,))), Kind.OPTIMISTIC)
    told = "".join(whole_text(section_answer(answer, FR, page)) for page in range(10))
    assert all(sentence in told for sentence in sentences)


def test_a_comparison_of_long_sections_is_told_whole_over_its_pages() -> None:
    kinds = (Kind.NEUTRAL, Kind.OPTIMISTIC, Kind.PESSIMISTIC)
    sentences = {
        kind: [f"Du {kind}, phrase {number}, voilà." for number in range(10 + 90 * at)] for at, kind in enumerate(kinds)
    }
    sections = tuple(Section(kind=kind, paragraphs=words_of(" ".join(told))) for kind, told in sentences.items())
    compared = READING.compare(stored(full_article(sections=sections)))
    pages = [whole_text(comparison(compared, FR, page)) for page in range(10)]
    assert all(sentence in "".join(pages) for told in sentences.values() for sentence in told)
    assert all(name in pages[0] for name in ("neutre", "optimiste", "pessimiste"))
    assert "(suite)" not in pages[0]
    assert "(suite)" in pages[1]


def test_a_page_beyond_the_last_is_the_last() -> None:
    answer = READING.section(stored(full_article()), Kind.NEUTRAL)
    assert texts(section_answer(answer, FR, 99)) == texts(section_answer(answer, FR, 0))


def test_the_card_shows_title_author_date_source_reference_and_picture() -> None:
    view = article_card(stored(full_article()), FR)
    text = whole_text(view)
    assert "## [Un modèle de langue qui tient dans un vieux cellulaire](<https://comptoir.example/" in text
    assert "Par Étienne Marcoux-Roy · <t:1772461800:D> · Le Comptoir" in text
    assert "Article en référence\u00a0: [minuscule.example](<https://www.minuscule.example/annonces/1b>)" in text
    gallery = next(node for node in components(view) if node["type"] == 12)
    assert gallery["items"][0]["description"] == "Un téléphone fêlé sur un comptoir"
    assert labels(view) == ["Neutre", "Optimiste", "Pessimiste", "Poutine", "Comparer"]


def test_a_picture_without_words_gets_some() -> None:
    article = full_article(image=Image(url="https://comptoir.example/x.png"))
    gallery = next(node for node in components(article_card(stored(article), EN)) if node["type"] == 12)
    assert gallery["items"][0]["description"].startswith("Picture of the article “Un modèle")


@pytest.mark.parametrize("url", ["javascript:x", "https://c.example/" + "a" * 2_040, "file:///etc/passwd", ""])
def test_a_picture_that_discord_would_refuse_is_left_out(url: str) -> None:
    view = article_card(stored(full_article(image=Image(url=url, alt="x"))), FR)
    assert not [node for node in components(view) if node["type"] == 12]


def test_the_poutine_keeps_its_button_however_many_views_a_community_adds() -> None:
    assert "Poutine" in labels(article_card(stored(hostile_article()), FR))


def test_a_title_that_reads_as_another_address_shows_the_real_one_after_it() -> None:
    article = full_article(title="banque.example [ici]", url="https://comptoir.example/x")
    assert texts(article_card(stored(article), FR))[0].startswith(
        "## banque.example \\[ici\\] (<https://comptoir.example/x>)\n"
    )


def test_a_source_that_is_its_author_is_named_once() -> None:
    article = stored(full_article(author="Le Comptoir", published_at=None))
    assert "-# Par Le Comptoir\n" in texts(article_card(article, FR))[0] + "\n"


def test_plain_news_has_no_buttons_for_views() -> None:
    assert labels(article_card(stored(plain_article()), FR)) == []


def test_one_perspective_alone_is_not_compared() -> None:
    sections = tuple(part for part in full_article().sections if part.kind in (Kind.SUMMARY, Kind.NEUTRAL))
    article = stored(full_article(sections=sections))
    assert labels(article_card(article, FR)) == ["Neutre"]
    view = comparison(READING.compare(article), FR)
    assert "n’a qu’un point de vue" in whole_text(view)
    assert labels(view) == ["Neutre", "Lire l’article"]


def test_a_long_summary_is_cut_after_a_sentence_and_the_whole_is_a_press_away() -> None:
    section = Section(kind=Kind.SUMMARY, paragraphs=words_of("Voici une phrase de bonne longueur. " * 60))
    view = article_card(stored(full_article(sections=(section,))), FR)
    assert any(content.endswith("longueur. …") for content in texts(view))
    assert labels(view) == ["Lire l’article"]


def test_other_sections_stand_in_the_article_with_their_headings() -> None:
    other = Section(kind=Kind.OTHER, heading="En chiffres", paragraphs=words_of("Douze."))
    view = article_answer(stored(full_article(sections=(*full_article().sections, other))), FR)
    assert "**En chiffres**\n\nDouze." in whole_text(view)
    assert "débrancher" not in whole_text(view)


def test_views_are_not_kept_by_discord_py() -> None:
    async def drawn() -> bool:
        return article_card(stored(full_article()), FR).is_finished()

    import asyncio

    assert asyncio.run(drawn())


def followed(number: int, title: str | None = "Le Comptoir", **source: object) -> Followed:
    return Followed(
        Subscription(id=number, source_id=number, guild_id=1, channel_id=10**18 + number, created_at=FOUND_AT),
        Source(
            id=number,
            url=f"https://comptoir.example/{number}",
            kind=SourceKind.FEED,
            title=title,
            next_check_at=FOUND_AT,
            last_checked_at=FOUND_AT,
            last_success_at=FOUND_AT,
        ).model_copy(update=source),
        articles=1_234,
    )


def test_what_a_moderator_reads_is_within_discord_s_limits() -> None:
    many = tuple(followed(number, "**[x](https://evil.example)** @everyone " * 20) for number in range(40))
    check_limits(overview_card(ServerOverview(SERVER, many, 5_000), FOUND_AT, FR))
    check_limits(sources_card(many, EN))
    check_limits(removed_card(many[0], FR))
    for newest in (None, stored(hostile_article())):
        added = Added(many[0], CheckReport(1, deliveries=1), tuple(f"kind-{n}" * 4 for n in range(90)), newest, False)
        check_limits(added_card(added, ("view_channel", "send_messages", "embed_links", "read_message_history"), FR))
    for each in many:
        assert 1 <= len(source_name(each, "salon" * 30)) <= 100


@given(st.lists(st.tuples(st.text(max_size=200), st.text(max_size=700)), max_size=6))
def test_whoever_else_tells_a_story_is_named_within_limits(tellings: list[tuple[str, str]]) -> None:
    also_in = tuple(Telling(source_title=name, url=f"https://ailleurs.example/{path}") for name, path in tellings)
    for article in (full_article(), hostile_article()):
        told = stored(article).model_copy(update={"also_in": also_in})
        check_limits(article_card(told, FR))
        check_limits(article_answer(told, EN))


def test_a_card_names_the_other_sources_of_its_story() -> None:
    also_in = (
        Telling(source_title="Le Quai", url="https://quai.example/a"),
        Telling(source_title="@everyone [x](https://evil.example)", url="javascript:alert(1)"),
    )
    text = whole_text(article_card(stored(full_article()).model_copy(update={"also_in": also_in}), FR))
    assert "📰 Aussi couvert par [Le Quai](<https://quai.example/a>), " in text
    assert not read(text).effects & {"mention"}
    assert "javascript" not in text


def test_a_long_list_is_paged_and_no_source_is_left_out() -> None:
    many = [followed(number) for number in range(64)]
    pages = [whole_text(sources_card(many, FR, page)) for page in range(7)]
    shown = [f"https://comptoir.example/{number}>" for page in pages for number in range(64) if f"/{number}>" in page]
    assert sorted(shown) == sorted(f"https://comptoir.example/{number}>" for number in range(64))
    assert "Page 7 sur 7" in pages[-1]
    assert whole_text(sources_card(many, FR, 99)) == pages[-1]
    assert "1\u202f234 articles" in pages[0]


def test_an_overview_says_how_many_sources_it_leaves_out() -> None:
    many = tuple(followed(number) for number in range(60))
    text = whole_text(overview_card(ServerOverview(SERVER, many, 0), FOUND_AT, FR))
    shown = text.count("https://comptoir.example/")
    assert f"et {60 - shown} autres sources" in text


def test_a_source_in_trouble_says_why_and_what_to_do() -> None:
    failing = followed(1, failures=3, last_failure="dns")
    lost = followed(2)
    lost = Followed(
        lost.subscription.model_copy(
            update={"state": SubscriptionState.SUSPENDED, "suspended_reason": "suspended.no_access"}
        ),
        lost.source,
        0,
    )
    text = whole_text(sources_card([failing, lost], FR))
    assert "Ce site est introuvable" in text
    assert "Voir le salon" in text
    assert "0 article\n" in text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, ("✅ Dernière lecture : <t:", "Prochaine lecture : <t:")),
        ({"last_success_at": None}, ("Pas encore lue",)),
        (
            {"failures": 2, "last_failure": "timeout", "failing_since": FOUND_AT},
            (
                "met trop de temps",
                "Début de la panne : <t:",
                "`/config source vérifier`",
                "Dernière lecture réussie : <t:",
            ),
        ),
        (
            {"state": SourceState.SUSPENDED, "failures": 40, "last_failure": "not_found", "failing_since": FOUND_AT},
            ("J’ai cessé de la lire", "`/config source reprendre`", "erreur 404"),
        ),
        (
            {"last_success_at": None, "failures": 1, "last_failure": "unheard_of"},
            ("La dernière lecture a échoué.", "Jamais lue jusqu’ici."),
        ),
    ],
)
def test_each_source_says_how_it_is_and_what_can_be_done(source: dict[str, object], said: tuple[str, ...]) -> None:
    text = whole_text(sources_card([followed(1, **source)], FR))
    for words_of_it in said:
        assert words_of_it in text


def test_completions_name_articles_within_their_limit() -> None:
    dated = ArticleTitle(1, "Un titre " * 40, datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=1))
    assert len(choice_name(dated, FR)) <= 100
    assert choice_name(dated, FR).endswith("… · 3 mars 2026")
    assert choice_name(ArticleTitle(7, " \u200b", None), FR) == "#7"


def test_a_comparison_has_room_for_six_perspectives_and_buttons_for_the_others() -> None:
    kinds = ("pessimistic", *(f"own-{number}" for number in range(8)), "neutral", "analogy")
    article = stored(full_article(sections=tuple(Section(kind=each, paragraphs=words_of(each)) for each in kinds)))
    view = comparison(READING.compare(article), FR)
    check_limits(view)
    headings = [line for content in texts(view) for line in content.splitlines() if line.startswith("**")]
    assert len(headings) == 6
    assert "neutre" in headings[0]
    assert "pessimiste" in headings[1]
    assert "Own 3" in headings[5]
