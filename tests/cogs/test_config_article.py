"""What moderators say of articles, and what comes of it."""

import re

import discord
import pytest
import simcord

from bot.client import CasseCroute
from bot.errors import RequestRefused
from bot.models import Kind, Retraction, Section
from bot.postings import Publication
from bot.reading import Place
from tests.fakes.articles import full_article, stored, words_of
from tests.fakes.kitchen import Pantry, Web, client_over
from tests.fakes.simcord_env import World, answer_of, look, press, text_of


def selected(result: object) -> list[str]:
    """What each select of a page has chosen."""
    return [
        next(option["value"] for option in select["options"] if option.get("default"))
        for select in look(result).selects  # type: ignore[arg-type]
    ]


async def choose(
    world: World, result: simcord.InteractionResult, at: int, kind: str, who: simcord.MemberActor | None = None
) -> simcord.InteractionResult:
    message = answer_of(result)
    select = look(message).selects[at]
    return await (who or world.moderator).select(message, custom_id=select["custom_id"], values=[kind])


async def correct(world: World, **options: object) -> simcord.InteractionResult:
    return await world.moderator.slash(world.news, "config article correct", **options)


async def test_members_do_not_see_it(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.news, "config article correct")


async def test_a_private_page_shows_each_passage_with_what_it_is(world: World) -> None:
    result = await correct(world)
    shown = look(result)
    assert shown.ephemeral
    assert "Corriger les sections" in shown.text
    assert "cellulaire" in shown.text
    for number, words in enumerate(("Une équipe de Sherbrooke", "Les poids sont", "Un petit modèle", "C’est une"), 1):
        assert f"**{number}.** {words}" in shown.text
    assert selected(result) == ["summary", "summary", "neutral", "analogy", "optimistic"]
    labels = [option["label"] for option in shown.selects[0]["options"]]
    assert labels == [
        "Résumé",
        "Point de vue neutre",
        "Poutine",
        "Point de vue optimiste",
        "Point de vue pessimiste",
        "Autre passage",
    ]
    assert shown.button("Précédente").disabled
    assert re.search(r"Page 1 \w+ 2", shown.text)


async def test_saving_changes_what_readers_get(world: World) -> None:
    result = await correct(world)
    result = await choose(world, result, 2, "pessimistic")
    assert "1 choix pas encore enregistré" in text_of(result)
    result = await press(world.moderator, answer_of(result), "Suivante")
    assert selected(result) == ["optimistic", "pessimistic"]
    result = await choose(world, result, 1, "neutral")
    assert "tâches étroites" in text_of(await world.member.slash(world.news, "perspective", view="neutral"))
    result = await press(world.moderator, answer_of(result), "Enregistrer")
    shown = look(result)
    assert shown.ephemeral
    assert "Sections enregistrées" in shown.text
    assert "Neutre, Optimiste, Pessimiste et Poutine" in shown.text
    assert shown.buttons == ()
    assert "débrancher" in text_of(await world.member.slash(world.news, "perspective", view="neutral"))
    assert "tâches étroites" in text_of(await world.member.slash(world.news, "perspective", view="pessimistic"))


async def test_nothing_changes_when_it_is_cancelled(world: World, pantry: Pantry) -> None:
    result = await choose(world, await correct(world), 2, "other")
    result = await press(world.moderator, answer_of(result), "Annuler")
    assert "Rien n’a changé" in text_of(result)
    assert pantry.labels == {}
    assert pantry.drafts == {}


async def test_a_correction_begun_goes_on_after_a_restart(world: World, pantry: Pantry) -> None:
    result = await choose(world, await correct(world), 2, "other")
    again = client_over(pantry, Web())
    await world.env.restart_bot(again)
    result = await press(world.moderator, answer_of(result), "Suivante")
    result = await choose(world, result, 1, "other")
    await press(world.moderator, answer_of(result), "Enregistrer")
    refused = await world.member.slash(world.news, "perspective", view="neutral")
    assert "n’a pas de point de vue neutre" in text_of(refused)
    await again.close()


async def test_moderators_at_work_together_do_not_mix(world: World) -> None:
    role = world.guild.create_role("Aussi", permissions=discord.Permissions(manage_guild=True))
    other = world.guild.add_member(world.env.create_user("aline"), roles=[role])
    mine = await correct(world)
    theirs = await other.slash(world.news, "config article correct")
    await choose(world, mine, 2, "other")
    theirs = await choose(world, theirs, 3, "summary", other)
    assert selected(theirs) == ["summary", "summary", "neutral", "summary", "optimistic"]
    assert "1 choix" in text_of(theirs)


async def test_opening_it_again_begins_afresh(world: World) -> None:
    await choose(world, await correct(world), 2, "other")
    assert selected(await correct(world))[2] == "neutral"


async def test_it_completes_by_title_and_takes_any_article(world: World) -> None:
    choices = await world.moderator.autocomplete(world.news, "config article correct", "article", "ferry")
    assert [(choice["name"], choice["value"]) for choice in choices] == [("Ferry back in service", "#11")]
    result = await correct(world, article="#11")
    assert "**2.** Mornings" in text_of(result)
    assert selected(result) == ["summary"] * 3


async def test_headings_and_long_passages_are_shown_short(world: World, pantry: Pantry) -> None:
    section = Section(kind=Kind.OTHER, heading="Sur le **terrain**", paragraphs=words_of("Une phrase. " * 200))
    pantry.articles.append(stored(full_article(sections=(section,)), 13))
    text = text_of(await correct(world))
    assert "Intertitre\u00a0: Sur le \\*\\*terrain\\*\\*" in text
    assert len(text) < 1_000
    assert re.search(r"Une phrase\. …$", text, re.MULTILINE)


async def test_an_article_that_changed_meanwhile_is_told(world: World, pantry: Pantry) -> None:
    result = await correct(world)
    pantry.articles[-1] = stored(full_article(sections=full_article().sections[:1]), 12)
    refused = await choose(world, result, 2, "other")
    assert "L’article a changé" in text_of(refused)
    assert pantry.drafts == {}


async def test_a_kind_that_is_none_is_refused(simcord_bot: CasseCroute, pantry: Pantry) -> None:
    place = Place(1, (2,))
    corrections = simcord_bot.corrections
    passage = (await corrections.resume(place, 12, 3)).passages[0]
    with pytest.raises(RequestRefused):
        await corrections.choose(place, 12, 3, mark=passage.mark, kind="evil")
    assert pantry.drafts == {}


async def test_an_article_without_passages_is_refused(world: World, pantry: Pantry) -> None:
    pantry.articles.append(stored(full_article(sections=()), 13))
    assert "aucun passage" in text_of(await correct(world))


async def test_a_lost_database_is_one_sentence(world: World, pantry: Pantry) -> None:
    result = await correct(world)
    pantry.broken = True
    assert "Mes archives ne répondent pas" in text_of(await choose(world, result, 2, "other"))
    assert "Mes archives ne répondent pas" in text_of(await press(world.moderator, answer_of(result), "Enregistrer"))
    assert "Mes archives ne répondent pas" in text_of(await correct(world))


async def test_it_speaks_english_too(world: World) -> None:
    world.speak(world.moderator, "en-GB")
    result = await correct(world)
    assert "Correct the sections" in text_of(result)
    assert look(result).selects[2]["options"][3]["label"] == "Optimistic view"
    result = await choose(world, result, 2, "other")
    assert "1 choice not saved yet" in text_of(result)
    assert "Sections saved" in text_of(await press(world.moderator, answer_of(result), "Save"))


async def test_retracting_strikes_by_default_and_says_how_many_messages(world: World, pantry: Pantry) -> None:
    pantry.in_channel[world.news.id] = pantry.articles[-1]
    shown = look(await world.moderator.slash(world.news, "config article retract"))
    assert shown.ephemeral
    assert "Article retiré" in shown.text
    assert "1 message sera barré dans un instant." in shown.text
    assert pantry.retracted == {12: Retraction.STRIKE}
    assert "Je ne trouve aucun article" in text_of(await world.member.slash(world.news, "poutine", article="#12"))


async def test_or_deletes_and_says_when_nothing_had_been_posted(world: World, pantry: Pantry) -> None:
    text = text_of(await world.moderator.slash(world.news, "config article retract", article="#11", mode="delete"))
    assert "Il n’avait pas été publié" in text
    assert pantry.retracted == {11: Retraction.DELETE}


async def test_what_is_retracted_can_be_published_again(world: World, pantry: Pantry) -> None:
    await world.moderator.slash(world.news, "config article retract", article="#12")
    choices = await world.moderator.autocomplete(world.news, "config article publish", "article", "cellulaire")
    assert [choice["value"] for choice in choices] == ["#12"]
    shown = text_of(await world.moderator.slash(world.news, "config article publish", article="#12"))
    assert f"publié dans <#{world.news.id}>" in shown
    assert pantry.published == [(12, (world.news.id,), False)]
    pantry.publication = Publication.ALREADY
    shown = text_of(
        await world.moderator.slash(world.news, "config article publish", article="#12", channel=world.lounge)
    )
    assert f"https://discord.com/channels/{world.guild.id}/{world.lounge.id}/77" in shown
    assert pantry.published[-1] == (12, (world.lounge.id,), True)


@pytest.mark.parametrize(
    ("publication", "words"),
    [
        (Publication.NOWHERE, "Ce salon ne suit pas Le Comptoir"),
        (Publication.UNCLEAR, "Plusieurs salons suivent"),
        (Publication.PAUSED, "est en pause"),
        (Publication.RESTORED, "n’est plus retiré"),
    ],
)
async def test_publishing_says_what_stands_in_its_way(
    world: World, pantry: Pantry, publication: Publication, words: str
) -> None:
    pantry.publication = publication
    assert words in text_of(await world.moderator.slash(world.news, "config article publish", article="#12"))


async def test_retracting_and_publishing_speak_english_too(world: World) -> None:
    world.speak(world.moderator, "en-US")
    assert "Article retracted" in text_of(await world.moderator.slash(world.news, "config article retract"))
    text = text_of(await world.moderator.slash(world.news, "config article publish", article="#11"))
    assert "will be posted in" in text
