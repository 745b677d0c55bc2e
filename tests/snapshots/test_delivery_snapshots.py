"""Pictures of what Applications deliver, and of the chain from one of them to its objects."""

from __future__ import annotations

import pytest

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds import homes
from tests.snapshots.test_snapshots import SIZES, Compare
from tests.ui.delivery_source import delivering
from tests.ui.estate import NOW


@SIZES
@pytest.mark.parametrize("keys", [[], ["/", *"webapp", "enter", "enter"]], ids=["deliveries", "chain"])
def test_delivery(
    snap_compare: Compare, size: tuple[int, int], keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        homes._SECTIONS, "delivery", homes.HOMES["delivery"][:2]
    )  # other sections have pictures of their own
    shown = KuratorApp(delivering(), Settings(), clock=lambda: NOW, view="delivery")
    assert snap_compare(shown, press=[*keys, "wait:300"], terminal_size=size)
