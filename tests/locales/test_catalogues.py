"""Both catalogues say the same things, say them well, and say nothing that nobody asks for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.articles.lenses import lens
from bot.errors import FailureReason
from bot.locales import choose, words
from bot.models import LANGUAGES, Kind

ROOT = Path(__file__).parent.parent.parent


def catalogues(language: str) -> Iterator[Catalog]:
    """What readers and moderators see in Discord, and what operators see in a terminal."""
    for path in sorted((ROOT / "bot" / "locales").glob(f"{language}*.po")):
        with path.open("rb") as stream:
            yield read_po(stream, locale=language)


CATALOGUES = {language: tuple(catalogues(language)) for language in LANGUAGES}


def key_of(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def messages(language: str) -> Iterator[Message]:
    for each in CATALOGUES[language]:
        yield from (message for message in each if message.id)


def keys(language: str) -> set[str]:
    return {key_of(message) for message in messages(language)}


def forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple | list) else (str(message.string),)


def sentences(language: str) -> Iterator[tuple[str, str]]:
    for message in messages(language):
        for form in forms(message):
            yield key_of(message), form


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def code() -> Iterator[ast.AST]:
    for package in ("bot", "cogs"):
        for path in (ROOT / package).rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


GROUPS = {key.split(".")[0] for key in keys("fr")}
LOOKS_LIKE_A_KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
FILE_NAME = re.compile(r".*\.(py|po|md|txt|json|xml|toml|db)")
ASKS = {"words", "speak", "counted", "described", "RequestRefused", "ConfigurationError", "plural", "has"}


def used_keys() -> set[str]:
    """String constants that are spelt as keys of a group that the catalogue has, or that are passed to who looks up."""
    constants = {node.value for node in code() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    spelt = {each for each in constants if LOOKS_LIKE_A_KEY.fullmatch(each) and each.split(".")[0] in GROUPS}
    asked = {
        argument.value
        for node in code()
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) in ASKS
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "." in argument.value
    }
    return {each for each in spelt | asked if each in keys("fr") or not FILE_NAME.fullmatch(each)}


def used_patterns() -> list[re.Pattern[str]]:
    """f-strings of the code that make keys: `f"failure.{reason}"`."""
    found = []
    for node in code():
        if isinstance(node, ast.JoinedStr) and isinstance(first := node.values[0], ast.Constant):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.-]+" for part in node.values
            ]
            if re.match(r"[a-z_]+\.", str(first.value)):
                found.append(re.compile("".join(parts)))
    return found


def test_both_languages_have_the_same_keys() -> None:
    assert keys("fr") == keys("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_there_twice(language: str) -> None:
    found = [
        key
        for path in (ROOT / "bot" / "locales").glob(f"{language}*.po")
        for key in re.findall(r'^msgid "(.+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_filled_and_none_is_fuzzy_or_given_up(language: str) -> None:
    assert not any(each.obsolete for each in CATALOGUES[language])
    for message in messages(language):
        assert not message.fuzzy, key_of(message)
        assert all(form.strip() for form in forms(message)), key_of(message)


def test_placeholders_are_the_same_in_every_form_of_both_languages() -> None:
    for key in keys("fr"):
        seen = {
            frozenset(placeholders(form)) for language in LANGUAGES for each, form in sentences(language) if each == key
        }
        assert len(seen) == 1, (key, seen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_messages_have_every_form_and_singular_ones_have_one(language: str) -> None:
    for each in CATALOGUES[language]:
        for message in each:
            if message.id:
                assert len(forms(message)) == (each.num_plurals if message.pluralizable else 1), key_of(message)


def test_french_counts_zero_as_one_and_english_does_not() -> None:
    assert words("fr").plural("config.articles", 0) == "0 article"
    assert words("en").plural("config.articles", 0) == "0 articles"
    assert words("fr").plural("config.articles", 2) == "2 articles"


def test_every_key_that_the_code_uses_exists() -> None:
    assert used_keys() <= keys("fr"), sorted(used_keys() - keys("fr"))


def test_every_key_is_used() -> None:
    patterns = used_patterns()
    unused = {key for key in keys("fr") - used_keys() if not any(pattern.fullmatch(key) for pattern in patterns)}
    assert not unused, sorted(unused)


def test_every_failure_has_its_sentence() -> None:
    assert {f"failure.{reason.value}" for reason in FailureReason} <= keys("fr")


def test_every_kind_has_its_name() -> None:
    for kind in set(Kind) - {Kind.OTHER}:
        known = lens(kind)
        assert known is not None
        assert set(known.names) == set(LANGUAGES), kind
        assert known.emoji, kind
    assert "kind.other" in keys("fr")


def commands(language: str) -> set[str]:
    """What people type, in their language: each command's names from the first to the last."""
    names = {key: text for key, text in sentences(language) if re.fullmatch(r"command\..*\.name", key)}

    def name(path: list[str]) -> str:
        return " ".join(names[f"command.{'.'.join(path[:length])}.name"] for length in range(1, len(path) + 1))

    return {f"/{name(key.split('.')[1:-1])}" for key in names}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_that_is_named_is_one_that_can_be_typed(language: str) -> None:
    named = {command for _, text in sentences(language) for command in re.findall(r"`(/[^`]+)`", text)}
    assert named
    assert named <= commands(language), sorted(named - commands(language))


@pytest.mark.parametrize(("key", "text"), sorted(set(sentences("fr"))))
def test_french_is_set_as_french_is(key: str, text: str) -> None:
    """Typographic apostrophes and guillemets; a non-breaking space before : and », and after «; none before ; ! ?.

    As in Québec: https://vitrinelinguistique.oqlf.gouv.qc.ca (tableau des espacements).
    """
    bare = re.sub(r"https?://\S*|`[^`]*`|\{\w+\}|<[^>]*>|\w+:///?\S*", "", text)
    assert "'" not in bare, key
    assert '"' not in bare, key
    assert "..." not in bare, key
    assert not re.search(r"(?<![\u00a0\u202f])[:»](?!\w)", bare), f"{key}: {text!r}"
    assert not re.search(r"\s[;!?]", text), f"{key}: {text!r}"
    assert not re.search(r"«(?![\u00a0\u202f])", bare), f"{key}: {text!r}"
    assert "  " not in text, key


@pytest.mark.parametrize(("key", "text"), sorted(set(sentences("en"))))
def test_english_is_set_as_english_is(key: str, text: str) -> None:
    bare = re.sub(r"`[^`]*`", "", text)
    assert "'" not in bare, key
    assert '"' not in bare, key
    assert "\u00a0" not in bare, key
    assert "  " not in text, key


def test_a_language_that_the_bot_does_not_speak_is_the_first_community_s() -> None:
    assert words("de").language == "fr"


def test_a_missing_key_is_an_error_and_not_a_sentence() -> None:
    with pytest.raises(KeyError):
        words("fr")("nothing.of.the.kind")
    with pytest.raises(KeyError):
        words("fr").plural("nothing.of.the.kind", 2)


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [(("fr-CA",), "fr"), (("de", "en_GB"), "en"), ((None, ""), "fr"), (("pt-BR",), "fr"), (("EN-us", "fr"), "en")],
)
def test_the_first_language_that_the_bot_speaks_is_chosen(candidates: tuple[str | None, ...], chosen: str) -> None:
    assert choose(*candidates, default="fr") == chosen
