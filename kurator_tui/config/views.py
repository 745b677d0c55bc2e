"""Columns of the user's own, in `views.yaml` of the config directory; a broken entry costs nothing but itself.

pods:
  columns:
    - {key: ip, title: IP, path: status.podIP, after: node}
  hide: [qos]
  order: [name, restarts]
  sort: -restarts

A kind is named by any of its names; one that only clusters know by its plural and group, as in
`widgets.example.com`. Paths are those of `kinds.paths`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kurator_tui.config.paths import views_file
from kurator_tui.config.reading import FileProblem
from kurator_tui.config.watched_file import WatchedFile
from kurator_tui.kinds.arranging import Arrangement, Arrangements, ColumnView, column_fault, fitted


class Views(NamedTuple):
    """What the file says: what can be done, and what is wrong with the rest, each with its line."""

    arrangements: Arrangements
    problems: tuple[str, ...] = ()


NOTHING = Views({})


class ViewsFile(WatchedFile):
    """The user's file."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path or views_file())

    def read(self) -> Views:
        """What the file says now; nothing when there is none. Raises FileProblem when it cannot be read at all."""
        text = self.text()
        return NOTHING if text is None else parse(text, str(self.path))


def load(path: Path | None = None) -> Views:
    """What the file says; when it cannot be read at all, that is its only problem."""
    try:
        return ViewsFile(path).read()
    except FileProblem as problem:
        return Views({}, (str(problem),))


def parse(text: str, name: str) -> Views:
    """`text` of the file `name`. Raises FileProblem when it is no YAML, or no list of kinds."""
    import yaml  # 20 ms that a start without any such file does not pay

    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return NOTHING
        if not isinstance(root, yaml.MappingNode):
            raise FileProblem(
                f"{name} line {root.start_mark.line + 1}: expected kinds with what is wanted of each"
            )
        reading = _Reading(name, loader)
        for key, value in root.value:
            reading.kind(key, value)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark is not None else ""
        raise FileProblem(f"{name}{where}: {getattr(error, 'problem', None) or error}") from None
    finally:
        loader.dispose()
    return Views(reading.found, tuple(reading.problems))


class _Wrong(Exception):
    """What is wrong with one entry."""


class _Reading:
    """One file on its way to arrangements; nodes are YAML's, which know their lines."""

    def __init__(self, name: str, loader: Any) -> None:
        self.found: Arrangements = {}
        self.problems: list[str] = []
        self._name = name
        self._loader = loader

    def kind(self, key: Any, value: Any) -> None:
        """One kind with what is wanted of it."""
        from kurator_tui.kinds.registry import WRITTEN

        word = str(key.value)
        try:
            id = _kind_id(word)
            if id in self.found:
                raise _Wrong(f"{id} is there already")
            wanted, lines = self._arrangement(word, value)
        except _Wrong as wrong:
            self._say(key, word, str(wrong))
            return
        if id in WRITTEN:
            asked = wanted
            wanted, faults = fitted(WRITTEN[id], asked)
            for fault in faults:
                about = f"column {asked.columns[fault.at].key}" if fault.part == "columns" else fault.part
                self._say(lines[(fault.part, fault.at)], f"{word}: {about}", fault.text)
        self.found[id] = wanted

    def _arrangement(self, word: str, node: Any) -> tuple[Arrangement, dict[tuple[str, int], Any]]:
        """What is wanted of one kind, as far as it can be read, and the node of each of its entries."""
        parts: dict[str, Any] = {}
        lines: dict[tuple[str, int], Any] = {}
        for key, value in self._pairs(node):
            part = str(key.value)
            if part not in _PARTS or part in parts:
                problem = f"there is a second {part}" if part in parts else f"expected {', '.join(_PARTS)}"
                self._say(key, f"{word}: {part}", problem)
            elif part == "sort":
                parts[part] = self._text(word, part, value)
                lines[(part, 0)] = value
            else:
                entries = self._columns(word, value) if part == "columns" else self._keys(word, part, value)
                parts[part] = tuple(entry for entry, _node in entries)
                lines |= {(part, at): its for at, (_entry, its) in enumerate(entries)}
        return Arrangement(**parts), lines

    def _pairs(self, node: Any) -> list[tuple[Any, Any]]:
        if node.id != "mapping":
            raise _Wrong(f"expected {', '.join(_PARTS)}")
        pairs: list[tuple[Any, Any]] = node.value
        return pairs

    def _columns(self, word: str, node: Any) -> list[tuple[ColumnView, Any]]:
        found: list[tuple[ColumnView, Any]] = []
        for at, item in enumerate(self._items(word, "columns", node)):
            try:
                column = msgspec.convert(self._plain(item), ColumnView)
                fault = column_fault(column)
                if any(known.key == column.key for known, _node in found):
                    fault = f"there is a second column {column.key}"
            except (msgspec.ValidationError, _Wrong) as error:
                fault = str(error)
            if fault:
                self._say(item, f"{word}: columns: entry {at + 1}", fault)
            else:
                found.append((column, item))
        return found

    def _keys(self, word: str, part: str, node: Any) -> list[tuple[str, Any]]:
        return [
            (text, item) for item in self._items(word, part, node) if (text := self._text(word, part, item)) != ""
        ]

    def _plain(self, node: Any) -> Any:
        """The data of `node`. Raises _Wrong for tags and keys that are none."""
        import yaml

        try:
            return self._loader.construct_object(node, deep=True)
        except yaml.YAMLError as error:
            raise _Wrong(str(getattr(error, "problem", None) or error)) from None

    def _items(self, word: str, part: str, node: Any) -> list[Any]:
        if node.id != "sequence":
            self._say(node, f"{word}: {part}", "expected a list")
            return []
        items: list[Any] = node.value
        return items

    def _text(self, word: str, part: str, node: Any) -> str:
        value = node.value if node.id == "scalar" else None
        if isinstance(value, str) and value:
            return value
        self._say(node, f"{word}: {part}", "expected the key of a column")
        return ""

    def _say(self, node: Any, place: str, text: str) -> None:
        self.problems.append(f"{self._name} line {node.start_mark.line + 1}: {place}: {text}")


_PARTS = tuple(Arrangement.__struct_fields__)


def _kind_id(word: str) -> str:
    """The kind that `word` names; with a group it may be one that only clusters know."""
    from kurator_tui.kinds.registry import WRITTEN, find, near

    wanted = word.casefold()
    if wanted in WRITTEN:
        return wanted
    found = find(word)
    if len(found) == 1:
        return found[0].id
    if found:
        raise _Wrong(f"{word} may mean {' or '.join(kind.id for kind in found)}: say which")
    if "." in wanted.strip("."):
        return wanted
    alike = near(word)
    hint = f"did you mean {' or '.join(alike)}?" if alike else "one that only clusters know needs its group"
    raise _Wrong(f"no kind is called {word}; {hint}")
