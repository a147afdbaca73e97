"""The menu of a message: the article that it shows or links to."""

from bot.locales import words
from bot.messages.article_card import article_card
from tests.fakes.articles import full_article, stored
from tests.fakes.kitchen import Pantry
from tests.fakes.simcord_env import World, answer_of, press, text_of


async def ask(world: World, message: object) -> object:
    return await world.member.context_menu(world.news, "Perspectives", target=message)


async def test_a_link_that_somebody_wrote_leads_to_its_article_and_its_views(world: World) -> None:
    url = full_article().url
    message = await world.moderator.send(world.news, f"Avez-vous lu ceci? ({url}), c’est bon!")
    result = await ask(world, message)
    answer = answer_of(result)
    assert answer.ephemeral
    assert full_article().title in text_of(result)
    turned = await press(world.member, answer, "Optimiste")
    optimistic = full_article().section("optimistic")
    assert optimistic
    assert optimistic.paragraphs[0].text[:30] in text_of(turned)


async def test_a_message_of_ours_leads_to_its_article_by_its_buttons(world: World, pantry: Pantry) -> None:
    channel = world.env.bot.get_channel(world.news.id)
    posted = await channel.send(view=article_card(stored(full_article(), 12), words("fr")))
    assert full_article().title in text_of(await ask(world, posted))


async def test_a_post_without_buttons_is_known_by_its_delivery(world: World, pantry: Pantry) -> None:
    message = await world.moderator.send(world.news, "Une nouvelle")
    pantry.posted[message.id] = pantry.articles[0]
    assert pantry.articles[0].article.title in text_of(await ask(world, message))


async def test_a_message_about_something_else_is_answered_kindly(world: World) -> None:
    message = await world.moderator.send(world.news, "Bonjour! https://ailleurs.example/autre")
    assert "aucun article que je connaisse" in text_of(await ask(world, message))
