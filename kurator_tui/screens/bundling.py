"""From incidents to what is on disk: gather, clear of secrets, draw, write. For the console and for `bundle`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kurator_tui.config.bundle_files import safe_name, write_files
from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.screens.bundle_content import bundle_name, cleared, files, several
from kurator_tui.screens.bundle_gathering import Gathering
from kurator_tui.screens.bundle_pictures import pictures
from kurator_tui.screens.evidence_parts import Evidence
from kurator_tui.screens.source import Source
from kurator_tui.store.trail import Trail


class Bundling:
    """What bundles are made of, and how they look."""

    def __init__(
        self,
        source: Source,
        clock: Callable[[], float],
        *,
        theme: str = "",
        ascii_only: bool = False,
        read_only: bool = False,
        trail: Trail | None = None,
    ) -> None:
        self._source, self._clock, self._trail = source, clock, trail
        self._theme, self._ascii, self._read_only = theme, ascii_only, read_only

    async def write(
        self,
        rows: Sequence[IncidentRow],
        folder: Path,
        *,
        tar: bool = False,
        known: Mapping[str, Evidence] | None = None,
    ) -> Path:
        """One bundle of `rows` in `folder`; `known` is evidence by uid that is there. Raises NotWritten."""
        made = {}
        for number, row in enumerate(rows, 1):
            told = await self.files(row, (known or {}).get(row.uid))
            made[f"{number:02}-{safe_name(row.code, row.name)}"] = (row, told)
        now = self._clock()
        alone = len(rows) == 1
        name = bundle_name(rows[0], now) if alone else bundle_name(rows[0], now, len(rows))
        content = next(iter(made.values()))[1] if alone else several(made)
        return await asyncio.to_thread(write_files, folder, name, content, tar=tar, at=now)

    async def files(self, row: IncidentRow, known: Evidence | None = None) -> dict[str, bytes]:
        """The files of one incident."""
        gathered = await Gathering(self._source, row, self._clock, self._trail).gather(known)
        found, redactor = await asyncio.to_thread(cleared, gathered)
        drawn = await pictures(self._source, found, redactor, theme=self._theme, ascii_only=self._ascii)
        return await asyncio.to_thread(files, found, drawn, read_only=self._read_only)
