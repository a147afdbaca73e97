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
    return nodes_of(payload(view))


def nodes_of(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    def walk(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for node in nodes:
            yield node
            yield from walk(node.get("components", []))
            if "accessory" in node:
                yield from walk([node["accessory"]])

    return walk(rows)


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
    check_components(payload(view))


def check_components(rows: list[dict[str, Any]]) -> None:
    nodes = list(nodes_of(rows))
    assert len(nodes) <= 40
    contents = [node["content"] for node in nodes if node["type"] == 10]
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
            case 3:
                options = node["options"]
                assert 1 <= len(options) <= 25
                assert utf16(node["placeholder"]) <= 150
                assert all(1 <= utf16(each["label"]) <= 100 and 1 <= len(each["value"]) <= 100 for each in options)
                assert all(1 <= utf16(each.get("description") or "x") <= 100 for each in options)
                assert len({each["value"] for each in options}) == len(options)
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


def check_request(body: dict[str, Any]) -> None:
    """The body of "Create Message": https://discord.com/developers/docs/resources/message."""
    content, embeds, rows = body.get("content") or "", body.get("embeds") or [], body.get("components") or []
    assert utf16(content) <= 2_000
    if body.get("flags", 0) & 1 << 15:
        assert not content
        assert not embeds
        check_components(rows)
        return
    assert content.strip() or embeds
    assert len(rows) <= 5
    labels = [each for row in rows for each in row["components"]]
    assert all(1 <= len(row["components"]) <= 5 for row in rows)
    assert all(1 <= utf16(each["label"]) <= 80 and 1 <= len(each["custom_id"]) <= 100 for each in labels)
    assert len({each["custom_id"] for each in labels}) == len(labels)
    assert len(embeds) <= 1
    for embed in embeds:
        author, footer = embed.get("author", {}).get("name", ""), embed.get("footer", {}).get("text", "")
        texts_of = (embed.get("title") or "", embed.get("description") or "", author, footer)
        assert texts_of[0].strip() or texts_of[1].strip()
        assert all(utf16(text) <= limit for text, limit in zip(texts_of, (256, 4_096, 256, 2_048), strict=True))
        assert sum(map(utf16, texts_of)) <= 6_000
        for url in filter(None, (embed.get("url"), embed.get("image", {}).get("url"))):
            assert len(url) <= 2_048
            assert urlsplit(url).scheme in PLAIN_LINKS
