"""The main job over real sockets: a moderator adds a feed, articles reach the channel, readers get their answers."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.discord_wire import Answer, BotProcess, CannotSend, Message, wait_connected
from tests.wire.conftest import Stage, open_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOON_MS = 1000
"""The aim is 300 ms; a shared machine that runs other tests gets room."""

SUMMARY = ("La ville essaie un modèle ouvert pour trier ses lettres.", "L’essai dure six mois et coûte 4,5 M$.")
VIEWS = {
    "neutral": ("Le service y gagne du temps.", "Le syndicat demande des garanties écrites."),
    "analogy": (
        "Imaginez une poutine que chaque cuisine peut refaire.",
        "La recette est au mur, la sauce dépend de vous.",
    ),
    "optimistic": ("C’est une victoire pour les villes moyennes !", "D’autres suivront dès l’automne."),
    "pessimistic": ("Personne ne sait qui corrigera les erreurs.", "Les petites équipes paieront la note."),
}
HEADINGS = {
    "neutral": "Point de vue neutre",
    "analogy": "La poutine",
    "optimistic": "Point de vue optimiste",
    "pessimistic": "Point de vue pessimiste",
}
LABELS = {"neutral": "Neutre", "analogy": "Poutine", "optimistic": "Optimiste", "pessimistic": "Pessimiste"}


def article_html(*kinds: str, views: dict[str, tuple[str, ...]] | None = None) -> str:
    views = views or VIEWS
    sections = "".join(
        f"<h2>{HEADINGS[kind]}</h2>" + "".join(f"<p>{paragraph}</p>" for paragraph in views[kind]) for kind in kinds
    )
    return "".join(f"<p>{paragraph}</p>" for paragraph in SUMMARY) + sections


def plain(shown: Answer | Message) -> str:
    """The words without the backslashes that keep Discord from reading them as markup."""
    return re.sub(r"\\([^\w\s])", r"\1", shown.text)


def paragraphs_in(shown: Answer | Message) -> set[str]:
    """The kinds of which every paragraph is shown, in order; AssertionError when one is shown in part."""
    text = plain(shown)
    found = set()
    for kind, paragraphs in {"summary": SUMMARY, **VIEWS}.items():
        places = [text.find(paragraph) for paragraph in paragraphs]
        if max(places) >= 0:
            assert min(places) >= 0, f"{kind} is shown in part"
            assert places == sorted(places)
            found.add(kind)
    return found


class Journey(Stage):
    bot: BotProcess
    card: Message
    added: Answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def journey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Journey]:
    async with open_stage(tmp_path_factory.mktemp("journey"), Journey) as stage:
        stage.feed.publish("Une vieille nouvelle", article_html())
        stage.feed.publish("Des lettres triées par un modèle ouvert", article_html(*VIEWS), author="Aline Roy")
        async with stage.run() as bot:
            stage.bot = bot
            add = "config source add"
            stage.added = await stage.moderator.slash(stage.news, add, url=stage.feed.home_url, channel=stage.news)
            stage.card = await stage.discord.wait_for_message(stage.news)
            yield stage
        assert stage.discord.violations == []
        assert stage.discord.front.too_many == []


async def test_adding_a_source_says_what_was_found_in_private(journey: Journey) -> None:
    assert journey.added.ephemeral
    assert journey.added.latency_ms < SOON_MS
    for words in ("Le Petit Journal", "2 articles", *LABELS.values(), journey.news.mention, "Des lettres triées"):
        assert words in plain(journey.added)


async def test_the_newest_article_alone_is_posted_as_a_card(journey: Journey) -> None:
    assert "Des lettres triées par un modèle ouvert" in journey.card.text
    assert "Aline Roy" in journey.card.text
    assert "summary" in paragraphs_in(journey.card)
    assert journey.card.body["enforce_nonce"] is True
    assert journey.card.body["nonce"]
    assert not any("vieille" in message.text for message in journey.discord.messages(journey.news))


@pytest.mark.parametrize("kind", VIEWS)
async def test_each_button_answers_with_its_paragraphs(journey: Journey, kind: str) -> None:
    answer = await journey.member.click(journey.card, LABELS[kind])
    assert paragraphs_in(answer) == {kind}
    assert answer.ephemeral
    assert answer.latency_ms < SOON_MS


async def test_the_comparison_shows_every_perspective(journey: Journey) -> None:
    expected = {"neutral", "optimistic", "pessimistic"}
    assert paragraphs_in(await journey.member.click(journey.card, "Comparer")) == expected
    assert paragraphs_in(await journey.member.slash(journey.news, "compare")) == expected


@pytest.mark.parametrize("view", ["neutral", "optimistic", "pessimistic"])
async def test_the_perspective_command_answers_with_its_paragraphs(journey: Journey, view: str) -> None:
    answer = await journey.member.slash(journey.news, "perspective", view=view)
    assert paragraphs_in(answer) == {view}
    assert answer.latency_ms < SOON_MS


async def test_the_poutine_is_served_in_public_only_when_shared(journey: Journey) -> None:
    private = await journey.member.slash(journey.news, "poutine")
    shared = await journey.member.slash(journey.news, "poutine", share=True)
    assert paragraphs_in(private) == paragraphs_in(shared) == {"analogy"}
    assert private.ephemeral
    assert not shared.ephemeral


async def test_a_button_in_a_private_answer_turns_that_answer(journey: Journey) -> None:
    answer = await journey.member.slash(journey.news, "poutine")
    turned = await journey.member.click(answer, "Optimiste")
    assert turned.message is answer.message
    assert paragraphs_in(turned) == {"optimistic"}


async def test_articles_are_completed_and_then_answered(journey: Journey) -> None:
    offered = await journey.member.autocomplete(journey.lounge, "article", "article", "LETTRES triees")
    assert offered.latency_ms < SOON_MS
    ((name, value),) = offered.choices
    assert name.startswith("Des lettres triées")
    assert paragraphs_in(await journey.member.slash(journey.lounge, "article", article=value)) >= {"summary"}


async def test_each_person_is_answered_in_their_language_else_the_servers(journey: Journey) -> None:
    english = journey.discord.add_member(journey.guild, "ann", locale="en-GB")
    german = journey.discord.add_member(journey.guild, "anke", locale="de")
    assert "Optimistic view" in (await english.slash(journey.news, "perspective", view="optimistic")).text
    assert "Point de vue optimiste" in (await german.slash(journey.news, "perspective", view="optimistic")).text


async def test_a_missing_section_is_a_kind_sentence_that_names_what_there_is(journey: Journey) -> None:
    before = len(journey.discord.messages(journey.news))
    journey.feed.publish("Seulement du bon", article_html("optimistic"))
    card = await journey.discord.wait_for_message(journey.news, after=before, containing="Seulement du bon")
    assert next(button.label for button in card.buttons if button.custom_id) == "Optimiste"
    answer = await journey.member.slash(journey.news, "poutine")
    assert "Optimiste" in answer.text
    assert paragraphs_in(answer) == set()


async def test_long_sections_are_paged_and_nothing_is_lost(journey: Journey) -> None:
    paragraphs = tuple(f"Paragraphe {number} : {'des mots et encore des mots, ' * 20}fin." for number in range(14))
    before = len(journey.discord.messages(journey.news))
    journey.feed.publish("Une longue vue", article_html("optimistic", views={"optimistic": paragraphs}))
    card = await journey.discord.wait_for_message(journey.news, after=before, containing="Une longue vue")
    page = await journey.member.click(card, "Optimiste")
    seen = plain(page)
    for _ in range(20):
        following = next((button for button in page.buttons if button.label == "Suivante"), None)
        if following is None or following.disabled:
            break
        page = await journey.member.click(page, following.custom_id or "")
        seen += plain(page)
    places = [seen.find(paragraph) for paragraph in paragraphs]
    assert min(places) >= 0
    assert places == sorted(places)


async def test_a_new_item_is_posted_within_the_interval(journey: Journey) -> None:
    before = len(journey.discord.messages(journey.news))
    started = time.monotonic()
    journey.feed.publish("Toute fraîche", article_html("neutral"))
    await journey.discord.wait_for_message(journey.news, after=before, containing="Toute fraîche")
    assert time.monotonic() - started < 5  # one second of interval, two of grace, and a busy machine


async def test_nothing_in_an_article_pings_or_forges_a_link(journey: Journey) -> None:
    hostile = "@everyone @here <@&1> <@2> [cliquez](http://evil.example) "
    before = len(journey.discord.messages(journey.news))
    item = hostile.replace("<", "&lt;")
    journey.feed.publish(
        hostile, f"<p>{item}dans le texte.</p><h2>La poutine</h2><p>{item}en sauce.</p>", author=hostile
    )
    card = await journey.discord.wait_for_message(journey.news, after=before, containing="dans le texte")
    answer = await journey.member.click(card, "Poutine")
    assert "en sauce" in answer.text
    for message in (card, answer.message):
        assert message.pings == []
        assert message.body["allowed_mentions"]["parse"] == []
        assert not re.search(r"(?<!\\)\[cliquez(?<!\\)\]\(<?http://evil", message.text)


async def test_moderators_see_their_sources_and_others_do_not(journey: Journey) -> None:
    for name in ("config show", "config source list"):
        answer = await journey.moderator.slash(journey.news, name)
        assert "Le Petit Journal" in answer.text
        assert answer.ephemeral
        assert answer.latency_ms < SOON_MS
        with pytest.raises(CannotSend):
            await journey.member.slash(journey.news, name)


async def test_buttons_and_commands_work_after_a_restart(journey: Journey) -> None:
    await journey.bot.stop()
    await journey.bot.start()
    await wait_connected(journey.bot, journey.discord)
    answer = await journey.member.click(journey.card, "Pessimiste")
    assert paragraphs_in(answer) == {"pessimistic"}
    assert answer.latency_ms < SOON_MS
    article = (await journey.member.autocomplete(journey.news, "poutine", "article", "lettres")).choices[0][1]
    assert paragraphs_in(await journey.member.slash(journey.news, "poutine", article=article)) == {"analogy"}
