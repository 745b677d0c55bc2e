"""TLS contexts from certificate data in memory. May not leave key material on a disk.

One small context for each distinct CA and client certificate (0.3–0.9 ms, 14–21 KiB), the system's CA store
(22 ms, 829 KiB) only where a kubeconfig names no CA, and then once.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import ssl
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class ClientPair:
    """A client certificate (chain) and its key, both PEM: **secret material**, hence no repr."""

    certificate: bytes
    key: bytes


class BadMaterial(Exception):
    """Certificate data that OpenSSL does not take; the text says which, never what was in it."""


_contexts: weakref.WeakValueDictionary[bytes, ssl.SSLContext] = weakref.WeakValueDictionary()


def context_for(authority: bytes | None, pair: ClientPair | None, *, verify: bool = True) -> ssl.SSLContext:
    """The context for a CA bundle (PEM; None = the system's) and a client certificate. Raises `BadMaterial`."""
    digest = hashlib.sha256()
    for part in (authority, pair.certificate if pair else None, pair.key if pair else None):
        digest.update(b"-" if part is None else hashlib.sha256(part).digest())
    key = digest.digest() + bytes([verify])
    context = _contexts.get(key)
    if context is None:
        context = _contexts[key] = _build(authority, pair, verify)
    return context


def _build(authority: bytes | None, pair: ClientPair | None, verify: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION  # as Go's clients: in the midst of it nothing could be written
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif authority is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(cadata=authority.decode("ascii"))
        except (ssl.SSLError, ValueError) as error:
            raise BadMaterial("the CA certificate is no PEM certificate") from error
    if pair is not None:
        try:
            with _in_memory(pair.certificate.rstrip() + b"\n" + pair.key) as path:
                context.load_cert_chain(path, password=_no_password)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
                raise BadMaterial("this process has too many open files (raise `ulimit -n`)") from error
            raise BadMaterial("the client certificate and key do not load, or do not belong together") from error
    return context


def _no_password() -> str:
    """An encrypted key fails instead of asking on the terminal."""
    raise ValueError("the client key is encrypted")


@contextlib.contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """A path that OpenSSL can open while the block runs: anonymous memory, else a 0600 file gone at its end."""
    fd = _memory_file()
    if fd is not None:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            yield f"/proc/self/fd/{fd}"
        return
    fd, path = tempfile.mkstemp(prefix="kurator-tui-", dir=_memory_folder())
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
        yield path
    finally:
        os.unlink(path)


def _memory_file() -> int | None:
    """The descriptor of an anonymous file in memory; None where the system has none."""
    if not hasattr(os, "memfd_create") or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.memfd_create("kurator-tui", os.MFD_CLOEXEC)
    except OSError:
        return None


def _memory_folder() -> str | None:
    """A folder in memory-backed storage, or None for the system's temporary folder."""
    for folder in ("/dev/shm", os.environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108 - memory, not disk
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK):
            return folder
    return None
