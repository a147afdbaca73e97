"""What Discord's own client does with a command: shows it or not, checks the options, writes the interaction's data."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord_wire.state import State
from tests.fakes.discord_wire.world import Channel, Membership, Role, User

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(1, 11)


class CannotSend(AssertionError):
    """Discord's client would not let the person send this."""


def visible(state: State, channel: Channel, member: Membership | None) -> list[dict[str, Any]]:
    """The commands that a person sees here, by Discord's rules of place and default permissions."""
    guild_id = channel.guild.id if channel.guild else 0
    commands = [*state.commands.get(guild_id, {}).values()] if guild_id else []
    commands += [command for command in state.commands[0].values() if command not in commands]
    return [command for command in commands if _is_visible(command, channel, member)]


def _is_visible(command: dict[str, Any], channel: Channel, member: Membership | None) -> bool:
    if member is None:
        contexts = command.get("contexts")
        return (1 in contexts) if contexts is not None else bool(command.get("dm_permission", True))
    if command.get("contexts") is not None and 0 not in command["contexts"]:
        return False
    needed = command.get("default_member_permissions")
    allowed = member.permissions_in(channel)
    if needed is None:
        return True
    return (allowed & int(needed) == int(needed) and int(needed) != 0) or allowed == (1 << 53) - 1


def find(
    commands: list[dict[str, Any]], path: str, kind: int = CHAT_INPUT
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The command, and the chain of its subcommand groups and subcommand that `path` ("config source add") names."""
    name, *rest = [path] if kind != CHAT_INPUT else path.split()
    command = next((each for each in commands if each["name"] == name and each["type"] == kind), None)
    if command is None:
        raise CannotSend(
            f"no command {name!r} here; there are: {', '.join(sorted(each['name'] for each in commands)) or 'none'}"
        )
    chain: list[dict[str, Any]] = []
    level = command
    for part in rest:
        options = [each for each in level.get("options") or [] if each["type"] in (SUBCOMMAND, GROUP)]
        found = next((each for each in options if each["name"] == part), None)
        if found is None:
            raise CannotSend(
                f"/{path}: no {part!r}; there are: {', '.join(each['name'] for each in options) or 'none'}"
            )
        chain.append(found)
        level = found
    if any(each["type"] in (SUBCOMMAND, GROUP) for each in level.get("options") or []):
        raise CannotSend(f"/{path}: choose one of {', '.join(each['name'] for each in level['options'])}")
    return command, chain


def command_data(
    command: dict[str, Any],
    chain: list[dict[str, Any]],
    given: dict[str, Any],
    invoker: Membership | None,
    *,
    focused: str | None = None,
) -> dict[str, Any]:
    """The `data` of the interaction. `focused` is the option being completed; required ones may then be missing."""
    described = {option["name"]: option for option in (chain[-1] if chain else command).get("options") or []}
    path = " ".join([command["name"], *(part["name"] for part in chain)])
    if unknown := given.keys() - described.keys():
        raise CannotSend(
            f"/{path}: no option {', '.join(sorted(unknown))}; there are: {', '.join(described) or 'none'}"
        )
    if focused is None and (
        missing := [name for name, option in described.items() if option.get("required") and name not in given]
    ):
        raise CannotSend(f"/{path}: {', '.join(missing)} is required")
    resolved: dict[str, dict[str, Any]] = {}
    options: list[dict[str, Any]] = []
    for name, option in described.items():
        if name in given:
            entry = {
                "name": name,
                "type": option["type"],
                "value": _value(path, option, given[name], resolved, invoker, free=name == focused),
            }
            if name == focused:
                if not option.get("autocomplete"):
                    raise CannotSend(f"/{path}: {name} does not complete")
                entry["focused"] = True
            options.append(entry)
    for part in reversed(chain):
        options = [{"name": part["name"], "type": part["type"], "options": options}]
    data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": command["type"], "options": options}
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    if resolved:
        data["resolved"] = resolved
    return data


def _value(
    path: str,
    option: dict[str, Any],
    given: Any,
    resolved: dict[str, dict[str, Any]],
    invoker: Membership | None,
    *,
    free: bool,
) -> Any:
    kind, name = option["type"], option["name"]
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE):
        return _resolve(path, option, given, resolved, invoker)
    wanted = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}[kind]
    if not isinstance(given, wanted) or (kind == INTEGER and isinstance(given, bool)):
        raise CannotSend(f"/{path}: {name} takes {wanted}, not {given!r}")
    choices = option.get("choices") or []
    if choices and not free:
        values = [choice["value"] for choice in choices]
        if given not in values:
            raise CannotSend(f"/{path}: {name} is one of {values}, not {given!r}")
    if kind == STRING and not free:
        if not option.get("min_length", 0) <= len(given) <= option.get("max_length", 6000):
            raise CannotSend(f"/{path}: {name} has {len(given)} characters")
    elif (
        kind in (INTEGER, NUMBER)
        and not free
        and not option.get("min_value", given) <= given <= option.get("max_value", given)
    ):
        raise CannotSend(f"/{path}: {name} is out of range: {given}")
    return given


def _resolve(
    path: str, option: dict[str, Any], given: Any, resolved: dict[str, dict[str, Any]], invoker: Membership | None
) -> str:
    if isinstance(given, Channel) and option["type"] == CHANNEL:
        allowed = option.get("channel_types")
        if allowed and given.kind not in allowed:
            raise CannotSend(f"/{path}: {option['name']} takes channels of types {allowed}, not {given.kind}")
        seen = invoker.permissions_in(given) if invoker else 0
        data = {key: entry for key, entry in given.payload().items() if key != "permission_overwrites"}
        resolved.setdefault("channels", {})[str(given.id)] = data | {"permissions": str(seen)}
    elif isinstance(given, Membership) and option["type"] in (USER, MENTIONABLE):
        resolved.setdefault("users", {})[str(given.id)] = given.user.payload()
        member = {key: entry for key, entry in given.payload().items() if key not in ("user", "deaf", "mute")}
        resolved.setdefault("members", {})[str(given.id)] = member | {"permissions": "0"}
    elif isinstance(given, User) and option["type"] in (USER, MENTIONABLE):
        resolved.setdefault("users", {})[str(given.id)] = given.payload()
    elif isinstance(given, Role) and option["type"] in (ROLE, MENTIONABLE):
        resolved.setdefault("roles", {})[str(given.id)] = given.payload()
    else:
        raise CannotSend(f"/{path}: {option['name']} cannot be {given!r}")
    return str(given.id)
