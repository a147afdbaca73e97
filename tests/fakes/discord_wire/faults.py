"""Things that go wrong on purpose.

`discord.faults` is a list of rules; each is asked about every request, in order, and the first that answers decides.
A rule is a `Fault`, or any callable that takes the `Request` and returns a `Fault` or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tests.fakes.discord_wire.requests import Request

RULE = Callable[["Request"], "Fault | None"]


@dataclass
class Fault:
    """What happens to the next `times` requests whose "METHOD /path" matches `where`.

    `status` answers with an error instead; `lost` closes the connection without an answer, `cut` in the middle of one.
    With `took_effect` the request is carried out first, and only its answer goes wrong. `delay_seconds` come before
    whatever follows. A 429 carries `retry_after`, and Discord's `Via` header, without which discord.py believes that
    Cloudflare banned it; `tells` says where. `html` is an answer of Cloudflare's rather than of Discord's.
    """

    where: str = r"POST /channels/\d+/messages"
    status: int | None = None
    lost: bool = False
    cut: bool = False
    took_effect: bool = False
    delay_seconds: float = 0
    times: int | None = 1
    code: int = 0
    message: str = "fault injected by the test"
    retry_after: float = 0.2
    is_global: bool = False
    tells: Literal["everywhere", "in the body", "in a header", "nowhere"] = "everywhere"
    html: bool = False
    hits: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Fault | None:
        if self.times is not None and len(self.hits) >= self.times:
            return None
        if not re.fullmatch(self.where, f"{request.method} {request.path}"):
            return None
        self.hits.append(request)
        return self

    @property
    def spoils_answer(self) -> bool:
        return self.lost or self.cut or self.status is not None

    def body(self) -> dict[str, Any]:
        if self.status != 429:
            return {"message": self.message, "code": self.code}
        body: dict[str, Any] = {"message": "You are being rate limited.", "global": self.is_global}
        return body | ({"retry_after": self.retry_after} if self.tells in ("everywhere", "in the body") else {})

    def headers(self) -> dict[str, str]:
        if self.status != 429:
            return {}
        headers = {} if self.html else {"Via": "1.1 google"}
        if self.is_global and self.tells == "everywhere":
            headers["X-RateLimit-Global"] = "true"
        if self.tells in ("everywhere", "in a header"):
            headers["Retry-After"] = str(self.retry_after)
        return headers


def statuses(where: str, *sequence: int | None) -> RULE:
    """Answer the requests that match with these statuses, one each; None lets one through."""
    remaining = list(sequence)

    def rule(request: Request) -> Fault | None:
        if not remaining or not re.fullmatch(where, f"{request.method} {request.path}"):
            return None
        status = remaining.pop(0)
        return Fault(where, status=status) if status is not None else None

    return rule
