"""Every shape of a post: within every limit, saying what it should, and mentioning whom it may."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.preferences import Preferences
from bot.locales import words
from bot.messages.header import header_of, thread_name
from bot.messages.post import post_of
from bot.models import Image, Kind, Section, StoredArticle
from tests.fakes.articles import full_article, hostile_article, plain_article, stored, words_of
from tests.messages.markdown import read
from tests.messages.posts import claimed_as, request_of
from tests.messages.test_cards import STORED
from tests.messages.wire import check_request

FR, EN = words("fr"), words("en")
FULL = stored(full_article())
SHAPES = st.sampled_from(["card", "embed", "text"])
ROLES = [10**18 + number for number in range(5)]
LONG_HEADER = "{title} {author} {source} {date} {language} {url} " * 8


def body(article: StoredArticle, speak: Any = FR, **preferences: object) -> dict[str, Any]:
    return request_of(post_of(claimed_as(article, **preferences), speak))


@settings(deadline=None, max_examples=60)
@given(STORED, SHAPES, st.sampled_from([None, LONG_HEADER, "x" * 400, "{url}" * 80]), st.integers(0, 5))
def test_every_post_is_within_discord_s_limits(article: StoredArticle, shape: str, header: str, roles: int) -> None:
    claimed = claimed_as(article, summed_up=123_456, shape=shape, header=header, roles=ROLES[:roles], silent=True)
    check_request(request_of(post_of(claimed, FR)))


@pytest.mark.parametrize("shape", ["card", "embed", "text"])
def test_a_hostile_article_does_nothing_in_any_shape(shape: str) -> None:
    article = stored(hostile_article(), 10**18 - 1, "@here [x](https://evil.example)")
    sent = body(article, shape=shape, header=LONG_HEADER, roles=ROLES)
    check_request(sent)
    assert sent["allowed_mentions"] == {"parse": [], "roles": [str(role) for role in ROLES]}
    embed = (sent.get("embeds") or [{}])[0]
    for told in (sent.get("content") or "", embed.get("title", ""), embed.get("description", "")):
        text = told.replace(" ".join(f"<@&{role}>" for role in ROLES), "")
        assert not read(text).effects & {"mention", "emoji", "spoiler", "shortcode", "underline"}


def test_nobody_is_mentioned_unless_a_role_was_chosen() -> None:
    assert body(FULL)["allowed_mentions"] == {"parse": []}
    assert body(FULL, roles=[5])["allowed_mentions"]["roles"] == ["5"]


def test_an_embed_says_what_the_card_says() -> None:
    sent = body(FULL, shape="embed")
    (embed,) = sent["embeds"]
    assert embed["title"] == "Un modèle de langue qui tient dans un vieux cellulaire"
    assert embed["url"] == "https://comptoir.example/modele-dans-la-poche"
    assert embed["description"].startswith("Une équipe de Sherbrooke publie")
    assert "[minuscule.example](<https://www.minuscule.example/annonces/1b>)" in embed["description"]
    assert embed["author"]["name"] == "Par Étienne Marcoux-Roy"
    assert embed["footer"]["text"] == "Le Comptoir"
    assert embed["timestamp"] == "2026-03-02T14:30:00+00:00"
    assert embed["image"]["url"] == "https://comptoir.example/cellulaire.jpg"
    labels = [each["label"] for row in sent["components"] for each in row["components"]]
    assert labels == ["Neutre", "Optimiste", "Pessimiste", "Poutine", "Comparer"]


def test_plain_text_says_it_too_and_unfurls_nothing() -> None:
    sent = body(FULL, shape="text")
    assert sent["content"].startswith(
        "### [Un modèle de langue qui tient dans un vieux cellulaire](<https://comptoir.example/modele-dans-la-poche>)\n"
        "-# Par Étienne Marcoux-Roy · <t:1772461800:D> · Le Comptoir\n\n"
        "Une équipe de Sherbrooke publie"
    )
    assert sent["components"][0]["components"][3]["custom_id"] == "cc1:s:12:analogy:0"
    assert not sent.get("embeds")


def test_plain_news_has_no_buttons_in_any_shape() -> None:
    for shape in ("embed", "text"):
        assert not body(stored(plain_article()), shape=shape).get("components")


def test_a_long_text_is_cut_after_a_sentence_and_the_whole_is_a_press_away() -> None:
    section = Section(kind=Kind.SUMMARY, paragraphs=words_of("Voici une phrase de bonne longueur. " * 60))
    article = stored(full_article(sections=(section,)))
    for shape in ("embed", "text"):
        sent = body(article, shape=shape)
        told = sent["embeds"][0]["description"] if shape == "embed" else sent["content"]
        assert "longueur. …" in told
        assert sent["components"][0]["components"][0]["label"] == "Lire l’article"


def test_an_embed_whose_title_reads_as_another_address_leads_nowhere_in_disguise() -> None:
    article = stored(full_article(title="banque.example", url="https://comptoir.example/x"))
    (embed,) = body(article, shape="embed")["embeds"]
    assert "url" not in embed
    assert embed["description"].startswith("<https://comptoir.example/x>\n")


def test_an_embed_leaves_out_a_picture_that_discord_would_refuse() -> None:
    article = stored(full_article(image=Image(url="javascript:x", alt=None)))
    assert "image" not in body(article, shape="embed")["embeds"][0]


def test_the_header_stands_above_in_every_shape_and_its_values_are_only_read() -> None:
    article = stored(full_article(title="**@everyone** {url}", author="<@1>"))
    header = "**Nouveau** de {author} : {titre} ({langue})"
    told = "**Nouveau** de \\<@1\\> : \\*\\*@\u200beveryone\\*\\* {url} (français)\n<@&5>"
    assert body(article, shape="embed", header=header, roles=[5])["content"] == told
    assert body(article, shape="text", header=header, roles=[5])["content"].startswith(told + "\n### ")
    card = body(article, header=header, roles=[5])["components"]
    assert card[0] == {"type": 10, "content": told} | ({"id": card[0]["id"]} if "id" in card[0] else {})


def test_a_silent_post_says_so_and_no_other_does() -> None:
    assert body(FULL, silent=True)["flags"] == (1 << 15) | (1 << 12)
    assert body(FULL, shape="text", silent=True)["flags"] == 1 << 12
    assert not body(FULL, shape="text").get("flags")


def test_a_header_names_the_language_in_the_server_s_own() -> None:
    preferences = Preferences(header="{language}")
    assert header_of(FULL, preferences, EN) == "French"
    assert header_of(stored(full_article(language="tlh-x-*")), preferences, EN)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        (None, "Un modèle de langue qui tient dans un vieux cellulaire"),
        ("🥔 {title}", "🥔 Un modèle de langue qui tient dans un vieux cellulaire"),
        (
            "{date} · {source} · {titre}",
            "2 mars 2026 · Le Comptoir · Un modèle de langue qui tient dans un vieux cellulaire",
        ),
        ("{title} {title} {title}", None),
        ("{url}{url}", None),
    ],
)
def test_a_thread_is_named_after_its_template(template: str | None, name: str | None) -> None:
    made = thread_name(FULL, Preferences(forum_title=template), FR)
    assert name is None or made == name
    assert 1 <= len(made) <= 100


@settings(deadline=None, max_examples=60)
@given(STORED, st.sampled_from([None, "{title}", "{author}{url}", "[{source}] {title} " + "x" * 70]))
def test_a_thread_always_has_a_name(article: StoredArticle, template: str | None) -> None:
    made = thread_name(article, Preferences(forum_title=template), FR)
    assert 1 <= len(made.encode("utf-16-le")) // 2 <= 100
    assert made.strip() == made
    assert "\n" not in made
