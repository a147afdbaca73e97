"""Discord's published API description as a judge: what of a request does not conform, in readable lines.

Stricter than the description in one way: properties that it does not name are reported too, since Discord drops
them in silence and the sender's intention is lost.
"""

import copy
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DESCRIPTION = Path(__file__).parents[2] / "data/discord/openapi.json"

_DOCUMENTED_ONLY = {
    "ApplicationCommandCreateRequest": {"nsfw"},
    "ApplicationCommandUpdateRequest": {"nsfw"},
    "CreateForumThreadRequest": {"type"},
    "RichEmbed": {"flags"},
}
"""Properties that Discord's documentation or every library has and the description forgot."""

_TOLERATED_QUERY = {"use_nested_fields"}
"""discord.py still asks for forum posts in the shape that has long been the only one."""

_STRICT = "urn:discord:requests"
_PLAIN = "urn:discord:answers"
_formats = FormatChecker(formats=())


@_formats.checks("uri")
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return (
        parts.scheme in ("http", "https", "ws", "wss", "discord", "attachment")
        and bool(parts.netloc)
        and not re.search(r"\s", value)
    )


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `values` are the path's parameters."""

    method: str
    template: str
    values: Mapping[str, str]


class ApiDescription:
    def __init__(self, path: Path = DESCRIPTION) -> None:
        document = json.loads(path.read_text())
        self._paths: dict[str, Any] = document["paths"]
        templates = sorted(self._paths, key=lambda template: (template.count("{"), template))
        self._patterns = [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", t)), t) for t in templates]
        plain = {"paths": self._paths, "components": {"schemas": document["schemas"]}}
        strict = copy.deepcopy(plain)
        for name, properties in _DOCUMENTED_ONLY.items():
            strict["components"]["schemas"][name]["properties"] |= dict.fromkeys(properties, True)
        _close_objects(strict)
        self._registry = Registry().with_resources(
            (uri, Resource.from_contents(contents, default_specification=DRAFT202012))
            for uri, contents in ((_STRICT, strict), (_PLAIN, plain))
        )
        self._validator = functools.cache(self._make_validator)

    def find(self, method: str, path: str) -> Operation | None:
        for pattern, template in self._patterns:
            if (match := pattern.fullmatch(path)) and method.lower() in self._paths[template]:
                return Operation(method.lower(), template, match.groupdict())
        return None

    def judge_request(self, operation: Operation, query: Mapping[str, str], body: Any) -> list[str]:
        """What does not conform; `body` is None when there was none."""
        described = self._paths[operation.template][operation.method]
        lines = [
            *self._judge_parameters(operation, "path", operation.values),
            *self._judge_parameters(operation, "query", query),
        ]
        known = {parameter["name"] for _, parameter in self._parameters(operation, "query")}
        lines += [
            f"query.{name}: not a parameter of this request" for name in query if name not in known | _TOLERATED_QUERY
        ]
        content = described.get("requestBody", {}).get("content", {})
        if content and body is not None:
            kind = next(iter(content))
            pointer = (
                f"/paths/{_escape(operation.template)}/{operation.method}/requestBody/content/{_escape(kind)}/schema"
            )
            lines += _readable(self._validator(_STRICT, pointer).iter_errors(body))
        elif content and body is None:
            lines.append("body: missing")
        elif body not in (None, {}):
            lines.append("body: this request takes none")
        return lines

    def judge_answer(self, operation: Operation, status: int, body: Any) -> list[str]:
        """What of our own answer Discord would not have said."""
        answers = self._paths[operation.template][operation.method]["responses"]
        answer = answers.get(str(status))
        if answer is None:
            return [] if status >= 400 else [f"status {status} is not one of {', '.join(answers)}"]
        if "content" not in answer:
            return [] if body is None else ["body: this answer has none"]
        pointer = f"{_pointer(operation)}/responses/{status}/content/application~1json/schema"
        return _readable(self._validator(_PLAIN, pointer).iter_errors(body))

    def _judge_parameters(self, operation: Operation, place: str, values: Mapping[str, str]) -> Iterator[str]:
        for pointer, parameter in self._parameters(operation, place):
            name = parameter["name"]
            if name not in values:
                if parameter.get("required"):
                    yield f"{place}.{name}: missing"
                continue
            errors = self._validator(_PLAIN, f"{pointer}/schema").iter_errors(_typed(parameter["schema"], values[name]))
            yield from (f"{place}.{name}: {line.partition(': ')[2]}" for line in _readable(errors))

    def _parameters(self, operation: Operation, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
        item = self._paths[operation.template]
        for holder, path in ((item, ""), (item[operation.method], f"/{operation.method}")):
            for index, parameter in enumerate(holder.get("parameters", [])):
                if parameter["in"] == place:
                    yield f"/paths/{_escape(operation.template)}{path}/parameters/{index}", parameter

    def _make_validator(self, uri: str, pointer: str) -> Draft202012Validator:
        return Draft202012Validator(
            {"$ref": f"{uri}#{quote(pointer)}"}, registry=self._registry, format_checker=_formats
        )


def _pointer(operation: Operation) -> str:
    return f"/paths/{_escape(operation.template)}/{operation.method}"


def _escape(segment: str) -> str:
    return segment.replace("~", "~0").replace("/", "~1")


def _typed(schema: dict[str, Any], text: str) -> Any:
    """A query value as the type it stands for; discord.py writes booleans as 0 and 1, which Discord accepts."""
    kinds = schema.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "boolean" in kinds and text in ("0", "1", "true", "false", "True", "False"):
        return text in ("1", "true", "True")
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text


def _close_objects(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _close_objects(item)
    elif isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("type") in ("object", ["object", "null"]):
            node.setdefault("additionalProperties", False)
            if "components" in node["properties"]:
                node["properties"].setdefault("tts", True)  # discord.py adds it to every message, edits too
        for value in node.values():
            _close_objects(value)


def _readable(errors: Iterable[ValidationError]) -> list[str]:
    return [f"{_place(leaf)}: {_message(leaf)}" for error in errors for leaf in _leaves(error)]


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Where it really went wrong: of a union, only the alternative that the value was meant to be."""
    if error.validator not in ("oneOf", "anyOf") or not error.context:
        yield error
        return
    alternatives: dict[int, list[ValidationError]] = {}
    for inner in error.context:
        alternatives.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
    meant = [errors for errors in alternatives.values() if not any(_is_other_kind(error, inner) for inner in errors)]
    if not meant:
        yield error
        return
    for inner in min(meant, key=lambda errors: sum(1 for each in errors for _ in _leaves(each))):
        yield from _leaves(inner)


def _is_other_kind(union: ValidationError, inner: ValidationError) -> bool:
    """Whether `inner` says that the value is not this alternative at all: another JSON type, another `type` number."""
    depth = len(inner.absolute_path) - len(union.absolute_path)
    if depth == 0 and inner.validator in ("type", "const"):
        return True
    return depth == 1 and inner.absolute_path[-1] == "type" and inner.validator in ("enum", "const", "oneOf")


def _place(error: ValidationError) -> str:
    return "body" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)


def _message(error: ValidationError) -> str:
    shown = json.dumps(error.instance, ensure_ascii=False)
    shown = shown if len(shown) <= 120 else f"{shown[:117]}…"
    match error.validator:
        case "maxLength" | "minLength":
            return f"{len(error.instance)} characters, {error.validator} is {error.validator_value}: {shown}"
        case "maxItems" | "minItems":
            return f"{len(error.instance)} items, {error.validator} is {error.validator_value}"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            return "unknown: " + ", ".join(key for key in error.instance if key not in known)
        case "oneOf" | "anyOf":
            return f"matches none of its alternatives: {shown}"
        case _:
            return f"{error.validator} {json.dumps(error.validator_value)[:100]} refuses {shown}"
