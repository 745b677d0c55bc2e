"""Each layer without a screen is imported in its own process and must not bring Textual or the network with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

UI_FREE = (
    "kinds.registry",
    "store.view",
    "link.session",
    "api.connection",
    "fleet.hub",
    "feeder.feeder",
    "demo.serve",
)
NETWORK_FREE = ("kinds.registry", "store.view", "link.session", "link.spawn", "config.settings", "app")
NETWORK = ("aiohttp", "kubernetes", "requests", "prometheus_api_client", "kurator_tui.api", "kurator_tui.fleet")


def imported(module: str, names: tuple[str, ...]) -> list[str]:
    """Which of `names` are in sys.modules after importing `module` in a fresh interpreter."""
    code = f"import sys, kurator_tui.{module}; print(*[n for n in {names!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("module", UI_FREE)
def test_layer_without_a_screen_imports_no_textual(module: str) -> None:
    assert imported(module, ("textual", "rich")) == []


@pytest.mark.parametrize("module", NETWORK_FREE)
def test_console_side_imports_no_network_code(module: str) -> None:
    assert imported(module, NETWORK) == []
