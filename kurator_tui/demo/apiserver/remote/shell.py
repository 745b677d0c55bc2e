"""A pretend shell: words, quotes, `$NAME`, `;`, `&&`, `||`, `> /dev/null`, and a prompt on a terminal.

No pipes, no jobs, no globs: enough to look around in a container that does not exist, and to be started the way
tools start a shell (`sh -c 'command -v bash >/dev/null && exec bash || exec sh'`).
"""

import asyncio
import re
import shlex
from collections.abc import Sequence

from kurator_tui.demo.apiserver.remote.programs import PROGRAMS, Place

INTERRUPTED, NOT_FOUND = 130, 127
_VARIABLE = re.compile(r"\$(\w+|\?|\$)")
_OPERATORS = frozenset({";", "&&", "||"})


class Exit(Exception):
    """The shell ends, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Shell:
    """One process: a program with its arguments, or a shell."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._code = 0
        self._running: asyncio.Task[int] | None = None
        self._interrupted = asyncio.Event()

    async def run(self, command: Sequence[str]) -> int:
        """The exit code of a command (its program is one of the container's)."""
        try:
            return await self._program(list(command))
        except Exit as end:
            return end.code

    def interrupt(self) -> None:
        """Ctrl-C: end what runs in the foreground."""
        self._interrupted.set()
        if self._running is not None:
            self._running.cancel()

    def has(self, program: str) -> bool:
        """Whether the container holds a program."""
        name = program.rpartition("/")[2]
        return bool(self.place.box.shells) and (name in self.place.box.shells or name in PROGRAMS)

    # -- lines ------------------------------------------------------------------------------------------------

    async def _shell(self, words: list[str]) -> int:
        name = words[0].rpartition("/")[2]
        if "-c" in words:
            return await self._script(" ".join(words[words.index("-c") + 1 :][:1]))
        while True:
            await self._prompt(name)
            line = await self._line()
            if line is None:
                if self.place.size is not None:
                    await self.place.out(b"exit\n")
                return self._code
            self._code = await self._script(line.decode("utf-8", "replace").strip())

    async def _line(self) -> bytes | None:
        """The next line; b"" when Ctrl-C was typed instead."""
        self._interrupted.clear()
        reading = asyncio.ensure_future(self.place.input.line())
        interrupted = asyncio.ensure_future(self._interrupted.wait())
        try:
            await asyncio.wait({reading, interrupted}, return_when=asyncio.FIRST_COMPLETED)
            return reading.result() if reading.done() else b""
        finally:
            reading.cancel()
            interrupted.cancel()

    async def _prompt(self, name: str) -> None:
        if self.place.size is not None:
            shown = (
                f"root@{self.place.box.pod}:{self.place.folder}# " if name == "bash" else f"{self.place.folder} # "
            )
            await self.place.out(shown.encode())

    async def _script(self, text: str) -> int:
        """Run a line. Raises `Exit`."""
        try:
            lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|<>")
            lexer.whitespace_split = True
            lexer.commenters = "#"
            tokens = list(lexer)
        except ValueError:
            await self.place.err(b"sh: syntax error: unterminated quoted string\n")
            return 2
        code, operator, words = self._code, ";", list[str]()
        for token in [*tokens, ";"]:
            if token not in _OPERATORS:
                words.append(token)
                continue
            if words and (operator == ";" or (operator == "&&") == (code == 0)):
                code = self._code = await self._simple([self._expanded(word) for word in words])
            operator, words = (token if words or token == ";" else operator), []
        return code

    def _expanded(self, word: str) -> str:
        special = {"?": str(self._code), "$": "27"}
        return _VARIABLE.sub(lambda m: special.get(m[1]) or self.place.environment.get(m[1], ""), word)

    async def _simple(self, words: list[str]) -> int:
        """One command, whose output or errors may go to a file: all files are /dev/null here."""
        place, out, err = self.place, self.place.out, self.place.err
        while len(words) > 2 and words[-2].startswith(">"):
            errors_only = words[-3] == "2"
            if words[-2] == ">&":
                place.err = place.out
            elif errors_only:
                place.err = _nowhere
            else:
                place.out = _nowhere
            words = words[: -3 if errors_only else -2]
        try:
            return await self._foreground(words) if words else 0
        finally:
            place.out, place.err = out, err

    async def _foreground(self, words: list[str]) -> int:
        """One command, which Ctrl-C ends without ending the shell."""
        name = words[0]
        if name in ("exit", "cd", "export", "command", "exec"):
            return await self._builtin(words)
        if not self.has(name):
            await self.place.err(f"sh: {name}: not found\n".encode())
            return NOT_FOUND
        if name in self.place.box.shells:
            return await self.run(words)
        self._running = asyncio.ensure_future(self._program(words))
        try:
            await asyncio.wait({self._running})
            return INTERRUPTED if self._running.cancelled() else self._running.result()
        finally:
            self._running.cancel()
            self._running = None

    async def _builtin(self, words: list[str]) -> int:
        name, rest = words[0], words[1:]
        if name == "exit":
            raise Exit(int(rest[0]) & 255 if rest and rest[0].isdigit() else self._code)
        if name == "exec" and rest:
            raise Exit(await self._foreground(rest))
        if name == "command":
            found = [f"/bin/{word}\n" for word in rest if not word.startswith("-") and self.has(word)]
            await self.place.out("".join(found).encode())
            return 0 if found else NOT_FOUND
        if name == "export":
            self.place.environment.update(
                (name, value) for name, set_, value in (w.partition("=") for w in rest) if set_
            )
            return 0
        return await self._change_folder(rest)

    async def _change_folder(self, words: list[str]) -> int:
        path = self.place.path(words[0] if words else self.place.environment.get("HOME", "/"))
        if self.place.box.children(path) is None:
            await self.place.err(
                f"sh: cd: can't cd to {words[0] if words else path}: No such file or directory\n".encode()
            )
            return 2
        self.place.folder = path
        return 0

    async def _program(self, words: list[str]) -> int:
        name = words[0].rpartition("/")[2]
        if name in self.place.box.shells:
            return await self._shell(words)
        return await PROGRAMS[name](self.place, words[1:])


async def _nowhere(_data: bytes) -> None:
    """/dev/null."""
