"""REST: channels, threads and messages."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord_wire.components import COMPONENTS_V2, numbered
from tests.fakes.discord_wire.messages import Message, new_message
from tests.fakes.discord_wire.permissions import Can
from tests.fakes.discord_wire.requests import Refused, Request, invalid_form, missing_permissions, unknown
from tests.fakes.discord_wire.routes import GUILD_MESSAGES, GUILDS, Reply, handles, value
from tests.fakes.discord_wire.state import State
from tests.fakes.discord_wire.world import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    DM,
    FORUM,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    timestamp,
)

_CROSSPOSTED = 1 << 0


# --- channels and threads -------------------------------------------------------------------------------------


@handles("GET /channels/{channel_id}")
async def get_channel(state: State, request: Request) -> Reply:
    return 200, state.channel(value(request, "channel_id")).payload()


@handles("PATCH /channels/{channel_id}")
async def edit_channel(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"))
    own = channel.is_thread and channel.owner_id == state.bot.id
    if not own:
        state.channel(channel.id, Can.MANAGE_THREADS if channel.is_thread else Can.MANAGE_CHANNELS)
    names = {"name": "name", "topic": "topic", "archived": "archived", "locked": "locked"}
    names |= {"auto_archive_duration": "auto_archive_minutes", "rate_limit_per_user": "slow_mode_seconds"}
    for key, attribute in names.items():
        if request.body.get(key) is not None:
            setattr(channel, attribute, request.body[key])
    if "applied_tags" in request.body:
        channel.applied_tags = [int(tag) for tag in request.body["applied_tags"] or []]
    await state.emit("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel.payload(), GUILDS)
    return 200, channel.payload()


@handles("POST /channels/{channel_id}/typing")
async def typing(state: State, request: Request) -> Reply:
    state.channel(value(request, "channel_id"), Can.SEND_MESSAGES)
    return 204, None


def _open_thread(state: State, parent: Channel, body: dict[str, Any], thread_id: int, kind: int) -> Channel:
    assert parent.guild
    thread = Channel(thread_id, parent.guild, kind, body["name"], parent=parent, owner_id=state.bot.id)
    thread.auto_archive_minutes = body.get("auto_archive_duration") or 1440
    thread.slow_mode_seconds = body.get("rate_limit_per_user") or 0
    parent.guild.channels[thread.id] = thread
    return thread


@handles("POST /channels/{channel_id}/threads")
async def start_thread(state: State, request: Request) -> Reply:
    parent = state.channel(value(request, "channel_id"))
    if parent.kind != FORUM:
        state.channel(parent.id, Can.CREATE_PUBLIC_THREADS)
        default = ANNOUNCEMENT_THREAD if parent.kind == ANNOUNCEMENT else PUBLIC_THREAD
        thread = _open_thread(state, parent, request.body, state.snowflake(), request.body.get("type") or default)
        if state.manners.tells_threads:
            await state.emit("THREAD_CREATE", thread.payload() | {"newly_created": True}, GUILDS)
        return 201, thread.payload()
    state.channel(parent.id, Can.SEND_MESSAGES)
    tags = [int(tag) for tag in request.body.get("applied_tags") or []]
    if parent.requires_tag and not tags:
        raise Refused(400, 40067, "A tag is required to create a forum post in this channel")
    if any(tag not in parent.tags for tag in tags):
        raise unknown("Channel") if not parent.tags else Refused(400, 10087, "Unknown tag")
    thread = _open_thread(state, parent, request.body, state.snowflake(), PUBLIC_THREAD)
    thread.applied_tags = tags
    body = request.body.get("message") or {}
    message = _store(state, thread, new_message(thread.id, thread, state.bot, body, uploads=request.uploads))
    if state.manners.tells_threads:
        await state.emit("THREAD_CREATE", thread.payload() | {"newly_created": True}, GUILDS)
    await state.emit("MESSAGE_CREATE", state.event_payload(message), GUILD_MESSAGES)
    return 201, thread.payload() | {"message": message.payload()}


@handles("POST /channels/{channel_id}/messages/{message_id}/threads")
async def start_thread_from(state: State, request: Request) -> Reply:
    parent = state.channel(value(request, "channel_id"), Can.CREATE_PUBLIC_THREADS)
    message = state.message(parent, value(request, "message_id"))
    assert parent.guild
    if message.id in parent.guild.channels:
        raise Refused(400, 160004, "A thread has already been created for this message")
    kind = ANNOUNCEMENT_THREAD if parent.kind == ANNOUNCEMENT else PUBLIC_THREAD
    thread = _open_thread(state, parent, request.body, message.id, kind)
    message.data["thread"] = thread.payload()
    message.data["flags"] |= 1 << 5
    if state.manners.tells_threads:
        await state.emit("THREAD_CREATE", thread.payload() | {"newly_created": True}, GUILDS)
    return 201, thread.payload()


@handles("GET /channels/{channel_id}/threads/archived/public")
async def archived_threads(state: State, request: Request) -> Reply:
    parent = state.channel(value(request, "channel_id"), Can.READ_MESSAGE_HISTORY)
    threads = [
        thread
        for thread in (parent.guild.threads() if parent.guild else ())
        if thread.parent is parent and thread.archived
    ]
    return 200, {"threads": [thread.payload() for thread in threads], "members": [], "has_more": False}


# --- messages -------------------------------------------------------------------------------------------------


def _store(state: State, channel: Channel, message: Message) -> Message:
    channel.messages[message.id] = message
    state.changed()
    return message


def _may_send(state: State, channel: Channel, body: dict[str, Any], uploads: list[str]) -> None:
    if channel.kind not in (TEXT, ANNOUNCEMENT, DM) and not channel.is_thread:
        raise Refused(400, 50008, "Cannot send messages in a non-text channel")
    needed = Can.SEND_MESSAGES_IN_THREADS if channel.is_thread else Can.SEND_MESSAGES
    if body.get("embeds"):
        needed |= Can.EMBED_LINKS
    if uploads:
        needed |= Can.ATTACH_FILES
    if body.get("poll"):
        needed |= Can.SEND_POLLS
    if body.get("message_reference"):
        needed |= Can.READ_MESSAGE_HISTORY
    state.channel(channel.id, needed)
    if channel.is_thread and channel.locked:
        state.channel(channel.id, Can.MANAGE_THREADS)


@handles("POST /channels/{channel_id}/messages")
async def send_message(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"))
    body = request.body
    _may_send(state, channel, body, request.uploads)
    if body.get("enforce_nonce") and body.get("nonce") is not None:
        for earlier in reversed(channel.history()):
            same = earlier.author is state.bot and str(earlier.nonce) == str(body["nonce"])
            if same and state.remembers_nonce_of(earlier):
                return 200, earlier.payload()
    flags = (body.get("flags") or 0) & (1 << 2 | 1 << 12 | COMPONENTS_V2)
    message = new_message(state.snowflake(), channel, state.bot, body, uploads=request.uploads, flags=flags)
    channel.archived = False
    _store(state, channel, message)
    await state.emit("MESSAGE_CREATE", state.event_payload(message), GUILD_MESSAGES)
    return 200, message.payload()


@handles("GET /channels/{channel_id}/messages")
async def list_messages(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"))
    member = state.membership(channel, state.bot)
    if member and not member.permissions_in(channel) & Can.READ_MESSAGE_HISTORY:
        return 200, []
    found = sorted(channel.history(), key=lambda message: message.id, reverse=True)
    limit = int(request.query.get("limit", 50))
    if before := request.query.get("before"):
        found = [message for message in found if message.id < int(before)]
    if after := request.query.get("after"):
        if not state.manners.pages_after:
            raise invalid_form(["query.after: not today"])
        found = [message for message in found if message.id > int(after)][-limit:]
    if around := request.query.get("around"):
        found = sorted(sorted(found, key=lambda m: abs(m.id - int(around)))[:limit], key=lambda m: m.id, reverse=True)
    return 200, [_read_later(state, message) for message in found[:limit]]


@handles("GET /channels/{channel_id}/messages/{message_id}")
async def get_message(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"), Can.READ_MESSAGE_HISTORY)
    return 200, _read_later(state, state.message(channel, value(request, "message_id")))


_OPTIONAL = ("thread", "message_reference", "interaction_metadata", "referenced_message")


def _read_later(state: State, message: Message) -> dict[str, Any]:
    """Without its nonce: Discord promises it to whoever sends, not to whoever reads."""
    left_out = ("nonce",) if state.manners.fills_in else ("nonce", *_OPTIONAL)
    data = {key: value for key, value in message.payload().items() if key not in left_out}
    if not state.manners.keeps_component_ids:
        data["components"] = numbered(data["components"])
    return data


@handles("PATCH /channels/{channel_id}/messages/{message_id}")
async def edit_message(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"))
    message = state.message(channel, value(request, "message_id"))
    if message.author is not state.bot:
        raise Refused(403, 50005, "Cannot edit a message authored by another user")
    if channel.is_thread and channel.archived:
        raise Refused(400, 50083, "Thread is archived")
    return 200, await apply_edit(state, message, request)


async def apply_edit(state: State, message: Message, request: Request) -> dict[str, Any]:
    """Edit in place and tell the gateway; also what an interaction's edits do."""
    becomes_v2 = (request.body.get("flags") or 0) & COMPONENTS_V2 and not message.flags & COMPONENTS_V2
    if (
        becomes_v2
        and (message.data["content"] or message.data["embeds"])
        and not {"content", "embeds"} <= request.body.keys()
    ):
        raise invalid_form(["body.flags: content and embeds must be cleared when a message turns to Components V2"])
    message.apply(request.body, request.uploads)
    message.data["edited_timestamp"] = timestamp()
    state.changed()
    if not message.ephemeral:
        await state.emit("MESSAGE_UPDATE", state.event_payload(message), GUILD_MESSAGES)
    return message.payload()


@handles("DELETE /channels/{channel_id}/messages/{message_id}")
async def delete_message(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"))
    message = state.message(channel, value(request, "message_id"))
    if message.author is not state.bot:
        state.channel(channel.id, Can.MANAGE_MESSAGES)
    if channel.is_thread and channel.archived:
        raise Refused(400, 50083, "Thread is archived")
    await remove(state, message)
    return 204, None


async def remove(state: State, message: Message) -> None:
    message.channel.messages.pop(message.id, None)
    state.changed()
    if message.channel.guild and not message.ephemeral:
        data = {"id": str(message.id), "channel_id": str(message.channel.id), "guild_id": str(message.channel.guild.id)}
        await state.emit("MESSAGE_DELETE", data, GUILD_MESSAGES)


@handles("POST /channels/{channel_id}/messages/{message_id}/crosspost")
async def crosspost(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"), Can.SEND_MESSAGES)
    message = state.message(channel, value(request, "message_id"))
    if channel.kind != ANNOUNCEMENT:
        raise Refused(400, 50024, "Cannot execute action on this channel type")
    if message.author is not state.bot:
        state.channel(channel.id, Can.MANAGE_MESSAGES)
    if message.flags & _CROSSPOSTED:
        raise Refused(400, 40033, "This message has already been crossposted")
    message.data["flags"] |= _CROSSPOSTED
    state.changed()
    return 200, message.payload()


@handles("PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
async def react(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"), Can.ADD_REACTIONS | Can.READ_MESSAGE_HISTORY)
    state.message(channel, value(request, "message_id"))
    return 204, None


@handles("PUT /channels/{channel_id}/messages/pins/{message_id}", "PUT /channels/{channel_id}/pins/{message_id}")
async def pin(state: State, request: Request) -> Reply:
    channel = state.channel(value(request, "channel_id"))
    member = state.membership(channel, state.bot)
    if member and not member.permissions_in(channel) & (Can.PIN_MESSAGES | Can.MANAGE_MESSAGES):
        raise missing_permissions()
    state.message(channel, value(request, "message_id")).data["pinned"] = True
    return 204, None
