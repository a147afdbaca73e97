"""The limits that Discord documents but its API description does not hold.

Each judge yields readable lines, with the place inside the body first.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.fakes.discord_wire.components import (
    BUTTON,
    COMPONENTS_V2,
    CONTAINER,
    EPHEMERAL,
    ROW,
    SECTION,
    SELECTS,
    TEXT,
    media_urls,
    walk,
)

LOCALES = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)
_CHAT_INPUT, _USER, _MESSAGE = 1, 2, 3
_SUBCOMMAND, _GROUP = 1, 2


def judge_message(
    body: dict[str, Any], *, is_v2: bool, uploads: Sequence[str] = (), partial: bool = False
) -> Iterator[str]:
    """A message as it is sent. `partial` for edits, where what is left out stays as it was."""
    components = body.get("components") or []
    if is_v2:
        for name in ("content", "embeds", "sticker_ids", "poll"):
            if body.get(name):
                yield f"body.{name}: not allowed beside Components V2"
        if not components and not (partial and "components" not in body):
            yield "body.components: a Components V2 message needs at least one"
    else:
        if len(components) > 5:
            yield f"body.components: {len(components)} rows, 5 is the most without Components V2"
        for index, component in enumerate(components):
            if component.get("type") != ROW:
                yield f"body.components[{index}]: only action rows without the Components V2 flag"
        if len(body.get("content") or "") > 2000:
            yield f"body.content: {len(body['content'])} characters, 2000 is the most"
        if (
            not partial
            and not any(body.get(name) for name in ("content", "embeds", "sticker_ids", "poll", "components"))
            and not uploads
        ):
            yield "body: an empty message"
    yield from _judge_components(components)
    yield from _judge_embeds(body.get("embeds") or [])
    wanted = {url.removeprefix("attachment://") for url in media_urls(body) if url.startswith("attachment://")}
    if missing := wanted - set(uploads):
        yield f"body: refers to files that were not uploaded: {', '.join(sorted(missing))}"


def judge_flags(flags: int, *, in_interaction: bool) -> Iterator[str]:
    settable = (1 << 2) | (1 << 12) | (1 << 13) | COMPONENTS_V2 | (EPHEMERAL if in_interaction else 0)
    if flags & ~settable:
        yield f"body.flags: {flags & ~settable:#x} cannot be set by an application here"


def _judge_components(components: Sequence[Any]) -> Iterator[str]:
    every = list(walk(components))
    if len(every) > 40:
        yield f"body.components: {len(every)} components in all, 40 is the most"
    characters = sum(len(component.get("content") or "") for _, component in every if component.get("type") == TEXT)
    if characters > 4000:
        yield f"body.components: {characters} characters of text in all, 4000 is the most"
    for name in ("custom_id", "id"):
        counts = Counter(component[name] for _, component in every if component.get(name))
        for value, count in counts.items():
            if count > 1:
                yield f"body.components: {name} {value!r} is used {count} times"
    for place, component in every:
        kind = component.get("type")
        if kind == ROW:
            yield from _judge_row(place, component)
        elif kind == BUTTON:
            yield from _judge_button(place, component)
        elif kind in SELECTS:
            yield from _judge_select(place, component)
        elif kind == SECTION and not 1 <= len(component.get("components") or []) <= 3:
            yield f"{place}: a section holds 1 to 3 texts"
        elif kind == TEXT and not (component.get("content") or "").strip():
            yield f"{place}.content: blank text"
        elif kind == CONTAINER and not component.get("components"):
            yield f"{place}: an empty container"


def _judge_row(place: str, row: dict[str, Any]) -> Iterator[str]:
    kinds = [child.get("type") for child in row.get("components") or []]
    if not kinds:
        yield f"{place}: an empty row"
    elif all(kind == BUTTON for kind in kinds):
        if len(kinds) > 5:
            yield f"{place}: {len(kinds)} buttons, 5 is the most in a row"
    elif len(kinds) > 1:
        yield f"{place}: a row holds buttons or one select"


def _judge_button(place: str, button: dict[str, Any]) -> Iterator[str]:
    is_link = button.get("style") == 5
    if is_link and (not button.get("url") or button.get("custom_id")):
        yield f"{place}: a link button has a url and no custom_id"
    if button.get("style") in (1, 2, 3, 4) and (not button.get("custom_id") or button.get("url")):
        yield f"{place}: this button needs a custom_id and no url"
    if not (button.get("label") or "").strip() and not button.get("emoji") and button.get("style") != 6:
        yield f"{place}: a button needs a label or an emoji"


def _judge_select(place: str, select: dict[str, Any]) -> Iterator[str]:
    options = select.get("options") or []
    if select["type"] == 3:
        if not 1 <= len(options) <= 25:
            yield f"{place}.options: {len(options)}, it must be 1 to 25"
        values = Counter(option.get("value") for option in options)
        yield from (f"{place}.options: value {value!r} is used twice" for value, count in values.items() if count > 1)
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if low is not None and high is not None and (low > high or (options and high > len(options))):
        yield f"{place}: min_values {low}, max_values {high}, {len(options)} options"


def _judge_embeds(embeds: Sequence[dict[str, Any]]) -> Iterator[str]:
    total = 0
    for index, embed in enumerate(embeds):
        place = f"body.embeds[{index}]"
        texts = [
            embed.get("title"),
            embed.get("description"),
            (embed.get("footer") or {}).get("text"),
            (embed.get("author") or {}).get("name"),
        ]
        for number, field in enumerate(embed.get("fields") or []):
            texts += [field.get("name"), field.get("value")]
            if not (field.get("name") or "").strip() or not (field.get("value") or "").strip():
                yield f"{place}.fields[{number}]: an empty name or value"
        total += sum(len(text or "") for text in texts)
        if not any(texts) and not any(embed.get(name) for name in ("image", "thumbnail", "url")):
            yield f"{place}: an empty embed"
    if total > 6000:
        yield f"body.embeds: {total} characters in all, 6000 is the most"


def judge_modal(data: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(data.get("title") or "") <= 45:
        yield "body.data.title: 1 to 45 characters"
    if not 1 <= len(data.get("components") or []) <= 5:
        yield f"body.data.components: {len(data.get('components') or [])}, it must be 1 to 5"
    counts = Counter(
        component["custom_id"] for _, component in walk(data.get("components") or []) if component.get("custom_id")
    )
    yield from (
        f"body.data.components: custom_id {name!r} is used twice" for name, count in counts.items() if count > 1
    )


def judge_commands(commands: Sequence[dict[str, Any]]) -> Iterator[str]:
    kinds = Counter(command.get("type") or _CHAT_INPUT for command in commands)
    for kind, most in ((_CHAT_INPUT, 100), (_USER, 15), (_MESSAGE, 15)):
        if kinds[kind] > most:
            yield f"body: {kinds[kind]} commands of type {kind}, {most} is the most"
    for kind in kinds:
        same = [command for command in commands if (command.get("type") or _CHAT_INPUT) == kind]
        yield from _judge_siblings("body", same)
    for command in commands:
        place = f"/{command.get('name')}"
        kind = command.get("type") or _CHAT_INPUT
        if kind == _CHAT_INPUT:
            yield from _judge_described(place, command)
            yield from _judge_options(place, command.get("options") or [], depth=0)
        elif command.get("description") or command.get("options"):
            yield f"{place}: a menu command has neither description nor options"
        if (size := _command_size(command)) > 8000:
            yield f"{place}: {size} characters in all, 8000 is the most"


def _judge_options(place: str, options: Sequence[dict[str, Any]], depth: int) -> Iterator[str]:
    if len(options) > 25:
        yield f"{place}: {len(options)} options, 25 is the most"
    yield from _judge_siblings(place, options)
    nested = [option for option in options if option.get("type") in (_SUBCOMMAND, _GROUP)]
    if nested and len(nested) != len(options):
        yield f"{place}: subcommands beside plain options"
    optional_seen = False
    for option in options:
        inside = f"{place} {option.get('name')}"
        yield from _judge_described(inside, option)
        kind = option.get("type")
        if kind == _GROUP and depth > 0:
            yield f"{inside}: a group inside a group"
        if kind in (_SUBCOMMAND, _GROUP):
            yield from _judge_options(inside, option.get("options") or [], depth + 1)
            continue
        if option.get("required") and optional_seen:
            yield f"{inside}: required after an optional one"
        optional_seen |= not option.get("required")
        choices = option.get("choices") or []
        if choices and option.get("autocomplete"):
            yield f"{inside}: choices and autocomplete exclude each other"
        for index, choice in enumerate(choices):
            yield from _judge_localisations(f"{inside} choice {index}", choice, "name", 100)
        for key in ("name", "value"):
            counts = Counter(str(choice.get(key)) for choice in choices)
            yield from (f"{inside}: two choices with {key} {text!r}" for text, count in counts.items() if count > 1)


def _judge_siblings(place: str, siblings: Sequence[dict[str, Any]]) -> Iterator[str]:
    for locale in (None, *LOCALES):
        counts = Counter((entry.get("name_localizations") or {}).get(locale, entry.get("name")) for entry in siblings)
        for name, count in counts.items():
            if count > 1:
                yield f"{place}: {count} are called {name!r} in {locale or 'the base language'}"


def _judge_described(place: str, entry: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(entry.get("description") or "") <= 100:
        yield f"{place}.description: {len(entry.get('description') or '')} characters, it must be 1 to 100"
    yield from _judge_localisations(place, entry, "description", 100)
    yield from _judge_localisations(place, entry, "name", 32)
    for name in (entry.get("name", ""), *(entry.get("name_localizations") or {}).values()):
        if not 1 <= len(name) <= 32 or not all(_is_name_character(character) for character in name):
            yield f"{place}.name: {name!r} does not match ^[-_'\\p{{L}}\\p{{N}}\\p{{sc=Deva}}\\p{{sc=Thai}}]{{1,32}}$"
        elif name != name.lower():
            yield f"{place}.name: {name!r} is not lower case"


def _judge_localisations(place: str, entry: dict[str, Any], name: str, most: int) -> Iterator[str]:
    for locale, text in (entry.get(f"{name}_localizations") or {}).items():
        if locale not in LOCALES:
            yield f"{place}.{name}_localizations: Discord has no locale {locale!r}"
        if not 1 <= len(text) <= most:
            yield f"{place}.{name}_localizations.{locale}: {len(text)} characters, {most} is the most"


def _is_name_character(character: str) -> bool:
    return (
        character in "-_'"
        or unicodedata.category(character)[0] in "LN"
        or unicodedata.name(character, "").startswith(("DEVANAGARI", "THAI"))
    )


def _command_size(entry: dict[str, Any]) -> int:
    """Names, descriptions and values, each in its longest language; Discord's own way of counting."""
    size = sum(
        max([len(entry.get(key) or ""), *map(len, (entry.get(f"{key}_localizations") or {}).values())])
        for key in ("name", "description")
    )
    size += len(entry["value"]) if isinstance(entry.get("value"), str) else 0
    return size + sum(_command_size(child) for key in ("options", "choices") for child in entry.get(key) or [])
