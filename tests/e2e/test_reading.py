"""Reading and comparing objects in a real terminal, against a served demo: live, masked, back to the same row."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from tests.e2e.served_demo import Kubectl, kubectl_binary, served_demo
from tests.e2e.test_shells import MEMBER, opened

pytestmark = pytest.mark.skipif(kubectl_binary() is None, reason="no kubectl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    with served_demo(tmp_path_factory.mktemp("demo")) as kubectl:
        yield kubectl.on(MEMBER)


def selected(screen: str) -> str:
    """Name of the row under the cursor; "" while the screen is being drawn."""
    line = next((line for line in screen.splitlines() if line.startswith("▸")), "")
    return re.split(r"\s+", line.lstrip("▸● ◐▲✖○…"))[0]


def test_a_pod_is_described_shown_as_yaml_with_its_events_and_logs_and_left_where_it_was(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        first = selected(running.until(lambda screen: selected(screen) != "", "a row under the cursor"))
        running.press("j")
        row = selected(running.until(lambda screen: selected(screen) not in ("", first), "another row"))
        running.press("d")
        running.shows("[Describe]", row, "Container cart")
        running.press("y")
        running.shows("[YAML]", "apiVersion: v1", "kind: Pod")
        running.press("v")
        running.shows("[Events]")
        running.press("l")
        running.shows(f"Log {row}", "0 dropped")
        running.press("\x1b")
        running.until(lambda screen: "[Events]" in screen and f"Log {row}" not in screen, "the events again")
        running.press("q")
        running.until(lambda screen: "[Events]" not in screen and selected(screen) == row, "the same row")


def test_a_secrets_value_is_shown_for_ten_seconds_and_masked_again(estate: Kubectl) -> None:
    value = "hunter2-hunter2"
    estate.run("-n", "webapp", "create", "secret", "generic", "cart-db", f"--from-literal=password={value}")
    with opened(estate, "secrets cart-db") as running:
        running.press("d")
        screen = running.shows("[Describe]", "password", "•••")
        assert value not in screen
        running.press("/password\r")
        began = time.monotonic()
        running.press("x")
        running.shows(value)
        running.until(lambda screen: value not in screen and "•••" in screen, "the mask")
        assert time.monotonic() - began > 9.5, "long enough to be read"
        assert running.raw.count(value.encode()) <= 1, "it is not drawn again"


def test_a_comparison_follows_what_happens_to_a_copy(estate: Kubectl) -> None:
    with opened(estate, "deploy cart") as running:
        running.press("=")
        # A change is marked only against a version that was seen: the copy's image is on the screen.
        running.shows("Compare Deployment cart 1", "webapp/cart:")
        estate.run("-n", "webapp", "scale", "deployment", "cart", "--replicas=7")
        running.shows("◐7")
