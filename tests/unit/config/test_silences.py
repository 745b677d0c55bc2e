"""`silences.yaml`: what it means, and what is wrong with it with its line."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kurator_tui.config.reading import FileProblem
from kurator_tui.config.silences import MOST, SilencesFile, parse
from kurator_tui.config.watched_file import LARGEST
from kurator_tui.kinds.silences import Silence

GUIDE = Path(__file__).parents[3] / "docs" / "guide.md"


def test_an_entry_says_codes_clusters_labels_until_when_and_why() -> None:
    text = (
        "- codes: [KT10*, KT1203]\n  clusters: [edge-*, tier=staging]\n  labels: {app: load-*}\n"
        "  until: 2026-12-01T08:00:00Z\n  reason: load test\n- codes: [KT2101]\n"
    )
    until = datetime(2026, 12, 1, 8, tzinfo=UTC).timestamp()
    assert parse(text, "f") == (
        Silence(("KT10*", "KT1203"), ("edge-*", "tier=staging"), {"app": "load-*"}, until, "load test"),
        Silence(("KT2101",)),
    )


@pytest.mark.parametrize("until", ["2026-12-01", "'2026-12-01'", "2026-12-01 00:00:00"])
def test_a_date_ends_with_its_first_second_where_the_user_is(until: str) -> None:
    (found,) = parse(f"- {{codes: [KT1001], until: {until}}}", "f")
    assert datetime.fromtimestamp(found.until) == datetime(2026, 12, 1)


def test_values_of_labels_are_text_whatever_yaml_takes_them_for() -> None:
    (found,) = parse("- labels: {canary: true, tier: 1, name: x}", "f")
    assert found.labels == {"canary": "true", "tier": "1", "name": "x"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("codes: [KT1001]", "line 1: expected a list"),
        ("- codes: [KT1001]\n- KT1002", "line 2: expected codes, clusters, labels, until, reason"),
        ("- reason: all of it", "line 1: it says none of codes, clusters and labels"),
        ("- codes: []", "none of codes, clusters and labels"),
        ("- codes: ['']", "line 1: codes: there is an empty one"),
        ("- codes: [crash loop]", "'crash loop' is no code: KT1001, or a pattern such as KT10*"),
        ("- codes: KT1001", "Expected `array`, got `str` - at `$.codes`"),
        ("- code: [KT1001]", "line 1: code: expected codes, clusters"),
        ("- codes: [KT1001]\n  codes: [KT1002]", "there is a second codes"),
        ("- clusters: [1]", "Expected `str`, got `int`"),
        ("- labels: [app=web]", "Expected `object`, got `array`"),
        ("- labels: {app: [web]}", "labels: expected a text for each"),
        ("- {codes: [KT1001], until: tomorrow}", "until: 'tomorrow' is no date such as 2026-12-01"),
        ("- {codes: [KT1001], until: 2026-13-45}", "line 1: month must be in 1..12"),
        ("- {codes: [KT1001], until: 12}", "until: 12 is no date"),
        ("- {codes: [KT1001], reason: [a]}", "Expected `str`, got `array`"),
        ("- {codes: [KT1001]", "line 1"),
        ("- !odd {codes: [KT1001]}", "line 1: could not determine a constructor"),
        ("[" * 2000, ""),
        ("\n".join("- codes: [KT1001]" for _ in range(MOST + 1)), f"at most {MOST} are taken"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(FileProblem) as found:
        parse(text, "silences.yaml")
    assert told in str(found.value)
    assert str(found.value).startswith("silences.yaml")


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]"])
def test_an_empty_file_silences_nothing(text: str) -> None:
    assert parse(text, "f") == ()


def test_the_file_is_read_again_when_it_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / "silences.yaml"
    file = SilencesFile(path)
    assert not file.changed()
    assert file.read() == ()
    path.write_text("- codes: [KT1001]")
    assert file.changed()
    assert file.read() == (Silence(("KT1001",)),)
    assert not file.changed()
    os.utime(path, (1, 1))
    assert file.changed()
    path.unlink()
    assert file.changed()
    assert file.read() == ()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (LARGEST + 1)])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "silences.yaml"
    path.write_bytes(content)
    with pytest.raises(FileProblem, match=re.escape(str(path))):
        SilencesFile(path).read()


def test_the_example_of_the_guide_is_right() -> None:
    (example,) = re.findall(r"```yaml\n(# silences\.yaml\n.+?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert len(parse(example, "guide")) >= 2
