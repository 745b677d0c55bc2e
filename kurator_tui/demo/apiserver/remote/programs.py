"""The programs of a container, a small set: what each prints, from its arguments and the `Box`.

Most only print; those that take time or read (`cat`, `seq`, `sleep`, `yes`) write as they go, so that whoever does
not read makes them wait, and can be cancelled.
"""

import asyncio
import posixpath
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kurator_tui.demo.apiserver.remote.box import Box
from kurator_tui.demo.apiserver.remote.terminal import Input, Write

_PIECE = 16 * 1024


@dataclass(slots=True)
class Place:
    """Where a program runs: its container, its streams, and what a shell hands on to it.

    `size` is the terminal's (columns, rows), None without one.
    """

    box: Box
    clock: Callable[[], float]
    out: Write
    err: Write
    input: Input
    size: tuple[int, int] | None = None
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """`name` as an absolute path."""
        return posixpath.normpath(posixpath.join(self.folder, name))


Program = Callable[[Place, list[str]], Awaitable[int]]


async def _print(place: Place, text: str) -> int:
    await place.out(text.encode())
    return 0


async def _complain(place: Place, text: str, code: int = 1) -> int:
    await place.err(f"{text}\n".encode())
    return code


async def _echo(place: Place, words: list[str]) -> int:
    bare = words[:1] == ["-n"]
    return await _print(place, " ".join(words[bare:]) + ("" if bare else "\n"))


async def _ls(place: Place, words: list[str]) -> int:
    long = any(word.startswith("-") and "l" in word for word in words)
    every = any(word.startswith("-") and "a" in word for word in words)
    code, text = 0, ""
    for name in [word for word in words if not word.startswith("-")] or ["."]:
        path = place.path(name)
        names = place.box.children(path)
        if names is None and path not in place.box.files:
            code = await _complain(place, f"ls: {name}: No such file or directory", 2)
            continue
        shown = [each for each in names or [name] if every or not each.startswith(".")]
        text += "".join(_entry(place, path, each) for each in shown) if long else "".join(f"{n}\n" for n in shown)
    await _print(place, text)
    return code


def _entry(place: Place, folder: str, name: str) -> str:
    path = folder if folder in place.box.files else posixpath.join(folder, name)
    content = place.box.files.get(path)
    kind = "drwxr-xr-x" if content is None else "-rw-r--r--"
    size = 4096 if content is None else len(content.encode())
    return f"{kind}    1 root     root     {size:9d} Jan  1 00:00 {name}\n"


async def _cat(place: Place, words: list[str]) -> int:
    if not words:
        while (line := await place.input.line()) is not None:
            await place.out(line)
        return 0
    code = 0
    for name in words:
        path = place.path(name)
        if path in place.box.files:
            await _print(place, place.box.files[path])
        else:
            why = "No such file or directory" if place.box.children(path) is None else "Is a directory"
            code = await _complain(place, f"cat: {name}: {why}")
    return code


async def _env(place: Place, _words: list[str]) -> int:
    return await _print(place, "".join(f"{name}={value}\n" for name, value in place.environment.items()))


async def _ps(place: Place, _words: list[str]) -> int:
    rows = [(1, place.box.command), (27, "sh"), (34, "ps")]
    return await _print(
        place, "PID   USER     TIME  COMMAND\n" + "".join(f"{n:5d} root      0:00 {c}\n" for n, c in rows)
    )


async def _date(place: Place, _words: list[str]) -> int:
    now = datetime.fromtimestamp(place.clock(), UTC)
    return await _print(place, now.strftime("%a %b %d %H:%M:%S UTC %Y\n"))


async def _stty(place: Place, words: list[str]) -> int:
    if place.size is None:
        return await _complain(place, "stty: standard input: Not a tty")
    if words == ["size"]:
        return await _print(place, f"{place.size[1]} {place.size[0]}\n")
    return await _print(place, f"speed 38400 baud; rows {place.size[1]}; columns {place.size[0]};\n")


async def _seq(place: Place, words: list[str]) -> int:
    if not words or not all(word.lstrip("-").isdigit() for word in words[:2]):
        return await _complain(place, "seq: usage: seq [FIRST] LAST")
    first, last = (1, int(words[0])) if len(words) == 1 else (int(words[0]), int(words[1]))
    piece = bytearray()
    for number in range(first, last + 1):
        piece += b"%d\n" % number
        if len(piece) >= _PIECE:
            await place.out(bytes(piece))
            piece.clear()
    await place.out(bytes(piece))
    return 0


async def _yes(place: Place, words: list[str]) -> int:
    line = (" ".join(words) or "y").encode() + b"\n"
    piece = line * max(1, _PIECE // len(line))
    while True:
        await place.out(piece)
        await asyncio.sleep(0)


async def _sleep(_place: Place, words: list[str]) -> int:
    await asyncio.sleep(min(float(words[0]) if words and words[0].isdigit() else 1.0, 3600.0))
    return 0


async def _pwd(place: Place, _words: list[str]) -> int:
    return await _print(place, f"{place.folder}\n")


async def _hostname(place: Place, _words: list[str]) -> int:
    return await _print(place, f"{place.box.pod}\n")


async def _whoami(place: Place, _words: list[str]) -> int:
    return await _print(place, "root\n")


async def _id(place: Place, _words: list[str]) -> int:
    return await _print(place, "uid=0(root) gid=0(root) groups=0(root)\n")


async def _uname(place: Place, words: list[str]) -> int:
    return await _print(place, f"Linux {place.box.pod} 6.6.41-demo x86_64 GNU/Linux\n" if words else "Linux\n")


async def _true(_place: Place, _words: list[str]) -> int:
    return 0


async def _false(_place: Place, _words: list[str]) -> int:
    return 1


async def _clear(place: Place, _words: list[str]) -> int:
    return await _print(place, "\x1b[H\x1b[2J")


async def _help(place: Place, _words: list[str]) -> int:
    return await _print(place, f"A demo: {' '.join(sorted(PROGRAMS))} cd command exec exit\n")


PROGRAMS: dict[str, Program] = {
    "cat": _cat,
    "clear": _clear,
    "date": _date,
    "echo": _echo,
    "env": _env,
    "false": _false,
    "help": _help,
    "hostname": _hostname,
    "id": _id,
    "ls": _ls,
    "printenv": _env,
    "ps": _ps,
    "pwd": _pwd,
    "seq": _seq,
    "sleep": _sleep,
    "stty": _stty,
    "true": _true,
    "uname": _uname,
    "whoami": _whoami,
    "yes": _yes,
}
