"""REST: the bot itself, its commands, and the servers that it is in."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.discord_wire.requests import Refused, Request, unknown
from tests.fakes.discord_wire.routes import GUILDS, Reply, handles, value
from tests.fakes.discord_wire.state import State
from tests.fakes.discord_wire.world import DM, Channel

# --- the bot itself -------------------------------------------------------------------------------------------


@handles("GET /gateway/bot")
async def gateway_bot(state: State, request: Request) -> Reply:
    limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    return 200, {"url": state.gateway_url, "shards": 1, "session_start_limit": limit}


@handles("GET /gateway")
async def gateway(state: State, request: Request) -> Reply:
    return 200, {"url": state.gateway_url}


@handles("GET /users/@me")
async def me(state: State, request: Request) -> Reply:
    return 200, state.bot.payload() | {
        "mfa_enabled": True,
        "locale": "en-US",
        "premium_type": 0,
        "email": None,
        "verified": True,
    }


@handles("GET /applications/@me", "GET /oauth2/applications/@me")
async def application(state: State, request: Request) -> Reply:
    return 200, {
        "id": str(state.application_id),
        "name": state.application_name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "is_monetized": False,
        "is_verified": False,
        "is_discoverable": False,
        "bot": state.bot.payload(),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}},
        "verify_key": "0" * 64,
        "flags": 1 << 23,
        "flags_new": str(1 << 23),
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "hook": True,
        "storefront_available": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": state.owner.payload(),
        "approximate_guild_count": len(state.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "event_webhooks_url": None,
        "event_webhooks_status": 1,
        "event_webhooks_types": [],
        "max_participants": None,
        "tags": [],
    }


@handles("GET /users/@me/guilds")
async def my_guilds(state: State, request: Request) -> Reply:
    return 200, [
        {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "permissions": "0",
            "features": [],
        }
        for guild in state.guilds.values()
        if state.bot.id in guild.members
    ]


@handles("POST /users/@me/channels")
async def open_direct(state: State, request: Request) -> Reply:
    user = state.users.get(int(request.body["recipient_id"]))
    if user is None:
        raise unknown("User")
    for channel in state.direct.values():
        if channel.recipient is user:
            return 200, channel.payload()
    channel = Channel(state.snowflake(), None, DM, user.name, recipient=user)
    state.direct[channel.id] = channel
    return 200, channel.payload()


# --- commands -------------------------------------------------------------------------------------------------


def _scope(state: State, request: Request) -> int:
    if value(request, "application_id") != str(state.application_id):
        raise Refused(403, 20012, "You are not authorized to perform this action on this application")
    assert request.operation
    return int(request.operation.values.get("guild_id", 0))


def _registered(state: State, body: dict[str, Any], scope: int, old: dict[str, Any] | None) -> dict[str, Any]:
    command = {
        "application_id": str(state.application_id),
        "description": "",
        "name_localizations": None,
        "description_localizations": None,
        "default_member_permissions": None,
        "dm_permission": True,
        "contexts": None,
        "integration_types": [0],
        "nsfw": False,
        "type": 1,
    }
    command |= {name: given for name, given in body.items() if given is not None or name == "contexts"}
    permissions = body.get("default_member_permissions")
    command["default_member_permissions"] = None if permissions is None else str(permissions)
    if scope:
        command["guild_id"] = str(scope)
    if not command.get("options"):
        command.pop("options", None)
    command["id"] = old["id"] if old else str(state.snowflake())
    same = old and json.dumps({**old, "version": 0}, sort_keys=True) == json.dumps(
        {**command, "version": 0}, sort_keys=True
    )
    command["version"] = old["version"] if old and same else str(state.snowflake())
    return command


def _find(state: State, scope: int, name: str, kind: int) -> dict[str, Any] | None:
    commands = state.commands.get(scope, {}).values()
    return next((command for command in commands if command["name"] == name and command["type"] == kind), None)


@handles("PUT /applications/{application_id}/commands", "PUT /applications/{application_id}/guilds/{guild_id}/commands")
async def set_commands(state: State, request: Request) -> Reply:
    scope = _scope(state, request)
    made = [
        _registered(state, body, scope, _find(state, scope, body["name"], body.get("type") or 1))
        for body in request.body
    ]
    state.commands[scope] = {int(command["id"]): command for command in made}
    return 200, made


@handles(
    "POST /applications/{application_id}/commands", "POST /applications/{application_id}/guilds/{guild_id}/commands"
)
async def add_command(state: State, request: Request) -> Reply:
    scope = _scope(state, request)
    old = _find(state, scope, request.body["name"], request.body.get("type") or 1)
    command = _registered(state, request.body, scope, old)
    state.commands.setdefault(scope, {})[int(command["id"])] = command
    return (200 if old else 201), command


@handles("GET /applications/{application_id}/commands", "GET /applications/{application_id}/guilds/{guild_id}/commands")
async def list_commands(state: State, request: Request) -> Reply:
    commands = list(state.commands.get(_scope(state, request), {}).values())
    if request.query.get("with_localizations", "false").lower() in ("1", "true"):
        return 200, commands
    hidden = ("name_localizations", "description_localizations")
    return 200, [{key: entry for key, entry in command.items() if key not in hidden} for command in commands]


@handles("GET /applications/{application_id}/emojis")
async def emojis(state: State, request: Request) -> Reply:
    return 200, {"items": []}


# --- guilds ---------------------------------------------------------------------------------------------------


@handles("GET /guilds/{guild_id}")
async def get_guild(state: State, request: Request) -> Reply:
    return 200, state.guild(value(request, "guild_id")).payload()


@handles("GET /guilds/{guild_id}/channels")
async def guild_channels(state: State, request: Request) -> Reply:
    channels = state.guild(value(request, "guild_id")).channels.values()
    return 200, [channel.payload() for channel in channels if not channel.is_thread]


@handles("GET /guilds/{guild_id}/roles")
async def guild_roles(state: State, request: Request) -> Reply:
    return 200, [role.payload() for role in state.guild(value(request, "guild_id")).roles.values()]


@handles("GET /guilds/{guild_id}/members/{user_id}")
async def guild_member(state: State, request: Request) -> Reply:
    member = state.guild(value(request, "guild_id")).members.get(int(value(request, "user_id")))
    if member is None:
        raise unknown("Member")
    return 200, member.payload()


@handles("GET /guilds/{guild_id}/threads/active")
async def active_threads(state: State, request: Request) -> Reply:
    threads = [thread.payload() for thread in state.guild(value(request, "guild_id")).threads() if not thread.archived]
    return 200, {"threads": threads, "members": [], "has_more": False}


@handles("DELETE /users/@me/guilds/{guild_id}")
async def leave_guild(state: State, request: Request) -> Reply:
    guild = state.guild(value(request, "guild_id"))
    guild.members.pop(state.bot.id, None)
    await state.emit("GUILD_DELETE", {"id": str(guild.id)}, GUILDS)
    return 204, None
