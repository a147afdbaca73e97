"""The form in which a moderator gives what opens a private feed.

A form rather than options of the command: Discord keeps what is typed into a command in the box to be sent again, and
shows it to whoever looks over a shoulder.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

import discord

from bot.locales import Words
from bot.messages.replies import Interaction, send_refusal
from bot.models import Credentials
from bot.sources.credentials import MAX_LENGTH, basic, bearer, custom

WAYS = ("basic", "bearer", "header")

_OPEN: "WeakValueDictionary[str, CredentialsForm]" = WeakValueDictionary()

_SECONDS = 900.0
"""How long the form may stay open; Discord's own limit for an answer."""
_MAKERS: dict[str, Callable[..., Credentials]] = {"basic": basic, "bearer": bearer, "header": custom}
_FIELDS = {"basic": ("user", "password"), "bearer": ("token",), "header": ("header", "value")}


def is_open(custom_id: str) -> bool:
    """Whether a form is still waited for: not one of before a restart, and not one that lay open for too long."""
    form = _OPEN.get(custom_id)
    return form is not None and not form.is_finished()


class CredentialsForm(discord.ui.Modal):
    """`submitted` is given the interaction to answer, and what makes the credentials or raises RequestRefused."""

    def __init__(
        self,
        way: str,
        words: Words,
        submitted: Callable[[Interaction, Callable[[], Credentials]], Awaitable[None]],
    ) -> None:
        super().__init__(title=words("form.auth.title"), timeout=_SECONDS)
        self._way = way
        self._words = words
        self._submitted = submitted
        self._inputs = [
            discord.ui.TextInput[Any](custom_id=name, max_length=MAX_LENGTH, required=True) for name in _FIELDS[way]
        ]
        self.add_item(discord.ui.TextDisplay(words("form.auth.note")))
        for name, field in zip(_FIELDS[way], self._inputs, strict=True):
            self.add_item(discord.ui.Label(text=words(f"form.auth.{name}"), component=field))
        _OPEN[self.custom_id] = self

    def credentials(self) -> Credentials:
        return _MAKERS[self._way](*(field.value for field in self._inputs))

    async def on_submit(self, interaction: Interaction, /) -> None:
        await self._submitted(interaction, self.credentials)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        await send_refusal(interaction, error, self._words)
