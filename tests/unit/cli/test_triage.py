"""`kurator-tui triage`: what it asks for, and how it ends."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from kurator_tui.cli import triage_read
from kurator_tui.cli.options import Options
from kurator_tui.cli.triage import command
from kurator_tui.cli.triage_read import Found, Incident
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import IncidentRow

LATE = (("ap", "syncing"),)


class Triaged:
    """Runs the command on what was `found`; keeps what it asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found = Found()
        self.asked: list[tuple[float, bool]] = []

        async def read(options: Options, patience: float, *, silence: bool) -> Found:
            self.asked.append((patience, silence))
            return self.found

        monkeypatch.setattr(triage_read, "read", read)

    def run(self, *arguments: str, severity: str = "", unsynced: tuple[tuple[str, str], ...] = ()) -> Result:
        row = IncidentRow(HOST, "", "odd: web", "u", 1.0, code="KT1001", severity=severity, clusters=("eu",))
        self.found = Found((Incident(row),) if severity else (), unsynced=unsynced)
        return CliRunner().invoke(command, arguments)


@pytest.fixture
def triaged(monkeypatch: pytest.MonkeyPatch) -> Triaged:
    return Triaged(monkeypatch)


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("critical", "high", 1),
        ("high", "high", 1),
        ("medium", "high", 0),
        ("low", "low", 1),
        ("", "low", 0),
        ("critical", "", 0),
    ],
)
def test_it_ends_with_1_if_an_incident_is_as_severe_as_asked(
    triaged: Triaged, severity: str, fail_on: str, code: int
) -> None:
    done = triaged.run(*(("--fail-on", fail_on) if fail_on else ()), severity=severity)
    assert done.exit_code == code


def test_members_that_were_never_synced_are_named_and_it_ends_with_10(triaged: Triaged) -> None:
    done = triaged.run("-o", "json", unsynced=LATE)
    assert done.exit_code == 10
    assert json.loads(done.stdout) == {"incidents": []}
    assert done.stderr == "Not synced: ap: syncing\n"


def test_what_is_wrong_counts_more_than_what_is_not_known(triaged: Triaged) -> None:
    assert triaged.run("--fail-on", "high", severity="high", unsynced=LATE).exit_code == 1
    assert triaged.run("--fail-on", "high", severity="low", unsynced=LATE).exit_code == 10


def test_it_waits_as_long_as_asked_and_hears_what_is_silenced_if_asked(triaged: Triaged) -> None:
    triaged.run()
    triaged.run("--timeout", "5", "--no-silence")
    assert triaged.asked == [(60.0, True), (5.0, False)]


@pytest.mark.parametrize("arguments", [("--timeout", "0"), ("--fail-on", "bad"), ("-o", "yaml")])
def test_what_makes_no_sense_is_refused(triaged: Triaged, arguments: tuple[str, str]) -> None:
    assert triaged.run(*arguments).exit_code == 2
    assert triaged.asked == []
