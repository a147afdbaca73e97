"""Browsing and searching the articles of a server."""

from tests.fakes.articles import full_article, plain_article, stored
from tests.fakes.kitchen import Pantry
from tests.fakes.simcord_env import World, answer_of, look, text_of


async def test_the_newest_come_first_and_any_of_them_opens_in_private(world: World) -> None:
    result = await world.member.slash(world.news, "articles")
    said = text_of(result)
    assert said.index(full_article().title) < said.index(plain_article().title)
    assert answer_of(result).ephemeral
    opened = await world.member.select(answer_of(result), ["12"])
    assert full_article().title in text_of(opened)
    assert any("Optimiste" in (button.label or "") for button in look(opened).buttons)
    assert answer_of(opened).ephemeral


async def test_a_search_says_what_it_found_and_what_it_did_not(world: World) -> None:
    word = full_article().title.split()[1]
    said = text_of(await world.member.slash(world.news, "articles", search=word))
    assert f"«\u00a0{word}\u00a0»" in said
    assert full_article().title in said
    assert "Aucun titre ne contient" in text_of(await world.member.slash(world.news, "articles", search="zythum"))


async def test_an_empty_server_is_told_so(world: World, pantry: Pantry) -> None:
    pantry.articles.clear()
    assert "Aucun article" in text_of(await world.member.slash(world.news, "articles"))


async def test_more_than_a_message_holds_is_said(world: World, pantry: Pantry) -> None:
    pantry.articles = [stored(full_article(title=f"*Titre* {number} " + "long " * 30), number) for number in range(40)]
    said = text_of(await world.member.slash(world.news, "articles"))
    assert "Il y en a d’autres" in said
    assert len(said) < 4_000
