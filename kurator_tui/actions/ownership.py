"""placeholder"""

from __future__ import annotations

from kurator_tui.actions.plan import Draft, Reader
from kurator_tui.actions.preview import Tried


async def check(reader: Reader, tried: Tried, draft: Draft) -> bool:
    return False
