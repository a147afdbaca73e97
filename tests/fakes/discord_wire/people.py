"""People at their keyboards: what they do becomes an interaction, what they see comes back as an `Answer`."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.fakes.discord_wire import commands
from tests.fakes.discord_wire.commands import CannotSend
from tests.fakes.discord_wire.components import BUTTON, LABEL, ROW, SELECTS, walk
from tests.fakes.discord_wire.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    DEADLINE_SECONDS,
    MODAL_SUBMIT,
    Answer,
    Interaction,
    new_token,
)
from tests.fakes.discord_wire.messages import Message, new_message
from tests.fakes.discord_wire.permissions import EVERYTHING
from tests.fakes.discord_wire.routes import GUILD_MESSAGES
from tests.fakes.discord_wire.state import State
from tests.fakes.discord_wire.world import Channel, Guild, Membership, User

PATIENCE = 40
"""Seconds for the words of a deferred answer. What must be quick says so in its own test; this is for busy machines."""


class NoAnswer(AssertionError):
    """ "The application did not respond": what the person reads three seconds later."""


class Person:
    """A member of a server, or with `guild=None` somebody in direct messages with the bot."""

    def __init__(self, state: State, user: User, guild: Guild | None) -> None:
        self._state = state
        self.user = user
        self.guild = guild

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def member(self) -> Membership | None:
        return self.guild.members[self.user.id] if self.guild else None

    def commands(self, channel: Channel) -> list[str]:
        """Names of the commands that this person sees in the channel."""
        return sorted(command["name"] for command in commands.visible(self._state, channel, self.member))

    async def slash(self, channel: Channel, name: str, /, within: float = PATIENCE, **options: Any) -> Answer:
        """Use "config source add" with its base option names. Waits for the words, also behind a deferral."""
        command, chain = commands.find(commands.visible(self._state, channel, self.member), name)
        data = commands.command_data(command, chain, options, self.member)
        return await self._interact(COMMAND, channel, name, data, within=within)

    async def autocomplete(self, channel: Channel, name: str, option: str, typed: str = "", /, **others: Any) -> Answer:
        """What is offered under `option` while typing; read `.choices`."""
        command, chain = commands.find(commands.visible(self._state, channel, self.member), name)
        data = commands.command_data(command, chain, {**others, option: typed}, self.member, focused=option)
        return await self._interact(AUTOCOMPLETE, channel, f"{name} {option}", data)

    async def menu(self, name: str, message: Message | Answer, /, within: float = PATIENCE) -> Answer:
        """Right-click on a message, "Apps", `name`."""
        target = message.message if isinstance(message, Answer) else message
        seen = commands.visible(self._state, target.channel, self.member)
        command, _ = commands.find(seen, name, commands.MESSAGE_MENU)
        data = {
            "id": command["id"],
            "name": command["name"],
            "type": commands.MESSAGE_MENU,
            "target_id": str(target.id),
        }
        data["resolved"] = {"messages": {str(target.id): target.payload()}}
        return await self._interact(COMMAND, target.channel, name, data, within=within)

    async def click(self, message: Message | Answer, button: str, /, within: float = PATIENCE) -> Answer:
        """Press the button with that custom id, label or emoji; a part of the label will do when only one has it."""
        target = message.message if isinstance(message, Answer) else message
        component = _find_button(target, button)
        data = {"custom_id": component["custom_id"], "component_type": BUTTON, "id": component["id"]}
        return await self._interact(
            COMPONENT, target.channel, component["custom_id"], data, source=target, within=within
        )

    async def select(
        self, message: Message | Answer, custom_id: str | None, *values: str, within: float = PATIENCE
    ) -> Answer:
        """Choose from a select menu (None: the only one) by the options' values or labels."""
        target = message.message if isinstance(message, Answer) else message
        menus = [
            each
            for _, each in walk(target.components)
            if each["type"] in SELECTS and custom_id in (None, each["custom_id"])
        ]
        if len(menus) != 1:
            raise CannotSend(f"{len(menus)} select menus {custom_id or ''} in {target!r}")
        options = {option["label"]: option["value"] for option in menus[0].get("options") or []}
        chosen = [options.get(each, each) for each in values]
        if options and (unknown := set(chosen) - set(options.values())):
            raise CannotSend(f"no options {sorted(unknown)}; there are: {options}")
        data = {
            "custom_id": menus[0]["custom_id"],
            "component_type": menus[0]["type"],
            "id": menus[0]["id"],
            "values": chosen,
        }
        return await self._interact(
            COMPONENT, target.channel, menus[0]["custom_id"], data, source=target, within=within
        )

    async def submit_modal(self, answer: Answer, values: dict[str, Any], /, within: float = PATIENCE) -> Answer:
        """Fill in the form that `answer` opened. Keys are custom ids or labels; text fields take str, selects lists."""
        form = answer.modal
        if form is None:
            raise CannotSend(f"{answer!r} opened no form")
        remaining = dict(values)
        components = [_filled(component, remaining) for component in form["components"]]
        if remaining:
            raise CannotSend(f"the form has no field {sorted(remaining)}")
        data = {"custom_id": form["custom_id"], "components": components}
        cause = answer.interaction
        return await self._interact(
            MODAL_SUBMIT, cause.channel, form["custom_id"], data, source=cause.source, cause=cause, within=within
        )

    async def say(self, channel: Channel, text: str) -> Message:
        """An ordinary message of this person; the bot sees its content only with the privileged intent."""
        message = new_message(self._state.snowflake(), channel, self.user, {"content": text}, uploads=[])
        channel.messages[message.id] = message
        self._state.changed()
        await self._state.emit("MESSAGE_CREATE", self._state.event_payload(message) | {"content": ""}, GUILD_MESSAGES)
        return message

    async def _interact(
        self,
        kind: int,
        channel: Channel,
        name: str,
        data: dict[str, Any],
        *,
        source: Message | None = None,
        cause: Interaction | None = None,
        within: float = PATIENCE,
    ) -> Answer:
        state = self._state
        interaction = Interaction(state.snowflake(), new_token(), kind, self.user, channel, name, {}, source, cause)
        interaction.payload = self._payload(interaction, data)
        state.interactions[interaction.id] = state.interaction_tokens[interaction.token] = interaction
        interaction.sent_at = time.monotonic()
        await state.emit("INTERACTION_CREATE", interaction.payload)
        try:
            await state.until(lambda: interaction.callback_at, DEADLINE_SECONDS, "a callback")
        except AssertionError:
            raise NoAnswer(f"{name!r}: the application did not respond within {DEADLINE_SECONDS} s") from None
        await state.until(lambda: interaction.completed_at, within, f"the words after {name!r} was deferred")
        await asyncio.sleep(0)
        return Answer(interaction)

    def _payload(self, interaction: Interaction, data: dict[str, Any]) -> dict[str, Any]:
        state, channel, member = self._state, interaction.channel, self.member
        bot = channel.guild.members.get(state.bot.id) if channel.guild else None
        shown = {
            key: entry for key, entry in channel.payload().items() if key not in ("permission_overwrites", "guild_id")
        }
        allowed = member.permissions_in(channel) if member else EVERYTHING
        payload: dict[str, Any] = {
            "id": str(interaction.id),
            "application_id": str(state.application_id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": str(channel.id),
            "channel": shown | {"permissions": str(allowed)},
            "app_permissions": str(bot.permissions_in(channel) if bot else EVERYTHING),
            "locale": self.user.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": {"0": str(channel.guild.id) if channel.guild else "0"},
            "context": 0 if channel.guild else 1,
            "attachment_size_limit": 10_485_760,
        }
        if channel.guild and member:
            guild = channel.guild
            payload["guild_id"] = str(guild.id)
            payload["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": ["COMMUNITY", "NEWS"]}
            payload["guild_locale"] = guild.locale
            payload["member"] = member.payload() | {"permissions": str(allowed)}
            payload["channel"]["guild_id"] = str(guild.id)
        else:
            payload["user"] = self.user.payload()
        if interaction.source:
            payload["message"] = interaction.source.payload()
        return payload


def _find_button(message: Message, wanted: str) -> dict[str, Any]:
    pressable = [each for _, each in walk(message.components) if each["type"] == BUTTON and each.get("custom_id")]
    for matches in (
        lambda each: each["custom_id"] == wanted,
        lambda each: each.get("label") == wanted,
        lambda each: (each.get("emoji") or {}).get("name") == wanted,
        lambda each: wanted.casefold() in (each.get("label") or "").casefold(),
    ):
        found = [each for each in pressable if matches(each)]
        if len(found) == 1:
            if found[0].get("disabled"):
                raise CannotSend(f"the button {wanted!r} is disabled")
            return found[0]
    labels = [f"{each.get('label')!r} ({each['custom_id']})" for each in pressable]
    raise CannotSend(f"no single button {wanted!r}; there are: {', '.join(labels) or 'none'}")


def _filled(component: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    if component["type"] == LABEL:
        return {
            "type": LABEL,
            "id": component.get("id", 1),
            "component": _field(component["component"], component["label"], values),
        }
    if component["type"] == ROW:
        return {
            "type": ROW,
            "components": [_field(each, each.get("label", ""), values) for each in component["components"]],
        }
    return {"type": component["type"], "id": component.get("id", 1)}


def _field(component: dict[str, Any], label: str, values: dict[str, Any]) -> dict[str, Any]:
    key = component["custom_id"] if component["custom_id"] in values else label
    given = values.pop(key, None)
    filled = {"type": component["type"], "custom_id": component["custom_id"], "id": component.get("id", 1)}
    if component["type"] in SELECTS:
        return filled | {"values": list(given or [])}
    text = component.get("value") or "" if given is None else str(given)
    if component.get("required", True) and not text:
        raise CannotSend(f"the field {label!r} is required")
    return filled | {"value": text}
