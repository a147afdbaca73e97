"""After a long silence: a few articles are posted, oldest first, and one line says how many more there are. Pure.

A reader who comes back to a channel reads a screen or two; a hundred cards in a row would bury the conversation, and
at one card a second keep it buried for minutes. Everything stays readable by command.
"""

from datetime import datetime, timedelta

from bot.delivery.preferences import Preferences

CATCH_UP = 10
"""How many of the newest articles a channel is still given, of each source."""

LONG_ABSENCE = timedelta(hours=6)
"""Shorter silences are made up for in full: nobody is surprised by what a morning brought."""


def is_long_absence(now: datetime, *, next_check_at: datetime, last_success_at: datetime | None, failures: int) -> bool:
    """Whether a check that succeeds now ends a long silence: of the bot, which should have checked long ago, or of the
    source, which answered long ago. A source that is checked once a day is silent for no such reason."""
    if failures and last_success_at is not None:
        return now - last_success_at >= LONG_ABSENCE
    return now - next_check_at >= LONG_ABSENCE


def keeps_all(preferences: Preferences) -> bool:
    """Whether a subscription's own settings keep a flood from its channel, so that nothing needs to be summed up."""
    return preferences.max_per_hour is not None or preferences.digest is not None
