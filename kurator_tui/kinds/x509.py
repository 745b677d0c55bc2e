"""When certificates end, read from their bytes: one field of them is wanted, no library is loaded. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
MOST = 64
"""Certificates of a bundle that are looked at."""


def pem_expiry(pem: bytes) -> float | None:
    """Unix seconds at which the first certificate of a PEM file expires; None if it cannot be read."""
    return next(iter(pem_expiries(pem, 1)), None)


def pem_expiries(pem: bytes, most: int = MOST) -> list[float]:
    """The same of the first `most` certificates; those that cannot be read are left out."""
    found = []
    for _, match in zip(range(most), _PEM.finditer(pem), strict=False):
        try:
            expiry = der_expiry(base64.b64decode(match.group(1)))
        except binascii.Error:
            continue
        if expiry is not None:
            found.append(expiry)
    return found


def der_expiry(der: bytes) -> float | None:
    """Unix seconds of `notAfter` of a DER certificate; None if it cannot be read.

    RFC 5280 §4.1: Certificate{ tbs{ [0] version?, serial, algorithm, issuer, validity{ notBefore, notAfter } … } }
    """
    try:
        tbs = _children(_children(der)[0][1])[0][1]
        fields = [field for field in _children(tbs) if field[0] != 0xA0]
        tag, text = _children(fields[3][1])[1]
    except (IndexError, ValueError):
        return None
    stamp = text.decode("ascii", "replace")
    if tag == 0x17:  # UTCTime has two digits of year: 1950 … 2049
        stamp = ("20" if stamp[:2] < "50" else "19") + stamp
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _children(data: bytes) -> list[tuple[int, bytes]]:
    """The (tag, content) items of a DER sequence's content."""
    items, position = [], 0
    while position < len(data):
        tag, length = data[position], data[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[position : position + size], "big")
            position += size
        if position + length > len(data):
            raise ValueError("cut short")
        items.append((tag, data[position : position + length]))
        position += length
    return items
