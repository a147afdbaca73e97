"""Reading message components: walking the tree, the words in it, what can be pressed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

ROW, BUTTON, TEXT_INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, CONTAINER, LABEL = 1, 2, 4, 9, 10, 11, 12, 13, 17, 18
SELECTS = (3, 5, 6, 7, 8)
LINK_STYLE = 5

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    custom_id: str | None
    url: str | None
    emoji: str | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class Select:
    custom_id: str
    kind: int
    placeholder: str
    options: tuple[tuple[str, str], ...]
    """Pairs of label and value; empty for selects of users, roles and channels."""
    disabled: bool


def walk(components: Sequence[Any], place: str = "body.components") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every component with its place, depth first."""
    for index, component in enumerate(components):
        if not isinstance(component, dict):
            continue
        here = f"{place}[{index}]"
        yield here, component
        yield from walk(component.get("components") or [], f"{here}.components")
        for name in ("accessory", "component"):
            if isinstance(component.get(name), dict):
                yield from (
                    (inner.replace("[0]", "", 1), each) for inner, each in walk([component[name]], f"{here}.{name}")
                )


def texts(message: dict[str, Any]) -> Iterator[str]:
    """Everything a person reads in the message, in order, but not the labels of buttons."""
    if message.get("content"):
        yield message["content"]
    for embed in message.get("embeds") or []:
        yield from filter(None, ((embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")))
        for field in embed.get("fields") or []:
            yield f"{field['name']}\n{field['value']}"
        yield from filter(None, [(embed.get("footer") or {}).get("text")])
    for _, component in walk(message.get("components") or []):
        if component["type"] == TEXT:
            yield component["content"]


def buttons(message: dict[str, Any]) -> list[Button]:
    return [
        Button(
            label=component.get("label") or "",
            custom_id=component.get("custom_id"),
            url=component.get("url"),
            emoji=(component.get("emoji") or {}).get("name"),
            disabled=bool(component.get("disabled")),
        )
        for _, component in walk(message.get("components") or [])
        if component["type"] == BUTTON
    ]


def selects(message: dict[str, Any]) -> list[Select]:
    return [
        Select(
            custom_id=component["custom_id"],
            kind=component["type"],
            placeholder=component.get("placeholder") or "",
            options=tuple((option["label"], option["value"]) for option in component.get("options") or []),
            disabled=bool(component.get("disabled")),
        )
        for _, component in walk(message.get("components") or [])
        if component["type"] in SELECTS
    ]


def media_urls(message: dict[str, Any]) -> list[str]:
    found = []
    for _, component in walk(message.get("components") or []):
        if component["type"] in (THUMBNAIL, FILE):
            found.append((component.get("media") or component.get("file") or {}).get("url", ""))
        elif component["type"] == GALLERY:
            found += [item["media"]["url"] for item in component.get("items") or []]
    for embed in message.get("embeds") or []:
        found += [(embed.get(name) or {}).get("url") or "" for name in ("image", "thumbnail")]
    return found


def as_stored(components: Sequence[Any], counter: Iterator[int] | None = None) -> list[dict[str, Any]]:
    """Components as Discord returns them: numbered, with defaults filled in, media resolved."""
    counter = counter or iter(range(1, 1000))
    stored = []
    for component in components:
        kept = {key: value for key, value in component.items() if value is not None}
        kept["id"] = kept.get("id") or next(counter)
        if kept["type"] == CONTAINER:
            kept = {"accent_color": None, "spoiler": False, **kept}
        elif kept["type"] == 14:
            kept = {"spacing": 1, "divider": True, **kept}
        elif kept["type"] in (THUMBNAIL, FILE):
            name = "file" if kept["type"] == FILE else "media"
            kept = {
                "spoiler": False,
                **({"description": None} if name == "media" else {}),
                **kept,
                name: _media(kept[name]),
            }
        elif kept["type"] == GALLERY:
            kept["items"] = [
                {"description": None, "spoiler": False, **item, "media": _media(item["media"])}
                for item in kept["items"]
            ]
        if kept.get("components"):
            kept["components"] = as_stored(kept["components"], counter)
        if isinstance(kept.get("accessory"), dict):
            kept["accessory"] = as_stored([kept["accessory"]], counter)[0]
        stored.append(kept)
    return stored


def _media(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "1",
        "url": item["url"],
        "proxy_url": item["url"],
        "width": 640,
        "height": 360,
        "content_type": "image/png",
    }


def numbered(components: Sequence[Any], counter: Iterator[int] | None = None) -> list[dict[str, Any]]:
    """The same with ids of Discord's own instead of those that were sent."""
    counter = counter or iter(range(1, 1000))
    renamed = []
    for component in components:
        kept = {**component, "id": next(counter)}
        if kept.get("components"):
            kept["components"] = numbered(kept["components"], counter)
        if isinstance(kept.get("accessory"), dict):
            (kept["accessory"],) = numbered([kept["accessory"]], counter)
        renamed.append(kept)
    return renamed
