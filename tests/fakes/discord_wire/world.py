"""The server-side state: users, guilds, roles, channels, threads, and how Discord writes them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.discord_wire.permissions import EVERYONE, combine

if TYPE_CHECKING:
    from tests.fakes.discord_wire.messages import Message

TEXT, DM, VOICE, CATEGORY, ANNOUNCEMENT, ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = (
    0,
    1,
    2,
    4,
    5,
    10,
    11,
    12,
    15,
)
THREADS = (ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)
_EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Ids that carry their time, as Discord's do, and never repeat."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> int:
        self._last = max(self._last + 1, (int(time.time() * 1000) - _EPOCH_MS) << 22)
        return self._last


def timestamp(moment: datetime | None = None) -> str:
    return (moment or datetime.now(UTC)).isoformat(timespec="microseconds")


@dataclass(eq=False)
class User:
    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"

    def payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None if self.bot else self.name.capitalize(),
            "avatar": None,
            "bot": self.bot,
            "system": False,
            "public_flags": 0,
            "flags": 0,
            "banner": None,
            "accent_color": None,
            "avatar_decoration_data": None,
            "collectibles": None,
            "primary_guild": None,
            "clan": None,
        }


@dataclass(eq=False)
class Role:
    id: int
    name: str
    permissions: int
    position: int = 0

    def payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "description": None,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": True,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


@dataclass(eq=False)
class Membership:
    """A user in a guild."""

    guild: Guild
    user: User
    roles: list[Role] = field(default_factory=list)
    joined_at: str = field(default_factory=timestamp)

    @property
    def id(self) -> int:
        return self.user.id

    def permissions_in(self, channel: Channel) -> int:
        root = channel.parent if channel.is_thread and channel.parent else channel
        pairs = [root.overwrites.get(self.guild.everyone.id, (0, 0))]
        pairs += [root.overwrites[role.id] for role in self.roles if role.id in root.overwrites]
        return combine(
            is_owner=self.guild.owner is self.user,
            role_permissions=[self.guild.everyone.permissions, *(role.permissions for role in self.roles)],
            overwrites=pairs,
            own_overwrite=root.overwrites.get(self.user.id),
        )

    def payload(self) -> dict[str, Any]:
        return {
            "user": self.user.payload(),
            "roles": [str(role.id) for role in self.roles],
            "nick": None,
            "avatar": None,
            "banner": None,
            "joined_at": self.joined_at,
            "premium_since": None,
            "communication_disabled_until": None,
            "pending": False,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "unusual_dm_activity_until": None,
            "collectibles": None,
            "avatar_decoration_data": None,
        }


@dataclass(eq=False)
class Channel:
    id: int
    guild: Guild | None
    kind: int
    name: str
    position: int = 0
    parent: Channel | None = None
    topic: str | None = None
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    """(allow, deny) by the id of a role or a user."""
    tags: dict[int, str] = field(default_factory=dict)
    requires_tag: bool = False
    recipient: User | None = None
    owner_id: int | None = None
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    slow_mode_seconds: int = 0
    applied_tags: list[int] = field(default_factory=list)
    created_at: str = field(default_factory=timestamp)
    messages: dict[int, Message] = field(default_factory=dict)
    """Every message by id, ephemeral ones too."""

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    def history(self) -> list[Message]:
        """What everybody sees, oldest first."""
        return [message for message in self.messages.values() if not message.ephemeral]

    def payload(self) -> dict[str, Any]:
        last = max((message.id for message in self.history()), default=None)
        data: dict[str, Any] = {
            "id": str(self.id),
            "type": self.kind,
            "last_message_id": str(last) if last else None,
            "flags": 16 if self.requires_tag else 0,
        }
        if self.guild is None:
            recipients = [self.recipient.payload()] if self.recipient else []
            return data | {"recipients": recipients}
        data |= {
            "guild_id": str(self.guild.id),
            "name": self.name,
            "parent_id": str(self.parent.id) if self.parent else None,
            "rate_limit_per_user": self.slow_mode_seconds,
        }
        if self.is_thread:
            return data | self._thread_part()
        data |= {
            "position": self.position,
            "permission_overwrites": [
                {"id": str(target), "type": int(target not in self.guild.roles), "allow": str(allow), "deny": str(deny)}
                for target, (allow, deny) in self.overwrites.items()
            ],
            "topic": self.topic,
            "nsfw": False,
            "default_thread_rate_limit_per_user": 0,
            "last_pin_timestamp": None,
        }
        if self.kind == VOICE:
            data |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
        if self.kind == FORUM:
            data |= {
                "available_tags": [
                    {"id": str(tag), "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}
                    for tag, name in self.tags.items()
                ],
                "default_reaction_emoji": None,
                "default_sort_order": None,
                "default_forum_layout": 0,
                "default_auto_archive_duration": 1440,
            }
        return data

    def _thread_part(self) -> dict[str, Any]:
        count = len(self.history())
        return {
            "owner_id": str(self.owner_id),
            "message_count": count,
            "total_message_sent": count,
            "member_count": 1,
            "applied_tags": [str(tag) for tag in self.applied_tags],
            "thread_metadata": {
                "archived": self.archived,
                "locked": self.locked,
                "auto_archive_duration": self.auto_archive_minutes,
                "archive_timestamp": self.created_at,
                "create_timestamp": self.created_at,
            },
        }


@dataclass(eq=False)
class Guild:
    id: int
    name: str
    locale: str
    owner: User
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    """Channels and threads."""
    members: dict[int, Membership] = field(default_factory=dict)
    system_channel: Channel | None = None
    available: bool = True

    def __post_init__(self) -> None:
        self.roles[self.id] = Role(self.id, "@everyone", EVERYONE)

    @property
    def everyone(self) -> Role:
        return self.roles[self.id]

    def threads(self) -> Iterator[Channel]:
        return (channel for channel in self.channels.values() if channel.is_thread)

    def payload(self) -> dict[str, Any]:
        """The guild as REST gives it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": None,
            "home_header": None,
            "splash": None,
            "discovery_splash": None,
            "features": ["COMMUNITY", "NEWS"],
            "banner": None,
            "owner_id": str(self.owner.id),
            "application_id": None,
            "region": "us-east",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": str(self.system_channel.id) if self.system_channel else None,
            "system_channel_flags": 0,
            "widget_enabled": False,
            "widget_channel_id": None,
            "verification_level": 0,
            "roles": [role.payload() for role in self.roles.values()],
            "default_message_notifications": 0,
            "mfa_level": 0,
            "explicit_content_filter": 0,
            "max_presences": None,
            "max_members": 500_000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "rules_channel_id": None,
            "safety_alerts_channel_id": None,
            "public_updates_channel_id": None,
            "premium_progress_bar_enabled": False,
            "nsfw": False,
            "nsfw_level": 0,
            "emojis": [],
            "stickers": [],
            "incidents_data": None,
            "inventory_settings": None,
            "hub_type": None,
            "latest_onboarding_question_id": None,
            "moderator_reporting": None,
        }

    def gateway_payload(self, bot: User) -> dict[str, Any]:
        """The guild as GUILD_CREATE announces it to a bot without the members intent."""
        return self.payload() | {
            "joined_at": self.members[bot.id].joined_at,
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "voice_states": [],
            "members": [self.members[bot.id].payload()],
            "channels": [channel.payload() for channel in self.channels.values() if not channel.is_thread],
            "threads": [thread.payload() for thread in self.threads() if not thread.archived],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
