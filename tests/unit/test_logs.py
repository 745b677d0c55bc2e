"""Log records go into a file only its owner can read, or nowhere."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.logs import configure


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("kurator_tui")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    root.handlers[:] = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def test_records_go_into_the_file_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "log"
    configure(str(file))
    logging.getLogger("kurator_tui.cli").debug("ours")
    logging.getLogger("kubernetes.client.rest").debug("a whole answer")
    logging.getLogger("asyncio").warning("theirs")
    lines = file.read_text().splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["ours", "theirs"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert capfd.readouterr() == ("", "")


def test_without_a_file_records_go_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    configure()
    logging.getLogger("kurator_tui").error("unheard")
    assert capfd.readouterr() == ("", "")


def test_a_message_cannot_forge_a_second_record(tmp_path: Path) -> None:
    configure(str(tmp_path / "log"))
    logging.getLogger("kurator_tui").info("name %s", "a\n2026-01-01 ERROR forged\x1b[31m")
    (line,) = (tmp_path / "log").read_text().splitlines()
    assert line.endswith("name a␊2026-01-01 ERROR forged␛[31m")


def test_configuring_again_replaces_the_file(tmp_path: Path) -> None:
    configure(str(tmp_path / "a"))
    configure(str(tmp_path / "b"))
    logging.getLogger("kurator_tui").error("once")
    assert (tmp_path / "a").read_text() == ""
    assert "once" in (tmp_path / "b").read_text()


def test_a_file_that_cannot_be_written_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write the log file"):
        configure(str(tmp_path / "nowhere" / "log"))
