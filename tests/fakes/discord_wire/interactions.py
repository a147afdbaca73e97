"""Interactions: sent through the gateway, answered by REST within three seconds, followed up for 15 minutes."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_wire.components import COMPONENTS_V2, EPHEMERAL, LOADING
from tests.fakes.discord_wire.messages import Message, Readable, new_message
from tests.fakes.discord_wire.requests import Refused, Request, unknown
from tests.fakes.discord_wire.rest_channels import apply_edit, remove
from tests.fakes.discord_wire.routes import GUILD_MESSAGES, Reply, handles, value
from tests.fakes.discord_wire.state import State
from tests.fakes.discord_wire.world import Channel, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
DEADLINE_SECONDS = 3.0
_TOKEN_SECONDS = 15 * 60


@dataclass(eq=False)
class Interaction:
    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    name: str
    """The command in full, or the custom id."""
    payload: dict[str, Any]
    source: Message | None = None
    """The message whose component was used."""
    cause: Interaction | None = None
    """What opened the form that is now submitted."""
    sent_at: float = 0
    callback_at: float | None = None
    callback: dict[str, Any] | None = None
    original: Message | None = None
    completed_at: float | None = None
    """When there was something to read: with the callback, or after a deferred one."""
    followups: list[Message] = field(default_factory=list)

    @property
    def callback_kind(self) -> int | None:
        return self.callback["type"] if self.callback else None

    def metadata(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": str(self.id),
            "type": self.kind,
            "user": self.user.payload(),
            "authorizing_integration_owners": self.payload["authorizing_integration_owners"],
        }
        if self.kind == COMMAND:
            data["name"] = self.name
            data["command_type"] = self.payload["data"]["type"]
        elif self.kind == COMPONENT and self.source:
            data["interacted_message_id"] = str(self.source.id)
        elif self.kind == MODAL_SUBMIT and self.cause:
            data["triggering_interaction_metadata"] = self.cause.metadata()
        return data


class Answer(Readable):
    """What the person got to see. Reading it later shows later edits too."""

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction

    def __repr__(self) -> str:
        return f"<Answer to {self.interaction.name!r} after {self.latency_ms:.0f} ms: {self.text[:60]!r}>"

    @property
    def data(self) -> dict[str, Any]:  # type: ignore[override]
        return self.interaction.original.data if self.interaction.original else {}

    @property
    def kind(self) -> int:
        """The callback's type: `MESSAGE`, `DEFERRED_MESSAGE`, `UPDATE`…"""
        return self.interaction.callback_kind or 0

    @property
    def message(self) -> Message:
        """The message that holds the answer, to press its buttons."""
        assert self.interaction.original, f"{self.interaction.name}: answered without a message"
        return self.interaction.original

    @property
    def followups(self) -> list[Message]:
        return self.interaction.followups

    @property
    def deferred(self) -> bool:
        return self.kind in (DEFERRED_MESSAGE, DEFERRED_UPDATE)

    @property
    def latency_ms(self) -> float:
        """From sending the interaction to the callback's arrival."""
        assert self.interaction.callback_at is not None
        return (self.interaction.callback_at - self.interaction.sent_at) * 1000

    @property
    def completed_ms(self) -> float:
        """From sending the interaction to the words themselves; more than `latency_ms` after a deferral."""
        assert self.interaction.completed_at is not None
        return (self.interaction.completed_at - self.interaction.sent_at) * 1000

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """What an autocompletion offers: pairs of name and value."""
        data = (self.interaction.callback or {}).get("data") or {}
        return [(choice["name"], choice["value"]) for choice in data.get("choices") or []]

    @property
    def modal(self) -> dict[str, Any] | None:
        return self.interaction.callback["data"] if self.interaction.callback and self.kind == MODAL else None


def new_token() -> str:
    return secrets.token_urlsafe(96)


@handles("POST /interactions/{interaction_id}/{interaction_token}/callback")
async def callback(state: State, request: Request) -> Reply:
    interaction = state.interactions.get(int(value(request, "interaction_id")))
    if interaction is None or interaction.token != value(request, "interaction_token"):
        raise unknown("Interaction")
    if interaction.callback is not None:
        raise Refused(400, 40060, "Interaction has already been acknowledged.")
    if request.at - interaction.sent_at > DEADLINE_SECONDS:
        raise unknown("Interaction")
    body = request.body
    if body["type"] not in _ALLOWED[interaction.kind]:
        raise Refused(
            400,
            50035,
            f"Invalid Form Body: callback type {body['type']} cannot answer an interaction of type {interaction.kind}",
        )
    if body["type"] in (DEFERRED_UPDATE, UPDATE) and interaction.source is None:
        raise Refused(400, 50035, "Invalid Form Body: there is no message to update")
    data = body.get("data") or {}
    if body["type"] in (MESSAGE, DEFERRED_MESSAGE):
        interaction.original = await _create(
            state, interaction, request, data, loading=body["type"] == DEFERRED_MESSAGE
        )
    elif body["type"] in (DEFERRED_UPDATE, UPDATE) and interaction.source:
        interaction.original = interaction.source
        if body["type"] == UPDATE:
            await apply_edit(state, interaction.source, _with_body(request, data))
    interaction.callback_at = request.at
    interaction.callback = body
    if body["type"] not in (DEFERRED_MESSAGE, DEFERRED_UPDATE):
        interaction.completed_at = request.at
    state.changed()
    if request.query.get("with_response", "false").lower() not in ("1", "true"):
        return 204, None
    return 200, _callback_response(interaction)


_ALLOWED = {
    COMMAND: (MESSAGE, DEFERRED_MESSAGE, MODAL),
    COMPONENT: (MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL),
    AUTOCOMPLETE: (CHOICES,),
    MODAL_SUBMIT: (MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE),
}


def _callback_response(interaction: Interaction) -> dict[str, Any]:
    about: dict[str, Any] = {"id": str(interaction.id), "type": interaction.kind}
    response: dict[str, Any] = {"interaction": about}
    if interaction.original:
        about["response_message_id"] = str(interaction.original.id)
        about["response_message_loading"] = bool(interaction.original.flags & LOADING)
        about["response_message_ephemeral"] = interaction.original.ephemeral
        about["channel_id"] = str(interaction.channel.id)
        if interaction.channel.guild:
            about["guild_id"] = str(interaction.channel.guild.id)
        if interaction.callback_kind in (MESSAGE, UPDATE):
            response["resource"] = {"type": interaction.callback_kind, "message": interaction.original.payload()}
    return response


async def _create(
    state: State, interaction: Interaction, request: Request, data: dict[str, Any], *, loading: bool = False
) -> Message:
    flags = (data.get("flags") or 0) & (EPHEMERAL | COMPONENTS_V2 | 1 << 2 | 1 << 12) | (LOADING if loading else 0)
    made = new_message(state.snowflake(), interaction.channel, state.bot, data, uploads=request.uploads, flags=flags)
    made.data |= {
        "application_id": str(state.application_id),
        "webhook_id": str(state.application_id),
        "interaction_metadata": interaction.metadata(),
    }
    if loading:
        made.data["type"] = 20
    interaction.channel.messages[made.id] = made
    state.changed()
    if not made.ephemeral:
        await state.emit("MESSAGE_CREATE", state.event_payload(made), GUILD_MESSAGES)
    return made


def _with_body(request: Request, body: dict[str, Any]) -> Request:
    return Request(request.method, request.path, {}, body, request.uploads, {}, request.at)


def _acknowledged(state: State, request: Request) -> Interaction:
    interaction = state.interaction_tokens.get(value(request, "webhook_token"))
    if interaction is None or interaction.callback is None or value(request, "webhook_id") != str(state.application_id):
        raise unknown("Webhook")
    if time.monotonic() - interaction.sent_at > _TOKEN_SECONDS:
        raise Refused(401, 50027, "Invalid Webhook Token")
    return interaction


def _original(interaction: Interaction) -> Message:
    if interaction.original is None:
        raise unknown("Message")
    return interaction.original


async def _fill(state: State, interaction: Interaction, request: Request) -> dict[str, Any]:
    message = _original(interaction)
    was_loading = bool(message.flags & LOADING)
    if was_loading:
        message.data["flags"] = message.flags & ~LOADING | ((request.body.get("flags") or 0) & COMPONENTS_V2)
        message.data["type"] = 0
    payload = await apply_edit(state, message, request)
    interaction.completed_at = interaction.completed_at or request.at
    state.changed()
    return payload


@handles("GET /webhooks/{webhook_id}/{webhook_token}/messages/@original")
async def get_original(state: State, request: Request) -> Reply:
    return 200, _original(_acknowledged(state, request)).payload()


@handles("PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original")
async def edit_original(state: State, request: Request) -> Reply:
    return 200, await _fill(state, _acknowledged(state, request), request)


@handles("DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original")
async def delete_original(state: State, request: Request) -> Reply:
    interaction = _acknowledged(state, request)
    await remove(state, _original(interaction))
    interaction.original = None
    interaction.completed_at = interaction.completed_at or request.at
    return 204, None


@handles("POST /webhooks/{webhook_id}/{webhook_token}")
async def follow_up(state: State, request: Request) -> Reply:
    interaction = _acknowledged(state, request)
    if interaction.original and interaction.original.flags & LOADING:
        return 200, await _fill(state, interaction, request)
    made = await _create(state, interaction, request, request.body)
    interaction.followups.append(made)
    interaction.completed_at = interaction.completed_at or request.at
    state.changed()
    return 200, made.payload()


def _by_id(interaction: Interaction, request: Request) -> Message:
    wanted = int(value(request, "message_id"))
    for message in (interaction.original, *interaction.followups):
        if message and message.id == wanted:
            return message
    raise unknown("Message")


@handles("GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")
async def get_follow_up(state: State, request: Request) -> Reply:
    return 200, _by_id(_acknowledged(state, request), request).payload()


@handles("PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")
async def edit_follow_up(state: State, request: Request) -> Reply:
    interaction = _acknowledged(state, request)
    return 200, await apply_edit(state, _by_id(interaction, request), request)


@handles("DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")
async def delete_follow_up(state: State, request: Request) -> Reply:
    interaction = _acknowledged(state, request)
    await remove(state, _by_id(interaction, request))
    return 204, None
