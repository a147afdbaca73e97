"""What articles said before they changed, and what their messages owe to it."""

from sqlalchemy import func, select

from bot.articles.corrections import Label, labels_of
from bot.models import Article, Paragraph, Section
from bot.storage.engine import reading
from bot.storage.revisions import KEPT
from bot.storage.schema import revisions
from bot.updates.update import ChangedArticle
from tests.storage.world import CABIN, LEASE, MINUTE, OTHER_CABIN, World, article, new


def version(*texts: str, kind: str = "summary", title: str = "Le parc", **changes: object) -> Article:
    sections = (Section(kind=kind, paragraphs=tuple(Paragraph(text=text) for text in texts)),)
    return article(title).model_copy(update={"sections": sections, **changes})


async def posted(world: World, its: Article) -> int:
    source = await world.source()
    await world.follow(source)
    await world.follow(source, OTHER_CABIN + 1, OTHER_CABIN)
    (article_id,) = (await world.record(source, [new("a", its)])).article_ids
    await world.send_all()
    world.now += MINUTE
    return article_id


async def change(world: World, article_id: int, its: Article) -> None:
    source = await world.source()
    await world.record(source, changed=[ChangedArticle(article_id, f"hash {world.now}", its)])
    world.now += MINUTE


async def owed(world: World) -> int:
    return len(await world.edits.claim(now=world.now, lease=LEASE, limit=50))


async def test_new_words_are_dated_kept_and_owed_to_every_message(world: World) -> None:
    article_id = await posted(world, version("Le parc ouvre."))
    changed_at = world.now
    await change(world, article_id, version("Le parc ferme."))
    stored = await world.library.article(CABIN, article_id)
    assert stored is not None
    assert stored.revised_at == changed_at
    assert stored.article.sections[0].paragraphs[0].text == "Le parc ferme."
    revision = await world.library.revision(CABIN, article_id)
    assert revision is not None
    assert revision.at == changed_at
    assert revision.article.sections[0].paragraphs[0].text == "Le parc ouvre."
    assert await owed(world) == 2


async def test_another_picture_is_owed_to_the_messages_and_is_no_news(world: World) -> None:
    article_id = await posted(world, version("Le parc ouvre."))
    await change(world, article_id, version("Le parc ouvre.", image=None))
    stored = await world.library.article(CABIN, article_id)
    assert stored is not None
    assert stored.revised_at is None
    assert await world.library.revision(CABIN, article_id) is None
    assert await owed(world) == 2


async def test_retouched_typography_is_no_news_either(world: World) -> None:
    article_id = await posted(world, version("L'ete arrive."))
    await change(world, article_id, version("L’été arrive !"))
    stored = await world.library.article(CABIN, article_id)
    assert stored is not None
    assert stored.revised_at is None
    assert await owed(world) == 2


async def test_what_shows_nowhere_is_owed_nothing(world: World) -> None:
    article_id = await posted(world, version("Le parc ouvre."))
    await change(world, article_id, version("Le parc ouvre.", categories=("autre",)))
    assert await owed(world) == 0


async def test_a_reader_is_told_what_changed_since_the_card_was_posted(world: World) -> None:
    article_id = await posted(world, version("Un."))
    await change(world, article_id, version("Deux."))
    late = await world.follow(await world.source(), 3 * 10**18 + 1, 3 * 10**18)
    await world.register.announce_newest(late.id, world.now)
    await world.send_all()
    world.now += MINUTE
    await change(world, article_id, version("Trois."))
    for guild_id, text in ((CABIN, "Un."), (3 * 10**18, "Deux.")):
        revision = await world.library.revision(guild_id, article_id)
        assert revision is not None
        assert revision.article.sections[0].paragraphs[0].text == text


async def test_where_it_was_never_posted_the_last_change_is_told(world: World) -> None:
    article_id = await posted(world, version("Un."))
    for text in ("Deux.", "Trois."):
        await change(world, article_id, version(text))
    revision = await world.library.revision(4 * 10**18, article_id)
    assert revision is not None
    assert revision.article.sections[0].paragraphs[0].text == "Deux."


async def test_versions_kept_are_bounded_and_the_first_stays(world: World) -> None:
    article_id = await posted(world, version("Version 0."))
    for number in range(1, KEPT + 10):
        await change(world, article_id, version(f"Version {number}."))
    async with reading(world.engine) as connection:
        assert (await connection.execute(select(func.count()).select_from(revisions))).scalar() == KEPT
    revision = await world.library.revision(CABIN, article_id)
    assert revision is not None
    assert revision.article.sections[0].paragraphs[0].text == "Version 0."


async def test_what_moderators_said_follows_the_paragraphs(world: World) -> None:
    first = version("Le maire promet un parc pour cet été.", "Les voisins en doutent beaucoup.")
    article_id = await posted(world, first)
    kinds = ("optimistic", "pessimistic")
    said = {mark: Label(kind) for mark, kind in zip(labels_of(first), kinds, strict=True)}
    await world.corrections.save(CABIN, 7, article_id, said, now=world.now)
    second = version(
        "Le maire promet un parc pour cet automne.", "Le conseil votera.", "Les voisins en doutent beaucoup."
    )
    await change(world, article_id, second)
    seen = await world.library.article(CABIN, article_id)
    assert seen is not None
    assert [(section.kind, len(section.paragraphs)) for section in seen.article.sections] == [
        ("optimistic", 2),
        ("pessimistic", 1),
    ]
    others = await world.library.article(OTHER_CABIN, article_id)
    assert others is not None
    assert [section.kind for section in others.article.sections] == ["summary"]
    revision = await world.library.revision(CABIN, article_id)
    assert revision is not None
    assert [section.kind for section in revision.article.sections] == ["optimistic", "pessimistic"]


async def test_an_article_of_another_source_is_never_touched(world: World) -> None:
    article_id = await posted(world, version("Un."))
    stranger = await world.source("https://autre.test/flux")
    await world.record(stranger, changed=[ChangedArticle(article_id, "x", version("Deux."))])
    assert await world.library.revision(CABIN, article_id) is None
    assert await owed(world) == 0
