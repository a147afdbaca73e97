"""What Discord is told about the commands: SimCord accepts what Discord refuses, so we look ourselves.

https://discord.com/developers/docs/interactions/application-commands
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.client import CasseCroute, command_payload
from bot.messages import custom_ids
from tests.fakes.discord_wire.description import ApiDescription
from tests.fakes.simcord_env import World

NAME = re.compile(r"[-_'\w]{1,32}")
"""Discord's ^[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]{1,32}$; Python's \\w holds these letters and numbers."""

README = Path(__file__).parent.parent.parent / "README.md"

LANGUAGES = ("fr", "en-US", "en-GB")


SLASH, MESSAGE_MENU = 1, 3


@pytest.fixture
async def everything(world: World, simcord_bot: CasseCroute) -> list[dict[str, Any]]:
    return await command_payload(simcord_bot.tree)


@pytest.fixture
def payload(everything: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [command for command in everything if command["type"] == SLASH]


def walk(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from walk(node.get("options", []))


def spelt(node: dict[str, Any], part: str) -> dict[str, str]:
    """A name or description as it is in each language, the base language included."""
    return {"base": node[part], **(node.get(f"{part}_localizations") or {})}


def full_names(nodes: list[dict[str, Any]], prefix: str = "") -> Iterator[str]:
    for node in nodes:
        inner = [option for option in node.get("options", []) if option["type"] in (1, 2)]
        yield from full_names(inner, f"{prefix}{node['name']} ") if inner else (prefix + node["name"],)


def test_the_readme_explains_each_command_and_no_other(payload: list[dict[str, Any]]) -> None:
    """A row may go on with the last words alone: "`/config source check`, `pause`"."""
    there = set(full_names(payload))
    told = set()
    for cell in re.findall(r"^\| (`/.+?) \|", README.read_text(encoding="utf-8"), re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", cell)
        words = first.removeprefix("/").split()
        command = next(
            (name for end in range(len(words), 0, -1) if (name := " ".join(words[:end])) in there), f"{first}?"
        )
        alone = {f"{command.rpartition(' ')[0]} {name}" for name in others if not name.startswith("/")}
        told |= {command, *alone, *(name.removeprefix("/") for name in others if name.startswith("/"))}
    assert told == there


def test_the_commands_are_those_that_the_design_names(payload: list[dict[str, Any]]) -> None:
    assert sorted(full_names(payload)) == [
        "article",
        "articles",
        "compare",
        "config article correct",
        "config article publish",
        "config article retract",
        "config export",
        "config filter add",
        "config filter list",
        "config filter remove",
        "config filter try",
        "config import",
        "config language",
        "config log",
        "config show",
        "config source add",
        "config source check",
        "config source edit",
        "config source list",
        "config source pause",
        "config source remove",
        "config source resume",
        "config source test",
        "config source why",
        "config time-zone",
        "perspective",
        "poutine",
    ]


def test_the_menu_of_messages_is_that_of_the_design(everything: list[dict[str, Any]]) -> None:
    (menu,) = [command for command in everything if command["type"] == MESSAGE_MENU]
    assert menu["name"] == "Perspectives"
    assert menu["name_localizations"]["fr"] == "Points de vue"
    assert all(1 <= len(name) <= 32 for name in spelt(menu, "name").values())
    assert menu["contexts"] == [0]


def test_the_published_description_takes_them(everything: list[dict[str, Any]]) -> None:
    description = ApiDescription()
    operation = description.find("PUT", "/applications/1/commands")
    assert operation
    assert description.judge_request(operation, {}, everything) == []


def test_in_french_they_have_french_names(payload: list[dict[str, Any]]) -> None:
    french = {node["name"]: spelt(node, "name")["fr"] for node in walk(payload)}
    assert french["compare"] == "comparer"
    assert french["add"] == "ajouter"
    assert french["list"] == "liste"
    assert french["remove"] == "retirer"
    assert french["show"] == "afficher"
    assert french["share"] == "partager"


def test_names_are_valid_in_every_language(payload: list[dict[str, Any]]) -> None:
    for node in walk(payload):
        for language, name in spelt(node, "name").items():
            assert NAME.fullmatch(name), (language, name)
            assert name == name.lower(), (language, name)
            assert unicodedata.is_normalized("NFC", name), (language, name)


def test_everything_is_said_in_every_language(payload: list[dict[str, Any]]) -> None:
    for node in walk(payload):
        for part in ("name", "description"):
            assert set(spelt(node, part)) == {"base", *LANGUAGES}, (node["name"], part)
        for choice in node.get("choices", []):
            assert set(spelt(choice, "name")) == {"base", *LANGUAGES}, choice


def test_descriptions_and_choices_are_of_a_length_that_discord_takes(payload: list[dict[str, Any]]) -> None:
    for node in walk(payload):
        for description in spelt(node, "description").values():
            assert 1 <= len(description) <= 100, description
        assert len(node.get("choices", [])) <= 25
        for choice in node.get("choices", []):
            assert all(1 <= len(name) <= 100 for name in spelt(choice, "name").values())


def test_siblings_have_different_names_in_every_language(payload: list[dict[str, Any]]) -> None:
    families = [payload, *(node["options"] for node in walk(payload) if node.get("options"))]
    for family in families:
        for language in ("base", *LANGUAGES):
            names = [spelt(node, "name")[language] for node in family]
            assert len(names) == len(set(names)), (language, names)


def test_required_options_come_first_and_no_command_is_too_long(payload: list[dict[str, Any]]) -> None:
    for node in walk(payload):
        options = [option for option in node.get("options", []) if option["type"] > 2]
        needed = [option.get("required", False) for option in options]
        assert needed == sorted(needed, reverse=True), node["name"]
        assert len(node.get("options", [])) <= 25
    for command in payload:
        parts = [command, *walk(command.get("options", []))]
        total = sum(max(map(len, spelt(node, part).values())) for node in parts for part in ("name", "description"))
        choices = [choice for node in parts for choice in node.get("choices", [])]
        total += sum(max(map(len, spelt(each, "name").values())) + len(str(each["value"])) for each in choices)
        assert total <= 8_000


def test_commands_exist_in_servers_only_and_settings_for_moderators_only(payload: list[dict[str, Any]]) -> None:
    manage_server = 1 << 5
    for command in payload:
        assert command["contexts"] == [0], command["name"]
        expected = str(manage_server) if command["name"] == "config" else None
        seen = command["default_member_permissions"]
        assert (str(seen) if seen is not None else None) == expected, command["name"]


async def test_every_template_of_a_button_is_answered_and_known(world: World, simcord_bot: CasseCroute) -> None:
    answered = set(simcord_bot._connection._view_store._dynamic_items)
    assert answered == set(custom_ids.EVERY)
