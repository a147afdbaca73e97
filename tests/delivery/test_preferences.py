"""Settings as they are stored, changed and refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.preferences import DEFAULT, ChannelKind, Preferences, parse, preferences_of, stored
from bot.delivery.settings import changed
from bot.delivery.templates import fill, unknown_placeholders
from bot.errors import RequestRefused
from bot.models import Subscription
from tests.fakes.articles import FOUND_AT

SUBSCRIPTION = Subscription(id=1, source_id=1, guild_id=1, channel_id=1, created_at=FOUND_AT)


def test_a_subscription_that_chose_nothing_has_the_defaults() -> None:
    assert preferences_of(SUBSCRIPTION) == DEFAULT == Preferences()
    assert stored(DEFAULT) == "{}"


def test_what_a_newer_process_wrote_costs_only_itself() -> None:
    text = json.dumps({"shape": "hologram", "silent": True, "smell": "fresh", "windows": [{"days": [9]}], "roles": [5]})
    assert parse(text) == Preferences(silent=True, roles=(5,))


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_nothing_that_a_row_may_hold_stops_a_post(text: str) -> None:
    assert isinstance(parse(text), Preferences)


@given(st.dictionaries(st.sampled_from(list(Preferences.model_fields)), st.none() | st.integers() | st.text()))
def test_no_wrong_value_stops_a_post(fields: dict[str, object]) -> None:
    assert parse(stored(parse(json.dumps(fields)))) == parse(json.dumps(fields))


def test_a_change_leaves_the_rest_and_none_sets_back() -> None:
    text = changed("{}", {"shape": "embed", "silent": True, "add_role": 5}, ChannelKind.TEXT)
    text = changed(text, {"add_role": 6, "silent": None}, ChannelKind.TEXT)
    text = changed(text, {"add_role": 5}, None)
    assert parse(text) == Preferences(shape="embed", roles=(5, 6))
    assert changed(text, {"roles": None, "shape": None}, None) == "{}"


@pytest.mark.parametrize(
    ("changes", "kind", "key"),
    [
        ({"publish": True}, ChannelKind.TEXT, "config.edit.publish_needs_announcements"),
        ({"publish": True}, ChannelKind.FORUM, "config.edit.publish_needs_announcements"),
        ({"thread": "article"}, ChannelKind.THREAD, "config.edit.thread_in_thread"),
        ({"thread": "article"}, ChannelKind.FORUM, "config.edit.thread_in_forum"),
        ({"forum_title": "{title}"}, ChannelKind.ANNOUNCEMENT, "config.edit.title_needs_forum"),
        ({"poll": True}, ChannelKind.TEXT, "config.edit.poll_needs_thread"),
        ({"header": "{titel}"}, None, "config.edit.unknown_placeholder"),
        ({"forum_title": "{__class__}"}, ChannelKind.FORUM, "config.edit.unknown_placeholder"),
        ({"header": "x" * 401}, None, "config.edit.wrong.header"),
        ({"roles": tuple(range(6))}, None, "config.edit.wrong.roles"),
        ({"shape": "hologram"}, None, "config.edit.wrong"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(changes: dict[str, object], kind: ChannelKind, key: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        changed("{}", changes, kind)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"publish": True}, ChannelKind.ANNOUNCEMENT),
        ({"thread": "article", "poll": True}, ChannelKind.TEXT),
        ({"poll": True, "forum_title": "{date} {titre}"}, ChannelKind.FORUM),
        ({"publish": True}, None),
    ],
)
def test_what_works_is_taken(changes: dict[str, object], kind: ChannelKind | None) -> None:
    assert parse(changed("{}", changes, kind)) == Preferences.model_validate(changes)


def test_an_old_contradiction_does_not_forbid_another_change() -> None:
    assert parse(changed('{"publish": true}', {"silent": True}, ChannelKind.TEXT)).silent


# ------------------------------------------------------------------------------------------------ templates


VALUES = {"title": "Frites", "author": "É. Roy", "url": "<https://comptoir.example/a>"}


def test_placeholders_are_replaced_in_both_languages_and_nothing_else_happens() -> None:
    assert fill("{title} · { Titre } {auteur} {date}!", VALUES, 100) == "Frites · Frites É. Roy !"
    assert fill("a { b } {} {{title}} {title.__class__} %s {0}", VALUES, 100) == "a   {Frites}  %s"


def test_unknown_placeholders_are_named() -> None:
    assert unknown_placeholders("{title} {titel} {title!r} {a.b} {}") == ("titel", "title!r", "a.b", "")
    assert unknown_placeholders("{ } only braces } {") == (" ",)


def test_a_value_in_braces_is_not_a_placeholder() -> None:
    assert fill("{title}", {"title": "{url}", "url": "x"}, 100) == "{url}"


@given(st.text(alphabet="{}tile urab", max_size=60), st.text(max_size=50), st.integers(60, 100))
def test_a_filled_template_is_never_too_long(template: str, value: str, room: int) -> None:
    assert len(fill(template, dict.fromkeys(VALUES, value), room)) <= room


def test_a_value_that_does_not_fit_is_left_out_whole() -> None:
    assert fill("Nouveau : {title} {url}", VALUES, 25) == "Nouveau : Frites"
