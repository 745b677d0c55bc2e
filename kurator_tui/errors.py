"""The one error tree. Every error a user can meet has a title, a message and a hint.

    ConsoleError                    title, message, hint, exit_code
    ├── UsageError                  a bad option or argument                        (exit 2)
    ├── KubeconfigError             the user's kubeconfig cannot be used            (exit 4)
    ├── CredentialError             a member's Secret holds no usable kubeconfig
    │   ├── RefusedCredential       … holds one that would run or read something here
    │   └── ForbiddenCredential     … may not be read by this user
    ├── ApiError                    an API server answered with a Status            (exit 6)
    │   ├── Unauthorized  401       ├── Forbidden 403      ├── NotFound 404
    │   ├── Conflict      409       ├── Expired   410      ├── Throttled 429 (retry_after)
    │   ├── ServerFault   5xx       └── CommandNotFound    (the container's image has no such program)
    ├── TransportError              no answer at all                                (exit 5)
    │   ├── DnsFailure   ├── Refused   ├── TlsFailure   ├── TimedOut   ├── Broken (cut short, not HTTP, not JSON)
    │   ├── TooLarge     (a Broken one: more bytes than are taken; the server is well)
    │   ├── Unanswered   (a write was sent, and nobody said whether it was made)
    │   ├── UpgradeRefused (the server, or something on the way to it, does not do websockets)
    │   └── OutOfFiles   (this process may open no more: nothing is wrong with the server)
    ├── PluginFailure               an exec credential plugin failed (its stderr is in the message)
    ├── AuditFailed                 the audit cannot be written: neither is anything else   (exit 9)
    ├── NotWritten                  a file that was asked for cannot be written
    ├── NotInstalled                the host does not serve Kurator's kinds         (exit 7)
    └── FeederLost                  the process that talks to the clusters ended    (exit 8)

Messages never hold secret material: no tokens, no certificate data, no Secret values.
"""

from __future__ import annotations

from typing import ClassVar


class ConsoleError(Exception):
    """Base of all errors shown to a user."""

    title: ClassVar[str] = "Error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    @property
    def brief(self) -> str:
        """One line for a table cell: the message without its hint."""
        return self.message


class UsageError(ConsoleError):
    title = "Cannot do that"
    exit_code = 2


class KubeconfigError(ConsoleError):
    title = "Kubeconfig cannot be used"
    exit_code = 4


class CredentialError(ConsoleError):
    title = "No usable credentials"
    exit_code = 4


class RefusedCredential(CredentialError):
    title = "Credentials refused"


class ForbiddenCredential(CredentialError):
    title = "Credentials may not be read"


class TransportError(ConsoleError):
    title = "Cannot reach the API server"
    exit_code = 5


class DnsFailure(TransportError):
    title = "Name does not resolve"


class Refused(TransportError):
    title = "Connection refused"


class TlsFailure(TransportError):
    title = "TLS failed"


class TimedOut(TransportError):
    title = "No answer in time"


class Broken(TransportError):
    title = "Broken answer"


class TooLarge(Broken):
    title = "Answer too large"


class Unanswered(TransportError):
    title = "Unknown whether it was written"


class UpgradeRefused(TransportError):
    title = "No websocket to this cluster"


class OutOfFiles(TransportError):
    title = "Too many open files"


class PluginFailure(ConsoleError):
    title = "Credential plugin failed"
    exit_code = 4


class AuditFailed(ConsoleError):
    title = "No audit, no write"
    exit_code = 9


class NotWritten(ConsoleError):
    title = "Not written"


class NotInstalled(ConsoleError):
    title = "Kurator is not installed here"
    exit_code = 7


class FeederLost(ConsoleError):
    title = "The feeder process ended"
    exit_code = 8


class ApiError(ConsoleError):
    """A Status answer: HTTP `code`, Status `reason`, `causes` as (reason, field, message)."""

    title = "The API server refused"
    exit_code = 6

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        code: int = 0,
        reason: str = "",
        causes: tuple[tuple[str, str, str], ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.code = code
        self.reason = reason
        self.causes = causes
        self.retry_after = retry_after


class Unauthorized(ApiError):
    title = "Not logged in"


class Forbidden(ApiError):
    title = "Forbidden"


class NotFound(ApiError):
    title = "Not found"


class Conflict(ApiError):
    title = "Changed by someone else"


class Expired(ApiError):
    title = "Version expired"


class Throttled(ApiError):
    title = "Too many requests"


class ServerFault(ApiError):
    title = "The API server failed"


class CommandNotFound(ApiError):
    title = "No such program in the image"
