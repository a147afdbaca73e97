"""Cut Discord's published API description down to what a bot of our kind can ask for.

    python -m tests.fakes.discord_wire.trim_description [PATH_TO_OPENAPI_JSON]

The source is `openapi.json` of discord/discord-api-spec (MIT). Only the paths of `KEPT`, their JSON bodies and
successful answers, and every schema that these reach are kept; prose is dropped. One path or schema a line, so that
a newer description shows its changes.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[4] / "shared/discord/openapi.json"
TARGET = Path(__file__).parents[2] / "data/discord/openapi.json"

KEPT = re.compile(
    r"/(applications/@me|oauth2/applications/@me"
    r"|applications/\{application_id\}(/commands|/guilds/\{guild_id\}/commands|/emojis|/entitlements).*"
    r"|gateway.*|users/@me|users/@me/(channels|guilds).*|channels.*|interactions.*|webhooks.*"
    r"|guilds/\{guild_id\}(/(channels|roles|members|threads|messages|webhooks).*)?)"
)
_LEFT_OUT = re.compile(r".*/(send-soundboard-sound|recipients|slack|github).*")
_PROSE = {"description", "summary", "title", "externalDocs", "tags", "security", "examples", "example"}


def without_prose(node: Any, *, names_are_properties: bool = False) -> Any:
    """A copy of `node` without explanations; a property that happens to be called "title" stays."""
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_prose(value, names_are_properties=key == "properties" and not names_are_properties)
        for key, value in node.items()
        if names_are_properties or not (key in _PROSE or key.startswith("x-"))
    }


def references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for item in node for name in references(item)}
    if not isinstance(node, dict):
        return set()
    found = {name for value in node.values() for name in references(value)}
    reference = node.get("$ref")
    return found | {reference.rpartition("/")[2]} if isinstance(reference, str) else found


def _trim_operation(operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    kept: dict[str, Any] = {key: operation[key] for key in ("operationId", "parameters") if key in operation}
    if body:
        chosen = next((kind for kind in ("application/json", "multipart/form-data") if kind in body), next(iter(body)))
        kept["requestBody"] = {"content": {chosen: body[chosen]}}
    kept["responses"] = {
        status: {"content": answer["content"]} if "content" in answer else {}
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    }
    return kept


def trim(description: dict[str, Any]) -> dict[str, Any]:
    paths = {}
    for path, item in description["paths"].items():
        if KEPT.fullmatch(path) and not _LEFT_OUT.fullmatch(path):
            operations = {key: value if key == "parameters" else _trim_operation(value) for key, value in item.items()}
            paths[path] = without_prose(operations)
    schemas = description["components"]["schemas"]
    reached: set[str] = set()
    waiting = references(paths)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= references(schemas[name]) - reached
    return {
        "info": {"source": "discord/discord-api-spec, MIT", "version": description["info"]["version"]},
        "paths": paths,
        "schemas": {name: without_prose(schemas[name]) for name in sorted(reached)},
    }


def _write(description: dict[str, Any], target: Path) -> None:
    def lines(entries: dict[str, Any]) -> str:
        return ",\n".join(
            f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in entries.items()
        )

    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        f'{{"info":{json.dumps(description["info"])},\n'
        f'"paths":{{\n{lines(description["paths"])}\n}},\n'
        f'"schemas":{{\n{lines(description["schemas"])}\n}}}}\n'
    )


if __name__ == "__main__":
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    _write(trim(json.loads(source.read_text())), TARGET)
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")
