"""The Edge screen on a demo whose edge site loses its link: what it says, how soon, and what it never says."""

from __future__ import annotations

import re
import time

import pytest

from kurator_tui.demo.world.nodes import GRACE
from kurator_tui.demo.world.scenes.edge import FALLS
from tests.e2e.console import console

SPEED = 6.0
SLACK = 10.0
"""Seconds that a machine may take beyond the rule: to start, to draw."""


@pytest.mark.alone
def test_a_site_without_its_link_is_offline_autonomous_within_one_heartbeat_rule_and_never_down() -> None:
    began = time.monotonic()
    demo = ("demo", "--scenario", "edge-outage", "--speed", str(SPEED))
    with console(*demo, size=(200, 50)) as running:
        running.shows("6/6 members live")
        screens = []

        def noted(*patterns: str) -> bool:
            def true(screen: str) -> bool:
                screens.append(screen)
                return all(re.search(pattern, screen) for pattern in patterns)

            running.until(true, " ".join(patterns))
            return True

        running.press("3")
        noted(r"depot-7 .*edge-east", r"harbour .* online +2/2")
        noted(r"depot-7 .* offline-autonomous +0/2")
        assert time.monotonic() - began < (FALLS + GRACE) / SPEED + SLACK
        noted(r"depot-7 .*2 of 2 nodes out of contact, maybe")
        assert re.search(r"harbour .* online +2/2", screens[-1])  # others are as they were
        running.press("/")
        running.press("depot-7\r")
        noted(r"depot-7", r"(?s)^((?!harbour).)*$")
        running.press("\r")  # its nodes
        noted(r"east-site-02 .*offline-autonomous +\d+s", r"east-site-05 .*offline-autonomous")
        assert not any(re.search(r"\bdown\b", screen, re.IGNORECASE) for screen in screens)
