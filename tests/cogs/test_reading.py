"""What readers do, and what they see."""

import discord

from bot.client import CasseCroute
from bot.models import Kind
from bot.reading import Revision
from tests.fakes.articles import full_article, stored, words_of
from tests.fakes.kitchen import NOW, Pantry, Web, client_over
from tests.fakes.simcord_env import World, look, press, text_of


async def test_poutine_answers_the_asker_alone_with_the_analogy(world: World) -> None:
    result = await world.member.slash(world.news, "poutine")
    shown = look(result)
    assert shown.ephemeral
    assert "format bébé" in shown.text
    assert "🍟 Poutine" in shown.text


async def test_perspective_answers_with_the_view_asked_for(world: World) -> None:
    shown = look(await world.member.slash(world.news, "perspective", view="optimistic"))
    assert "Point de vue optimiste" in shown.text
    assert "téléphone fêlé" in shown.text
    assert "débrancher" not in shown.text


async def test_answers_are_in_the_asker_s_language(world: World) -> None:
    world.speak(world.member, "en-GB")
    shown = look(await world.member.slash(world.news, "perspective", view="pessimistic"))
    assert "Pessimistic view" in shown.text
    assert shown.button("Compare")


async def test_an_asker_whose_language_the_bot_does_not_speak_gets_the_server_s(world: World, pantry: Pantry) -> None:
    world.speak(world.member, "de")
    assert "Point de vue neutre" in text_of(await world.member.slash(world.news, "perspective", view="neutral"))
    pantry.languages[world.guild.id] = "en"
    assert "Neutral view" in text_of(await world.member.slash(world.news, "perspective", view="neutral"))


async def test_share_answers_in_front_of_everyone(world: World) -> None:
    shown = look(await world.member.slash(world.news, "compare", share=True))
    assert not shown.ephemeral
    assert "côte à côte" in shown.text
    for words in ("tâches étroites", "téléphone fêlé", "débrancher"):
        assert words in shown.text
    assert len(world.posted()) == 1


async def test_the_newest_article_of_the_channel_is_meant(world: World, pantry: Pantry) -> None:
    pantry.in_channel[world.lounge.id] = pantry.articles[0]
    assert "ferry" in text_of(await world.member.slash(world.lounge, "article"))
    assert "cellulaire" in text_of(await world.member.slash(world.news, "article"))


async def test_in_a_thread_the_articles_of_its_channel_are_meant_too(world: World, pantry: Pantry) -> None:
    pantry.in_channel[world.lounge.id] = pantry.articles[0]
    channel = world.env.bot.get_channel(world.lounge.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="Jasette", type=discord.ChannelType.public_thread)
    await world.env.settle()
    (thread,) = world.lounge.threads
    assert "ferry" in text_of(await world.member.slash(thread, "article"))
    pantry.in_channel[thread.id] = pantry.articles[1]
    assert "cellulaire" in text_of(await world.member.slash(thread, "article"))


async def test_article_completes_by_title(world: World) -> None:
    choices = await world.member.autocomplete(world.news, "article", "article", "ferry")
    assert [(choice["name"], choice["value"]) for choice in choices] == [("Ferry back in service", "#11")]
    assert "timetable" in text_of(await world.member.slash(world.news, "article", article="#11"))


async def test_a_missing_section_gets_a_kind_word_and_what_there_is(world: World, pantry: Pantry) -> None:
    sections = tuple(part for part in full_article().sections if part.kind != Kind.ANALOGY)
    pantry.articles.append(stored(full_article(sections=sections), 13))
    result = await world.member.slash(world.news, "poutine")
    shown = look(result)
    assert "Pas de poutine au menu" in shown.text
    assert "Neutre, Optimiste et Pessimiste" in shown.text
    assert "téléphone fêlé" in text_of(await press(world.member, result.response, "Optimiste"))


async def test_ordinary_news_offers_the_article_itself(world: World) -> None:
    result = await world.member.slash(world.news, "perspective", view="neutral", article="#11")
    assert "n’a pas de point de vue neutre" in text_of(result)
    assert "Ferry" in text_of(await press(world.member, result.response, "Lire"))


async def test_buttons_of_a_private_answer_turn_it_in_place(world: World) -> None:
    result = await world.member.slash(world.news, "poutine")
    turned = await press(world.member, result.response, "Optimiste")
    assert turned.response.id == result.response.id
    assert "téléphone fêlé" in text_of(turned)


async def test_buttons_of_a_public_card_answer_privately(world: World) -> None:
    await world.member.slash(world.news, "article", share=True)
    card = world.posted()[0]
    shown = look(await press(world.member, card, "Poutine"))
    assert shown.ephemeral
    assert "format bébé" in shown.text
    assert len(world.posted()) == 1
    assert "cellulaire" in text_of(world.posted()[0])


async def test_long_sections_turn_page_by_page_without_losing_a_word(world: World, pantry: Pantry) -> None:
    sentences = [f"Voici la phrase numéro {number} de ce très long texte." for number in range(200)]
    section = full_article().sections[3].model_copy(update={"paragraphs": words_of(" ".join(sentences))})
    pantry.articles.append(stored(full_article(sections=(section,)), 13))
    result = await world.member.slash(world.news, "perspective", view="optimistic")
    seen = [text_of(result)]
    while not look(result).button("Suivante").disabled:
        result = await press(world.member, result.response, "Suivante")
        seen.append(text_of(result))
    assert len(seen) > 3
    whole = "\n".join(seen)
    assert all(sentence in whole for sentence in sentences)
    back = await press(world.member, result.response, "Précédente")
    assert text_of(back) == seen[-2]


async def test_a_community_s_own_perspective_has_its_button(world: World, pantry: Pantry) -> None:
    own = (
        full_article().sections[1].model_copy(update={"kind": "vue-du-nord", "paragraphs": words_of("Il fait froid.")})
    )
    pantry.articles.append(stored(full_article(sections=(*full_article().sections, own)), 13))
    await world.member.slash(world.news, "article", share=True)
    shown = text_of(await press(world.member, world.posted()[0], "Vue du nord"))
    assert "Il fait froid." in shown


async def test_an_article_that_is_gone_is_said_to_be(world: World, pantry: Pantry) -> None:
    await world.member.slash(world.news, "article", share=True)
    pantry.articles.clear()
    shown = look(await press(world.member, world.posted()[0], "Poutine"))
    assert shown.ephemeral
    assert "n’est plus dans mes archives" in shown.text


async def test_an_unknown_title_is_answered_with_a_way_out(world: World) -> None:
    shown = look(await world.member.slash(world.news, "poutine", article="licorne @everyone"))
    assert shown.ephemeral
    assert "aucun article pour «\u00a0licorne" in shown.text
    assert "@everyone" not in shown.text


async def test_a_server_without_articles_is_told_so(world: World, pantry: Pantry) -> None:
    pantry.articles.clear()
    assert "Aucun article ici" in text_of(await world.member.slash(world.news, "article"))


async def test_a_lost_database_is_one_sentence_for_commands_buttons_and_completion(
    world: World, pantry: Pantry
) -> None:
    await world.member.slash(world.news, "article", share=True)
    pantry.broken = True
    for result in (
        await world.member.slash(world.news, "poutine"),
        await press(world.member, world.posted()[0], "Poutine"),
    ):
        assert "Mes archives ne répondent pas" in text_of(result)
    assert await world.member.autocomplete(world.news, "article", "article", "f") == []


async def test_cards_outlive_a_restart(world: World, pantry: Pantry) -> None:
    await world.member.slash(world.news, "article", share=True)
    card = world.posted()[0]
    again = client_over(pantry, Web())
    await world.env.restart_bot(again)
    assert "format bébé" in text_of(await press(world.member, card, "Poutine"))
    await again.close()


async def test_a_bug_behind_a_button_is_still_answered(world: World, simcord_bot: CasseCroute) -> None:
    await world.member.slash(world.news, "article", share=True)

    class Broken:
        async def by_id(self, *_: object) -> None:
            raise ZeroDivisionError

    simcord_bot.reading = Broken()  # type: ignore[assignment]
    shown = look(await press(world.member, world.posted()[0], "Poutine"))
    assert shown.ephemeral
    assert shown.text == "Quelque chose s’est mal passé de mon côté. Réessayez dans un instant."


async def test_an_updated_card_says_so_and_shows_what_changed_to_who_asks(world: World, pantry: Pantry) -> None:
    before = full_article(title="Un modèle de langue géant", sections=full_article().sections[:4])
    pantry.articles[-1] = stored(full_article(), 12).model_copy(update={"revised_at": NOW})
    pantry.revisions[12] = Revision(NOW, before)
    await world.member.slash(world.news, "article", share=True)
    (card,) = world.posted()
    assert f"mis à jour le <t:{int(NOW.timestamp())}:f>" in text_of(card)
    shown = look(await press(world.member, card, "Ce qui a changé"))
    assert shown.ephemeral
    assert "~~géant~~ **qui tient dans un vieux cellulaire**" in shown.text
    assert "🌧️ Point de vue pessimiste" in shown.text
    assert "**Un modèle qu’on ne peut plus débrancher" in shown.text
    assert "Point de vue optimiste" not in shown.text
    world.speak(world.member, "en-US")
    assert "What changed" in text_of(await press(world.member, card, "Ce qui a changé"))
    pantry.revisions.clear()
    gone = look(await press(world.member, card, "Ce qui a changé"))
    assert "has not changed" in gone.text
