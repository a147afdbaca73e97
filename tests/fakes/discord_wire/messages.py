"""Messages: made from what the bot sent, read the way a person would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_wire import components as parts
from tests.fakes.discord_wire.components import COMPONENTS_V2, EPHEMERAL, Button, Select
from tests.fakes.discord_wire.world import Channel, User, timestamp

_SUPPRESS_EMBEDS = 1 << 2


class Readable:
    """What can be read of `data`, a message as Discord writes it."""

    data: dict[str, Any]

    @property
    def text(self) -> str:
        """Content, embeds and text displays, one paragraph apart."""
        return "\n\n".join(parts.texts(self.data))

    @property
    def components(self) -> list[dict[str, Any]]:
        return list(self.data.get("components") or [])

    @property
    def buttons(self) -> list[Button]:
        return parts.buttons(self.data)

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    @property
    def selects(self) -> list[Select]:
        return parts.selects(self.data)

    @property
    def media_urls(self) -> list[str]:
        return parts.media_urls(self.data)

    @property
    def flags(self) -> int:
        return int(self.data.get("flags") or 0)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)


@dataclass(eq=False)
class Message(Readable):
    id: int
    channel: Channel
    author: User
    data: dict[str, Any]
    nonce: str | int | None = None
    pings: list[str] = field(default_factory=list)
    """Who was notified: "everyone", "here", "<@&id>", "<@id>"."""
    body: dict[str, Any] = field(default_factory=dict)
    """As the bot sent it, or last edited it."""

    def __repr__(self) -> str:
        return f"<Message {self.id} in #{self.channel.name}: {self.text[:60]!r}>"

    def payload(self) -> dict[str, Any]:
        return dict(self.data)

    def apply(self, body: dict[str, Any], uploads: list[str]) -> None:
        """Take over what `body` changes; None clears, what is left out stays."""
        self.body = body
        if "content" in body:
            self.data["content"] = body["content"] or ""
        if "embeds" in body:
            self.data["embeds"] = [{"type": "rich", **embed} for embed in body["embeds"] or []]
        if "components" in body:
            self.data["components"] = parts.as_stored(body["components"] or [])
        if "flags" in body:
            self.data["flags"] = self.flags & ~_SUPPRESS_EMBEDS | (body["flags"] or 0) & (
                _SUPPRESS_EMBEDS | COMPONENTS_V2
            )
        if uploads or "attachments" in body:
            kept_ids = {str(entry.get("id")) for entry in body.get("attachments") or []}
            old = [entry for entry in self.data["attachments"] if entry["id"] in kept_ids]
            self.data["attachments"] = old + [_attachment(self.id + index, name) for index, name in enumerate(uploads)]
        self._notify(body.get("allowed_mentions"))

    def _notify(self, allowed: dict[str, Any] | None) -> None:
        users, roles, everyone = _mentions(self.text)
        parse = None if allowed is None else set(allowed.get("parse") or [])
        if parse is not None:
            named_users, named_roles = set((allowed or {}).get("users") or []), set((allowed or {}).get("roles") or [])
            users = [user for user in users if "users" in parse or user in named_users]
            roles = [role for role in roles if "roles" in parse or role in named_roles]
            everyone = everyone if "everyone" in parse else []
        self.pings = [*everyone, *(f"<@&{role}>" for role in roles), *(f"<@{user}>" for user in users)]
        self.data["mention_everyone"] = bool(everyone)
        self.data["mention_roles"] = roles


def _mentions(text: str) -> tuple[list[str], list[str], list[str]]:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    users = list(dict.fromkeys(re.findall(r"<@!?(\d+)>", text)))
    roles = list(dict.fromkeys(re.findall(r"<@&(\d+)>", text)))
    everyone = list(dict.fromkeys(re.findall(r"@(everyone|here)\b", text)))
    return users, roles, everyone


def _attachment(attachment_id: int, name: str) -> dict[str, Any]:
    url = f"https://cdn.discordapp.com/attachments/1/{attachment_id}/{name}"
    return {
        "id": str(attachment_id),
        "filename": name,
        "size": 1,
        "url": url,
        "proxy_url": url,
        "content_type": "image/png",
    }


def new_message(
    message_id: int, channel: Channel, author: User, body: dict[str, Any], *, uploads: list[str], flags: int = 0
) -> Message:
    data = {
        "id": str(message_id),
        "type": 0,
        "channel_id": str(channel.id),
        "author": author.payload(),
        "content": "",
        "timestamp": timestamp(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": flags,
    }
    message = Message(message_id, channel, author, data)
    message.apply(body, uploads)
    if body.get("nonce") is not None:
        message.nonce = body["nonce"]
        message.data["nonce"] = body["nonce"]
    if body.get("message_reference"):
        message.data["type"] = 19
        message.data["message_reference"] = {
            "type": 0,
            "channel_id": str(channel.id),
            "message_id": str(body["message_reference"].get("message_id")),
        }
    if body.get("poll"):
        message.data["poll"] = _poll(body["poll"])
    return message


def _poll(poll: dict[str, Any]) -> dict[str, Any]:
    return {
        "question": poll["question"],
        "answers": [{"answer_id": number, **answer} for number, answer in enumerate(poll["answers"], 1)],
        "expiry": timestamp(),
        "allow_multiselect": bool(poll.get("allow_multiselect")),
        "layout_type": poll.get("layout_type") or 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }
