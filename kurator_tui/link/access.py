"""How a Thanos of the user's is asked: references to secrets, never secrets. Crosses the link as it is.

A secret is written as `env:NAME` or `file:PATH`; whoever asks Thanos reads it then, each time, so that a renewed
token is used.
"""

from __future__ import annotations

import msgspec


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Setting `thanos_access`. Everything is empty for a Thanos that wants nothing."""

    token: str = ""
    """Bearer token: `env:NAME` or `file:PATH`."""
    user: str = ""
    """Of basic authentication."""
    password: str = ""
    """`env:NAME` or `file:PATH`."""
    ca: str = ""
    """File of certificates to trust instead of the usual ones."""
    certificate: str = ""
    """File of our own certificate (mTLS)."""
    key: str = ""
    """File of the certificate's key; "" when the certificate's file holds it."""
    headers: dict[str, str] = {}
    """Further headers, such as a tenant; a value may be a reference as well."""
