"""Everything that can go wrong in a way somebody catches.

    CasseCrouteError
    ├── ConfigurationError        a setting is missing or wrong; the process ends with one sentence
    ├── StorageError              the database cannot be reached, or refused
    ├── SourceError               an address cannot be used as a source; carries a FailureReason
    │   ├── AddressRefused        before any request: scheme, credentials in the address, private network
    │   ├── FetchFailed           during the request: DNS, TLS, time, size, status
    │   └── NotReadable           after it: neither a feed nor a page with articles
    ├── DeliveryError             Discord did not take a message
    │   ├── DeliveryPostponed     for now: rate limit, 5xx, lost connection
    │   ├── DestinationLost       until somebody acts: channel gone, permission missing
    │   ├── DeliveryRefused       for good: Discord says the payload is wrong
    │   └── MessageGone           for good: there is no such message to edit, somebody deleted it
    └── RequestRefused            a person asked for something impossible; carries the reply's key

What a person reads is never `str(error)`: it is looked up in `bot.locales` by the error's `key`, filled with its
`params`. `str(error)` is for the log.
"""

from enum import StrEnum


class FailureReason(StrEnum):
    """Why a source failed, in words that a moderator can act on; each has a sentence `failure.<value>`."""

    BAD_ADDRESS = "bad_address"
    ACCESS_IN_ADDRESS = "access_in_address"
    PRIVATE_ADDRESS = "private_address"
    DNS = "dns"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    CHALLENGE = "challenge"
    ROBOTS = "robots"
    NOT_FOUND = "not_found"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    HTTP_STATUS = "http_status"
    BAD_RESPONSE = "bad_response"
    NOT_A_FEED = "not_a_feed"
    NO_FOLDER = "no_folder"
    NO_ARTICLES = "no_articles"
    TOO_SLOW_TO_READ = "too_slow_to_read"


class CasseCrouteError(Exception):
    """Root of everything the project raises on purpose."""

    key = "error.unexpected"

    def __init__(self, message: str, /, **params: object) -> None:
        super().__init__(message)
        self.params = params


class ConfigurationError(CasseCrouteError):
    """An operator's setting is missing or wrong; `key` names the sentence that says which and what to do."""

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(f"{key} {params}", **params)
        self.key = key


class StorageError(CasseCrouteError):
    key = "error.storage"


class SourceError(CasseCrouteError):
    """A source cannot be used now. `retry_after` is in seconds, where the other side said so."""

    def __init__(
        self,
        reason: FailureReason,
        url: str,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{reason} at {url}" + (f": {detail}" if detail else ""), url=url, status=status)
        self.reason = reason
        self.url = url
        self.status = status
        self.retry_after = retry_after

    @property
    def key(self) -> str:  # type: ignore[override]
        return f"failure.{self.reason.value}"


class AddressRefused(SourceError):
    pass


class FetchFailed(SourceError):
    pass


class NotReadable(SourceError):
    pass


class DeliveryError(CasseCrouteError):
    key = "error.delivery"


class DeliveryPostponed(DeliveryError):
    """`retry_after` is in seconds, where Discord said so. `counted` is False for waits that are nobody's failure, and
    `untried` is True where Discord has certainly taken nothing."""

    def __init__(
        self, message: str, *, retry_after: float | None = None, counted: bool = True, untried: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.counted = counted
        self.untried = untried


class DestinationLost(DeliveryError):
    """`reason` is a message key under `suspended.` that says what is missing and what to do."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class DeliveryRefused(DeliveryError):
    pass


class MessageGone(DeliveryError):
    pass


class RequestRefused(CasseCrouteError):
    """A person asked for something that cannot be done; `key` names the sentence that says what to do instead."""

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(f"{key} {params}", **params)
        self.key = key
