"""Generated pages are fresh, and the README's links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kurator_tui.config.actions import SCREENS
from kurator_tui.kinds.homes import HOMES
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.triage.registry import codes

ROOT = Path(__file__).parents[2]
PLANNED = {"triage/", "actions/"}
"""Folders of which ARCHITECTURE.md says that they are still to come."""


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


def test_writing_the_pages_anew_mends_what_is_stale_and_drops_pages_of_codes_that_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    made = generate.pages()
    monkeypatch.setattr(generate, "pages", lambda: made)
    assert set(generate.stale()) == set(made), "nothing is there yet"
    generate.main()
    assert generate.stale() == []
    changed, gone = tmp_path / "findings" / "KT1001.md", tmp_path / "findings" / "KT9999.md"
    for path in (changed, gone):
        path.write_text("older")
    assert generate.stale() == ["findings/KT1001.md", "findings/KT9999.md"]
    generate.main()
    assert generate.stale() == []
    assert not gone.exists()


def test_every_code_has_a_page_that_the_table_links_to() -> None:
    table = (ROOT / "docs" / "findings" / "README.md").read_text(encoding="utf-8")
    for code, rule in codes().items():
        page = (ROOT / "docs" / "findings" / f"{code}.md").read_text(encoding="utf-8")
        assert rule.page in page
        assert f"| [{code}]({code}.md) | {rule.severity} | {rule.title} |" in table


def test_the_line_of_a_kind_names_the_verbs_that_are_done_to_it() -> None:
    lines = (ROOT / "docs" / "kinds.md").read_text(encoding="utf-8").splitlines()
    by_kind = {line[3 : line.index("]")]: line for line in lines if line.startswith("| [")}
    assert set(by_kind) == set(KINDS)
    missing = [
        f"{kind}: {verb.label}"
        for verb in VERBS.values()
        for kind in verb.kinds
        if not KINDS[kind].derived and f" {verb.label} `" not in by_kind[kind]
    ]
    assert missing == []


def test_every_local_link_of_the_documentation_leads_to_a_file() -> None:
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_every_file_and_folder_that_the_documentation_names_exists() -> None:
    sources = [f"/{path.relative_to(ROOT)}" for path in (ROOT / "kurator_tui").rglob("*")]
    missing = []
    for page in (ROOT / "docs").glob("*.md"):
        for named in re.findall(r"`([\w./-]*\w(?:\.py|/))`", page.read_text(encoding="utf-8")):
            there = any(source.endswith(f"/{named.rstrip('/')}") for source in sources) or (ROOT / named).exists()
            if not there and named not in PLANNED:
                missing.append(f"{page.name}: {named}")
    assert missing == []


def test_the_page_of_the_homes_names_each_of_their_sections() -> None:
    page = (ROOT / "docs" / "homes.md").read_text(encoding="utf-8")
    for screen in SCREENS:
        if screen.view in HOMES:
            (chapter,) = re.findall(rf"^## {screen.digit} {screen.title}$(.+?)(?=^## |\Z)", page, re.M | re.S)
            told = [cell for line in re.findall(r"^\| ([^|]+) \|", chapter, re.M) for cell in line.split(", ")]
            named = [title for title in told if title != "Section" and not title.startswith("---")]
            assert sorted(named) == sorted(section.title for section in HOMES[screen.view]), screen.view
