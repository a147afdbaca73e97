"""A file as Discord's description wants it."""

from typing import Any

import discord


class Upload(discord.File):
    def to_dict(self, index: int) -> dict[str, Any]:
        """Its number is a string there (MessageAttachmentRequest, SnowflakeType); discord.py sends a number."""
        return {**super().to_dict(index), "id": str(index)}
