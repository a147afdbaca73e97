"""What Discord does without promising it, each to be taken away: nobody should depend on it."""

from dataclasses import dataclass


@dataclass
class Manners:
    """As Discord is known to be. `plain()` keeps its promises and no more."""

    nonce_seconds: float = 300.0
    """How long a nonce is remembered: "a few minutes"."""
    keeps_component_ids: bool = True
    """Whether a component that was sent with an id has it when it is read again."""
    pages_after: bool = True
    """Whether messages can be listed from one onwards; else `after` is a 400."""
    tells_threads: bool = True
    """Whether the gateway announces the threads that the bot opens."""
    fills_in: bool = True
    """Whether answers hold fields that Discord's description calls optional."""
    guild_delay_seconds: float = 0.0
    """How long after READY the servers are announced."""

    @classmethod
    def plain(cls) -> "Manners":
        return cls(
            nonce_seconds=120.0,
            keeps_component_ids=False,
            pages_after=False,
            tells_threads=False,
            fills_in=False,
            guild_delay_seconds=0.8,
        )
