"""Discord's permission bits and its rule for combining them."""

from enum import IntFlag


class Can(IntFlag):
    """The bits that a bot of our kind meets; numbers as Discord documents them."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    SEND_POLLS = 1 << 49
    PIN_MESSAGES = 1 << 51


EVERYTHING = (1 << 53) - 1

EVERYONE = int(
    Can.ADD_REACTIONS
    | Can.VIEW_CHANNEL
    | Can.SEND_MESSAGES
    | Can.EMBED_LINKS
    | Can.ATTACH_FILES
    | Can.READ_MESSAGE_HISTORY
    | Can.USE_EXTERNAL_EMOJIS
    | Can.USE_APPLICATION_COMMANDS
    | Can.CREATE_PUBLIC_THREADS
    | Can.SEND_MESSAGES_IN_THREADS
    | Can.SEND_POLLS
)
"""What a new server lets anyone do."""


def combine(
    *,
    is_owner: bool,
    role_permissions: list[int],
    overwrites: list[tuple[int, int]],
    own_overwrite: tuple[int, int] | None,
) -> int:
    """Permissions in a channel. `overwrites` are (allow, deny) pairs: that of @everyone first, then the roles'."""
    base = 0
    for permissions in role_permissions:
        base |= permissions
    if is_owner or base & Can.ADMINISTRATOR:
        return EVERYTHING
    if overwrites:
        (allow, deny), *others = overwrites
        base = base & ~deny | allow
        allowed = denied = 0
        for allow, deny in others:
            allowed, denied = allowed | allow, denied | deny
        base = base & ~denied | allowed
    if own_overwrite:
        allow, deny = own_overwrite
        base = base & ~deny | allow
    return base if base & Can.VIEW_CHANNEL else 0
