"""What the bot asked, kept for the test to look at, and the errors that Discord answers with."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_wire.description import Operation


@dataclass(eq=False)
class Request:
    method: str
    path: str
    """Below /api/v10."""
    query: dict[str, str]
    body: Any
    uploads: list[str]
    headers: dict[str, str]
    at: float
    """Monotonic seconds."""
    operation: Operation | None = None
    status: int | None = None
    """None while it is being answered, and when the answer was withheld."""
    answer: Any = None
    violations: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """ "POST /channels/{channel_id}/messages": the same for all channels."""
        return f"{self.method} {self.operation.template if self.operation else self.path}"

    def __repr__(self) -> str:
        return f"<{self.method} {self.path} -> {self.status}>"


class Refused(Exception):
    """Discord says no: an HTTP status with its own code and words."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def unauthorised() -> Refused:
    return Refused(401, 0, "401: Unauthorized")


def missing_access() -> Refused:
    return Refused(403, 50001, "Missing Access")


def missing_permissions() -> Refused:
    return Refused(403, 50013, "Missing Permissions")


def unknown(thing: str) -> Refused:
    codes = {
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "Webhook": 10015,
        "Interaction": 10062,
    }
    codes |= {"application command": 10063, "User": 10013}
    return Refused(404, codes[thing], f"Unknown {thing}")


def invalid_form(lines: list[str]) -> Refused:
    """Discord's 50035, with each line at its place in the nested `errors`."""
    errors: dict[str, Any] = {}
    for line in lines:
        place, _, words = line.partition(": ")
        level = errors
        for step in re.findall(r"\w+", place.removeprefix("body")):
            level = level.setdefault(step, {})
        level.setdefault("_errors", []).append({"code": "INVALID", "message": words})
    return Refused(400, 50035, "Invalid Form Body", errors)
