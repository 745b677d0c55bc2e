"""Each layer without a screen is imported in its own process and must not bring Textual or the network with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

UI_FREE = (
    "kinds.registry",
    "store.view",
    "link.session",
    "api.connection",
    "metrics.client",
    "fleet.hub",
    "feeder.feeder",
    "demo.serve",
)
NETWORK_FREE = ("kinds.registry", "store.view", "link.session", "link.spawn", "config.settings", "app")
NETWORK = (
    *("aiohttp", "kubernetes", "requests", "prometheus_api_client"),
    *("kurator_tui.api", "kurator_tui.metrics", "kurator_tui.fleet", "kurator_tui.actions"),
)


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


def test_a_feeder_imports_the_metrics_client_with_its_first_query_only() -> None:
    assert imported("feeder.feeder", ("requests", "prometheus_api_client")) == []


def test_a_feeder_imports_what_plans_changes_with_the_first_plan_only() -> None:
    assert imported("feeder.feeder", ("kurator_tui.actions", "kurator_tui.kinds.verbs")) == []


def test_verbs_are_shared_without_what_does_them() -> None:
    assert imported("link.plans", NETWORK) == []


LATER = (
    "yaml",
    "kurator_tui.kinds.registry",
    "kurator_tui.screens.overlays",
    "kurator_tui.screens.fleet_facts",
    "kurator_tui.widgets.command_bar",
    "kurator_tui.widgets.detail_pane",
    "kurator_tui.widgets.filter_bar",
    "kurator_tui.widgets.grid",
)
"""What the first frame does not show and so does not wait for."""


def test_first_frame_imports_only_what_it_shows() -> None:
    assert imported("app, kurator_tui.link.session, kurator_tui.cli.console", LATER) == []


def test_default_theme_is_there_without_a_yaml_reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KURATOR_TUI_CONFIG_DIR", str(tmp_path))
    assert imported("config.theme; kurator_tui.config.theme.load_theme('kurator-dark')", ("yaml",)) == []
