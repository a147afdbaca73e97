"""Digests: all articles told alike, within every limit, and nothing said that is not so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.digests import LISTED
from bot.locales import words
from bot.messages.custom_ids import OPEN_ID
from bot.messages.digest_card import day_of, digest_container
from bot.messages.layout import message
from bot.messages.limits import CONTENT
from bot.messages.links import passes_for_another, safe_link
from bot.messages.post import bare_post_of, post_of
from bot.models import Kind
from tests.fakes.articles import FOUND_AT, full_article, hostile_article, plain_article, stored, words_of
from tests.messages.markdown import read
from tests.messages.posts import digest_as, request_of
from tests.messages.test_cards import STORED
from tests.messages.wire import check_request, components, nodes_of, texts, utf16, whole_text

FR, EN = words("fr"), words("en")
FULL, PLAIN = stored(full_article()), stored(plain_article(), 11, "Harbour News")


def many(count: int, **changes: object):
    return [stored(full_article(title=f"Article {number:02}", **changes), 100 + number) for number in range(count)]


def text_of(claimed, speak=FR) -> str:
    view = post_of(claimed, speak).view
    assert view is not None
    return whole_text(view)


def menu_of(claimed, speak=FR) -> dict[str, object] | None:
    nodes = nodes_of(request_of(post_of(claimed, speak))["components"])
    return next((node for node in nodes if node["type"] == 3), None)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(STORED, min_size=1, max_size=LISTED, unique_by=lambda each: each.id),
    st.data(),
    st.sampled_from([0, 7, 10**6]),
    st.sampled_from(["", "**{source}** {title} {date} {url} " * 8]),
)
def test_every_digest_is_within_discord_s_limits(articles, data, more: int, header: str) -> None:
    struck = data.draw(st.sets(st.sampled_from([each.id for each in articles])))
    claimed = digest_as(*articles, more=more, struck=struck, header=header[:400] or None, roles=[77, 78])
    for speak in (FR, EN):
        check_request(request_of(post_of(claimed, speak)))
        bare = request_of(bare_post_of(claimed, speak))
        check_request(bare)
        assert utf16(bare["content"]) <= CONTENT
        menu = menu_of(claimed, speak)
        offered = [int(option["value"]) for option in menu["options"]] if menu else []
        assert offered == [each.id for each in articles if each.id not in struck]


def test_a_hostile_digest_does_nothing_anywhere() -> None:
    articles = [stored(hostile_article(), 20 + number, "@here [x](https://evil.example)") for number in range(LISTED)]
    view = post_of(digest_as(*articles), FR).view
    assert view is not None
    for content in (*texts(view), bare_post_of(digest_as(*articles), FR).content or ""):
        seen = read(content)
        assert not seen.effects & {"mention", "emoji", "spoiler", "shortcode", "underline"}
        for text, target in seen.links:
            assert safe_link(target) == target
            assert text == target or not passes_for_another(text, target)


def test_few_articles_are_told_with_their_summary_and_views_by_name() -> None:
    shown = text_of(digest_as(PLAIN, FULL))
    assert "## 🗞️ Condensé du 2 mars 2026" in shown
    assert "2 articles · Harbour News" in shown
    assert "**[Ferry back in service](<https://harbour.example/ferry>)**\nThe ferry is back." in shown
    assert "Une équipe de Sherbrooke publie un modèle de langue" in shown
    assert "-# ⚖️ Neutre · 🌞 Optimiste · 🌧️ Pessimiste · 🍟 Poutine" in shown
    assert shown.index("Ferry") < shown.index("vieux cellulaire")


def test_the_poutine_of_the_newest_that_has_one_is_served() -> None:
    older = stored(full_article(title="Ancien", sections=full_article().sections[:2]), 5)
    shown = text_of(digest_as(older, FULL, PLAIN))
    assert "🍟 **Poutine** · Un modèle de langue qui tient dans un vieux cellulaire\nC’est une poutine" in shown
    assert "Poutine" not in text_of(digest_as(older, PLAIN))


@pytest.mark.parametrize("count", [3, 8, 12, LISTED])
def test_no_article_is_told_more_of_than_another(count: int) -> None:
    shown = text_of(digest_as(*many(count)))
    assert all(f"Article {number:02}" in shown for number in range(count))
    assert shown.count("Une équipe de Sherbrooke") in (0, count)
    assert shown.count("Neutre · ") in (0, count)
    assert "plus ancien" not in shown


def test_what_does_not_fit_is_counted_and_still_in_the_menu() -> None:
    digest = digest_as(*many(LISTED), more=10).digest
    assert digest is not None
    shown = message(digest_container(digest, "Le Comptoir", FR, room=700))
    named = sum(f"Article {number:02}" in whole_text(shown) for number in range(LISTED))
    assert 10 < named < LISTED
    assert f"**Article {LISTED - named:02}**" in whole_text(shown)
    assert f"… et {LISTED - named + 10} articles plus anciens" in whole_text(shown)
    (menu,) = (node for node in components(shown) if node["type"] == 3)
    assert len(menu["options"]) == LISTED


def test_a_retracted_article_is_struck_and_cannot_be_opened() -> None:
    claimed = digest_as(PLAIN, FULL, struck=[12])
    shown = text_of(claimed)
    assert "~~Un modèle de langue qui tient dans un vieux cellulaire~~ · retiré par la modération" in shown
    assert "Sherbrooke" not in shown
    assert "poutine" not in shown
    menu = menu_of(claimed)
    assert menu is not None
    assert [option["label"] for option in menu["options"]] == ["Ferry back in service"]
    assert menu_of(digest_as(PLAIN, struck=[11])) is None


def test_the_menu_names_each_article_and_its_views() -> None:
    menu = menu_of(digest_as(PLAIN, FULL), EN)
    assert menu is not None
    assert menu["custom_id"] == OPEN_ID
    assert menu["placeholder"] == "Open an article and its views"
    first, second = menu["options"]
    assert (first["label"], first["value"], first.get("description")) == ("Ferry back in service", "11", None)
    assert second["description"] == "Neutral, Optimistic, Pessimistic, and Poutine"


def test_an_article_that_changed_says_so() -> None:
    changed = FULL.model_copy(update={"revised_at": FOUND_AT})
    assert f"<t:{int(FOUND_AT.timestamp())}:f>" in text_of(digest_as(PLAIN, changed))


def test_a_header_has_what_belongs_to_all() -> None:
    shown = text_of(digest_as(FULL, PLAIN, header="{source}{auteur}: {titre} {date} {adresse}{langue}", roles=[77]))
    assert shown.startswith("Le Comptoir: 🗞️ Condensé du 2 mars 2026 2 mars 2026\n<@&77>")


def test_the_first_of_a_month_is_said_as_people_say_it() -> None:
    assert day_of(FOUND_AT.date().replace(day=1), FR) == "1er mars 2026"
    assert day_of(FOUND_AT.date().replace(day=1), EN) == "March 1, 2026"
    assert day_of(FOUND_AT.date().replace(day=11), FR) == "11 mars 2026"


def test_an_own_view_of_a_community_is_told_too() -> None:
    own = full_article().sections[0].model_copy(update={"kind": "vue-du-nord", "paragraphs": words_of("Au nord.")})
    shown = text_of(digest_as(PLAIN, stored(full_article(sections=(own,)), 13)))
    assert "💬 Vue du nord" in shown
    assert Kind.ANALOGY not in shown
