"""How much one server may follow, where the operator sets a limit. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, Self

from bot.errors import RequestRefused
from bot.models import Source, Subscription


class Followed(Protocol):
    @property
    def source(self) -> Source: ...

    @property
    def subscription(self) -> Subscription: ...


@dataclass(frozen=True, slots=True)
class Quota:
    """None for no limit. A source that is followed in three channels is three subscriptions."""

    sources: int | None = None
    subscriptions: int | None = None


NO_LIMIT = Quota()


@dataclass(slots=True)
class Account:
    """What a server follows, as far as its quota goes."""

    quota: Quota
    channels: dict[str, set[int]] = field(default_factory=dict)
    """By the source's address."""

    @classmethod
    def of(cls, quota: Quota, followed: Iterable[Followed]) -> Self:
        account = cls(quota)
        for each in followed:
            account.add(each.source.url, each.subscription.channel_id)
        return account

    def add(self, url: str, channel_id: int) -> None:
        self.channels.setdefault(url, set()).add(channel_id)

    def require_room_for(self, url: str, channel_id: int) -> None:
        """Raises RequestRefused when the server may not follow this source there too."""
        if channel_id in self.channels.get(url, ()):
            return
        most = self.quota.subscriptions
        if most is not None and sum(map(len, self.channels.values())) >= most:
            raise RequestRefused("quota.subscriptions", most=most)
        most = self.quota.sources
        if most is not None and url not in self.channels and len(self.channels) >= most:
            raise RequestRefused("quota.sources", most=most)
