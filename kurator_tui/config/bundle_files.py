"""A folder, or a tar, of files that somebody is handed: written whole or not at all, for its owner only.

It is made under a name that nobody looks for and renamed when it is on disk. What is there already is never
touched: the next free name is taken.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kurator_tui.errors import NotWritten

TAR = ".tar.gz"
LONGEST = 80
"""Characters of a name."""
MOST = 1000
"""Names that are tried."""
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_NAME = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9._-]{{0,{LONGEST + 20}}}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
}


def safe_name(*parts: str) -> str:
    """A name for a file from what a cluster says: short, of few characters, nothing that a shell or a path knows.

    Other parts may get the same name.
    """
    name = _ODD.sub("-", "-".join(part for part in parts if part)).strip("-.")[:LONGEST].strip("-.") or "_"
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def write_files(
    folder: Path, name: str, files: Mapping[str, bytes], *, tar: bool = False, at: float = 0.0
) -> Path:
    """Write `files` (relative name -> content) as `folder/name`, or with `tar` as one file; the path it has now.

    `at` (Unix seconds) is the time of what is in a tar. Raises NotWritten: nothing is left then.
    """
    for path in files:
        if not all(_NAME.fullmatch(part) for part in path.split("/")):
            raise ValueError(f"{path!r} is no name for a file of a bundle")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=".bundle-", dir=folder))
    except OSError as error:
        raise _not_written(folder, error) from None
    try:
        if tar:
            made = half / "files"
            _write(made, _packed(name, files, at))
        else:
            made = half / "folder"
            made.mkdir(mode=0o700)
            for path, data in files.items():
                (made / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write(made / path, data)
        return _place(made, folder, name, TAR if tar else "")
    except OSError as error:
        raise _not_written(folder, error) from None
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _not_written(folder: Path, error: OSError) -> NotWritten:
    why = _WHY.get(error.errno or 0, error.strerror or str(error))
    return NotWritten(f"{folder}: {why}; nothing was written")


def _write(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # a disk may say only now that it is full


def _place(made: Path, folder: Path, name: str, ending: str) -> Path:
    """Give it the first free name: one is taken by making what is replaced then."""
    for number in range(1, MOST):
        final = folder / f"{name}{f'-{number}' if number > 1 else ''}{ending}"
        try:
            if ending:
                os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
            else:
                final.mkdir(mode=0o700)
        except FileExistsError:
            continue
        try:
            made.replace(final)
        except OSError:
            with contextlib.suppress(OSError):
                final.unlink() if ending else final.rmdir()
            raise
        return final
    raise FileExistsError(errno.EEXIST, f"there are {MOST} of the name {name}")


def _packed(name: str, files: Mapping[str, bytes], at: float) -> bytes:
    """A tar with everything in one folder."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        folders = {name, *(f"{name}/{above}" for path in files for above in _above(path))}
        for folder in sorted(folders):
            about = tarfile.TarInfo(folder)
            about.type, about.mode, about.mtime = tarfile.DIRTYPE, 0o700, int(at)
            archive.addfile(about)
        for path, data in files.items():
            about = tarfile.TarInfo(f"{name}/{path}")
            about.size, about.mode, about.mtime = len(data), 0o600, int(at)
            archive.addfile(about, io.BytesIO(data))
    return packed.getvalue()


def _above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]
