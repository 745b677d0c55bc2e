"""`kurator-tui bundle`: which incidents are meant, and what scripts get."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from kurator_tui.cli import bundle, history, run
from kurator_tui.cli.bundle import command, meant
from kurator_tui.cli.options import Options
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.link.past import Past
from kurator_tui.screens import bundle_gathering, bundling
from kurator_tui.screens.bundle_content import Picture
from kurator_tui.store.freshness import State
from tests.ui.triage_source import CRASH, IMAGE, OVER, PULL, SLOW, TriageSource, explained, inbox, incident
from tests.unit.link.recorded import Stage

ROWS = (PULL, CRASH, SLOW, OVER)
GOING = (CRASH, PULL, SLOW)


def test_words_ids_and_codes_say_which_incident_is_meant() -> None:
    assert meant(ROWS, GOING, [PULL.uid], []) == [PULL]
    assert meant(ROWS, GOING, ["SHOP/WEB"], []) == [PULL]
    assert meant(ROWS, GOING, ["batch", CRASH.uid], []) == [CRASH, SLOW], "the worst first"
    assert meant(ROWS, GOING, [], ["kt1001", "KT1006"]) == [CRASH, SLOW]
    assert meant(ROWS, GOING, [OVER.uid], []) == [OVER], "what is over is remembered for an hour"


def test_without_a_word_the_only_one_is_meant() -> None:
    assert meant((PULL, OVER), (PULL,), [], []) == [PULL]


@pytest.mark.parametrize(
    ("words", "codes", "said"),
    [
        ([], [], "say which incident"),
        (["nonsense\x1b"], [], "no incident is called nonsense␛"),
        (["image cannot"], [], "4 incidents are called image cannot"),
        ([], ["KT9999"], "no incident has the code KT9999"),
    ],
)
def test_what_means_none_or_several_is_wrong_usage_and_offers_what_there_is(
    words: list[str], codes: list[str], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        meant(ROWS, GOING, words, codes)
    assert f"KT1002  image/{IMAGE}  image cannot be pulled" in caught.value.hint


class Shell:
    """Runs the command on a source, as a shell would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.use(explained())
        self.complete = True

        @asynccontextmanager
        async def session(
            _options: Options, _kinds: tuple[str, ...], _patience: float
        ) -> AsyncIterator[tuple[Any, list[Any], bool]]:
            yield self.source, [], self.complete

        @contextmanager
        def target(options: Options) -> Iterator[Options]:
            yield options

        async def none_drawn(*_arguments: Any, **_named: Any) -> list[Picture]:
            return []

        monkeypatch.setattr(bundle_gathering, "ROWS_PATIENCE", 0.0)
        monkeypatch.setattr(run, "session", session)
        monkeypatch.setattr(bundle, "target", target)
        monkeypatch.setattr(bundling, "pictures", none_drawn)

    def use(self, source: TriageSource, *, live: bool = True) -> None:
        """Look at `source`; `live`: without the members that are not."""
        self.source: TriageSource = source
        for row in list(source.store.rows("clusters")) if live else ():
            if isinstance(row, ClusterOverview) and row.state != State.LIVE:
                source.drop(row)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr; an error ends with its code, as in `cli.main`."""
        done = CliRunner().invoke(command, list(arguments))
        if isinstance(done.exception, ConsoleError):
            return done.exception.exit_code, done.stdout, str(done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(monkeypatch)


def test_the_path_is_on_stdout(shell: Shell, tmp_path: Path) -> None:
    code, out, _err = shell.run("shop/web", "-o", str(tmp_path))
    assert code == 0
    (folder,) = tmp_path.iterdir()
    assert out == f"{folder}\n"
    assert "## Next steps" in (folder / "README.md").read_text()


def test_what_was_over_before_is_found_in_what_consoles_recorded(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = asyncio.run(recorded(time.time() - 7200))
    monkeypatch.setattr(history, "looking_back", lambda _options: past)
    code, out, _err = shell.run("disk is full", "-o", str(tmp_path))
    assert code == 0
    folder = Path(out.strip())
    assert "when it reached farthest" in (folder / "README.md").read_text()
    assert "`nodes` | `on-prem/n1` | `HEALTH" in (folder / "objects.md").read_text()
    assert shell.run("never heard of", "-o", str(tmp_path))[0] == 2


async def recorded(begin: float) -> Past:
    """A node was full for a minute, two hours ago, while some console ran."""
    stage = Stage()
    stage.clock.now = begin
    await stage.after(0)
    full = {
        "code": "KT2103",
        "kind": "nodes",
        "target": "on-prem/n1",
        "cause": "node n1",
        "clusters": ("on-prem",),
    }
    row = incident("disk is full", uid="full", created=begin, objects=1, **full)
    found = FindingRow("on-prem", "", "n1", "f", begin, "KT2103", "high", "full", "nodes", "", (("node", "n1"),))
    stage.store.replace(INCIDENTS.id, HOST, [row])
    stage.store.replace(FINDINGS.id, "on-prem", [found])
    stage.store.replace(NODE.id, "on-prem", [NodeRow("on-prem", "", "n1", "n1", begin)])
    await stage.after(10)
    stage.store.replace(INCIDENTS.id, HOST, [replace(row, state="resolved", resolved_at=begin + 60)])
    stage.store.replace(FINDINGS.id, "on-prem", [])
    await stage.after(50)
    await stage.recorder.close()
    return Past(stage.reel)


def test_several_incidents_are_one_bundle_with_an_entry(shell: Shell, tmp_path: Path) -> None:
    code, out, err = shell.run("--all", "-o", str(tmp_path))
    assert (code, err) == (0, "")
    folder = Path(out.strip())
    assert folder.name.startswith("3-incidents-")
    inside = sorted(path.name for path in folder.iterdir())
    assert inside[0] == "01-KT1001-image-cannot-be-pulled-cart"
    assert len(inside) == 4
    entry = (folder / "README.md").read_text()
    assert "[`image cannot be pulled: cart`](01-KT1001-image-cannot-be-pulled-cart/README.md)" in entry
    assert "old" not in entry, "what is over is not written with all"


def test_what_was_not_synced_in_time_is_told_and_ends_with_10(shell: Shell, tmp_path: Path) -> None:
    shell.complete = False
    code, out, err = shell.run("shop/web", "-o", str(tmp_path))
    assert (code, err) == (10, "Not complete: not everything was judged in time\n")
    assert Path(out.strip()).is_dir()
    shell.use(explained(), live=False)
    code, out, err = shell.run("shop/web", "-o", str(tmp_path))
    assert code == 10
    assert "Not synced: edge-east: stale: no answer in 5 s\n" in err
    assert "cluster `edge-east` is stale" in (Path(out.strip()) / "README.md").read_text()


def test_where_nothing_is_wrong_nothing_is_written(shell: Shell, tmp_path: Path) -> None:
    shell.use(inbox(OVER))
    assert shell.run("--all", "-o", str(tmp_path)) == (0, "", "nothing is wrong: nothing was written\n")
    assert shell.run("-o", str(tmp_path))[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_ends_with_1(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, out, err = shell.run("shop/web", "-o", str(tmp_path / "file"))
    assert (code, out) == (1, "")
    assert "nothing was written" in err


def test_all_and_a_choice_exclude_each_other(shell: Shell) -> None:
    assert shell.run("--all", "x")[0] == shell.run("--all", "--code", "KT1001")[0] == 2


def test_a_hostile_title_makes_a_harmless_name(shell: Shell, tmp_path: Path) -> None:
    shell.use(inbox(incident("../../\x1b[31m/etc/passwd\n" + "x" * 5000, uid="evil")))
    code, out, _err = shell.run("evil", "-o", str(tmp_path))
    assert code == 0
    (folder,) = tmp_path.iterdir()
    assert out == f"{folder}\n"
    assert len(folder.name) < 140
    assert folder.name.replace("-", "").replace(".", "").isalnum()
