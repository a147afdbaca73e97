"""The two questions quote what the article says, and the poll offers the views that it has."""

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.preferences import Preferences
from bot.locales import words
from bot.messages.questions import poll_of, questions_of
from bot.messages.topic import tags_of
from bot.models import Article, Block, Kind, Paragraph, Section
from tests.fakes.articles import full_article, hostile_article, plain_article, words_of
from tests.messages.markdown import read
from tests.messages.test_cards import ARTICLES

FR, EN = words("fr"), words("en")


def article(hope: str, fear: str, language: str = "fr") -> Article:
    return Article(
        title="T",
        language=language,
        sections=(
            Section(kind=Kind.OPTIMISTIC, paragraphs=words_of(hope)),
            Section(kind=Kind.PESSIMISTIC, paragraphs=words_of(fear)),
        ),
    )


def test_the_sentences_quoted_are_those_that_talk_about_the_same_thing() -> None:
    asked = questions_of(
        article(
            "Le comptoir est ouvert depuis ce matin. Les urgences recevront enfin les patients dans un délai correct. "
            "On s’en réjouit partout en région.",
            "Rien ne presse dans cette affaire. Aucun patient ne sait pourquoi une machine allonge son délai. "
            "Le budget reste un mystère complet.",
        ),
        FR,
    )
    assert asked == (
        "### 💬 Pour lancer la discussion\n\n"
        "🌞 Côté optimiste, on lit\u00a0:\n"
        "> Les urgences recevront enfin les patients dans un délai correct.\n"
        "**Qu’est-ce qui vous convainc, ou vous fait hésiter?**\n\n"
        "🌧️ Côté pessimiste, on lit\u00a0:\n"
        "> Aucun patient ne sait pourquoi une machine allonge son délai.\n"
        "**Qu’est-ce qui pourrait lui donner tort?**"
    )


def test_in_english_too() -> None:
    asked = questions_of(
        article("The ferry will finally run at night.", "The ferry will wake us all at night.", "en"), EN
    )
    assert "The optimistic view says:\n> The ferry will finally run at night.\n**What convinces you" in asked


def test_questions_code_and_scraps_are_not_quoted() -> None:
    hope = "Vraiment? Oui. Qui donc pourrait dire le contraire de cela? Voici la seule phrase qui affirme une chose."
    told = questions_of(article(hope, "Une seule phrase suffit à dire ce qui fait peur ici."), FR)
    assert "Voici la seule phrase qui affirme une chose." in told


def test_without_a_sentence_of_the_right_length_the_beginning_is_quoted() -> None:
    told = questions_of(article("mot " * 300, "Non."), FR)
    assert "mot…" in told
    assert "Non." in told


@pytest.mark.parametrize("kind", [Kind.OPTIMISTIC, Kind.PESSIMISTIC])
def test_one_view_alone_raises_no_question(kind: Kind) -> None:
    whole = full_article()
    assert (
        questions_of(whole.model_copy(update={"sections": tuple(s for s in whole.sections if s.kind != kind)}), FR)
        == ""
    )
    assert questions_of(plain_article(), EN) == ""


def test_a_section_of_code_alone_raises_none() -> None:
    code = Section(kind=Kind.OPTIMISTIC, paragraphs=(Paragraph(text="x = 1", block=Block.CODE),))
    fear = Section(kind=Kind.PESSIMISTIC, paragraphs=words_of("Une phrase assez longue pour être citée ici."))
    assert questions_of(Article(title="T", language="fr", sections=(code, fear)), FR) == ""


def test_hostile_sentences_are_only_read() -> None:
    asked = questions_of(hostile_article(), FR)
    assert not read(asked).effects & {"mention", "emoji", "spoiler", "shortcode", "underline", "link"}


@settings(deadline=None, max_examples=60)
@given(ARTICLES, st.integers(1, 768))
def test_whatever_an_article_holds_discord_takes_its_questions_and_poll(found: Article, hours: int) -> None:
    assert len(questions_of(found, FR).encode("utf-16-le")) // 2 <= 2_000
    poll = poll_of(found, Preferences(poll=True, poll_hours=hours), EN)
    if poll is not None:
        body = poll._to_dict()
        assert 1 <= len(body["question"]["text"]) <= 300
        answers = [each["poll_media"]["text"] for each in body["answers"]]
        assert 3 <= len(answers) <= 10
        assert all(1 <= len(text) <= 55 for text in answers)
        assert body["duration"] == hours


def test_a_poll_offers_the_views_there_are_and_doubt() -> None:
    poll = poll_of(full_article(), Preferences(poll=True), EN)
    assert poll is not None
    assert [answer.text for answer in poll.answers] == ["Neutral", "Optimistic", "Pessimistic", "Not sure yet"]
    assert poll_of(plain_article(), Preferences(poll=True), EN) is None


def test_no_more_than_five_tags_are_chosen() -> None:
    tags = [
        discord.ForumTag(name=name) for name in ("Neutre", "optimistic", "PESSIMISTE", "Analogie", "Poutine", "a", "b")
    ]
    chosen = tags_of(full_article(categories=("A", "B", "C")), tags)
    assert [tag.name for tag in chosen] == ["Neutre", "optimistic", "PESSIMISTE", "Poutine", "a"]
