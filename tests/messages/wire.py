"""A message as Discord receives it, and Discord's own limits on it."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import discord

PLAIN_LINKS = ("http", "https")


def payload(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    return json.loads(json.dumps(view.to_components()))


def components(view: discord.ui.LayoutView) -> Iterator[dict[str, Any]]:
    def walk(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for node in nodes:
            yield node
            yield from walk(node.get("components", []))
            if "accessory" in node:
                yield from walk([node["accessory"]])

    return walk(payload(view))


def texts(view: discord.ui.LayoutView) -> list[str]:
    return [node["content"] for node in components(view) if node["type"] == 10]


def whole_text(view: discord.ui.LayoutView) -> str:
    return "\n".join(texts(view))


def labels(view: discord.ui.LayoutView) -> list[str]:
    return [node["label"] for node in components(view) if node["type"] == 2]


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def check_limits(view: discord.ui.LayoutView) -> None:
    """https://discord.com/developers/docs/components/reference, with the numbers of Discord's API description."""
    nodes = list(components(view))
    assert len(nodes) <= 40
    contents = texts(view)
    assert all(content.strip() for content in contents)
    assert sum(map(utf16, contents)) <= 4_000
    ids = [node["custom_id"] for node in nodes if "custom_id" in node]
    assert len(ids) == len(set(ids))
    assert all(1 <= len(each) <= 100 for each in ids)
    for node in nodes:
        match node["type"]:
            case 1:
                assert 1 <= len(node["components"]) <= 5
            case 2:
                assert 1 <= utf16(node["label"]) <= 80
                assert len(node.get("url") or "") <= 512
            case 12:
                for item in node["items"]:
                    url = item["media"]["url"]
                    assert len(url) <= 2_048
                    assert url.isascii()
                    assert urlsplit(url).scheme in PLAIN_LINKS
                    assert 1 <= utf16(item["description"]) <= 1_024
            case 17:
                assert 0 <= node["accent_color"] <= 0xFFFFFF
                assert node["components"]
