"""What the bot lacks in a channel is named as Discord's settings name it."""

import discord

from bot.locales import words
from bot.messages.permissions import missing_permissions, permission_names


def test_nothing_is_missing_where_everything_is_granted() -> None:
    assert missing_permissions(discord.Permissions.all()) == ()
    assert missing_permissions(discord.Permissions.all_channel(), in_thread=True) == ()


def test_what_is_missing_is_named_in_order() -> None:
    granted = discord.Permissions(send_messages=True, read_message_history=True)
    missing = missing_permissions(granted)
    assert permission_names(missing, words("fr")) == ("Voir le salon", "Intégrer des liens")
    assert permission_names(missing, words("en")) == ("View Channel", "Embed Links")


def test_threads_have_a_permission_of_their_own() -> None:
    granted = discord.Permissions.all()
    granted.update(send_messages_in_threads=False)
    assert missing_permissions(granted) == ()
    assert missing_permissions(granted, in_thread=True) == ("send_messages_in_threads",)


def test_every_permission_has_its_name_in_both_languages() -> None:
    for in_thread in (False, True):
        missing = missing_permissions(discord.Permissions.none(), in_thread=in_thread)
        assert len(permission_names(missing, words("fr"))) == len(permission_names(missing, words("en"))) == 4
