"""The key of an estate: the same for the same one, another for another, none when nobody can be sure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from kurator_tui.config.estate import LARGEST, current_context, estate
from kurator_tui.link.messages import Configured


def kubeconfig(path: Path, current: str = "prod") -> Path:
    path.write_text(f"apiVersion: v1\nclusters: []\ncurrent-context: {current}\nkind: Config\n")
    return path


def test_the_same_options_are_the_same_estate_and_each_one_makes_another(tmp_path: Path) -> None:
    one, two = (str(kubeconfig(tmp_path / name)) for name in ("one", "two"))
    told = [
        Configured(one),
        Configured(two),
        Configured(one, "staging"),
        Configured(one, namespace="team"),
        Configured(one, fleet="emea"),
        Configured(one, members_from="contexts"),
    ]
    keys = [estate(configured, {}) for configured in told]
    assert len(set(keys)) == len(keys)
    assert None not in keys
    assert [estate(configured, {}) for configured in told] == keys
    assert estate(Configured(one, "prod"), {}) == keys[0], "the current context by name or not is one estate"


def test_another_current_context_is_another_estate(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config")
    before = estate(Configured(str(path)), {})
    kubeconfig(path, "staging")
    assert estate(Configured(str(path)), {}) not in (before, None)


def test_the_files_are_found_as_kubectl_finds_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".kube").mkdir(parents=True)
    first, second = kubeconfig(tmp_path / "1", '""'), kubeconfig(tmp_path / "2", "second")
    env = {"HOME": str(home), "KUBECONFIG": f"{tmp_path / 'missing'}:{first}::{second}"}
    found = estate(Configured(), env)
    assert found is not None
    where, context, *_ = json.loads(found)
    assert (where, context) == ([str(first), str(second)], "second")
    assert estate(Configured(), {"HOME": str(home)}) is None
    kubeconfig(home / ".kube" / "config")
    assert estate(Configured(), {"HOME": str(home)}) is not None


def test_in_a_pod_the_api_server_is_the_estate(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert estate(Configured(), env) != estate(Configured(), env | {"KUBERNETES_SERVICE_HOST": "10.0.0.2"})
    assert estate(Configured(str(tmp_path / "missing")), env) is None


def test_a_file_that_cannot_be_read_has_no_estate(tmp_path: Path) -> None:
    assert estate(Configured(str(tmp_path)), {}) is None


@pytest.mark.parametrize(
    "name",
    [
        "prod",
        "kind-a",
        "arn:aws:eks:eu-1:12:cluster/a",
        "admin@prod",
        "with space",
        "ünïcode",
        "a'b",
        'a"b',
        "#x",
        "~",
    ],
)
@pytest.mark.parametrize("style", [None, "'", '"'])
def test_what_is_read_is_what_a_parser_reads_or_it_is_left_to_one(name: str, style: str | None) -> None:
    text = yaml.safe_dump({"apiVersion": "v1", "current-context": name}, default_style=style, allow_unicode=True)
    found = current_context(text.encode())
    plain = not set(name) & set("'\"#~") and style is None
    assert found == name if plain else found in (name, None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ""),
        ("kind: Config\n", ""),
        ("current-context:\n", ""),
        ('current-context: ""\n', ""),
        ("current-context: prod", "prod"),
        ("current-context: 'prod'\r\nkind: Config\r\n", "prod"),
        ('{"current-context": "prod"}', "prod"),
        ('{"kind": "Config"}', ""),
        ('{"current-context": "pr\\u006fd"}', None),
        ('{"current-context": "a", "x": {"current-context": "b"}}', None),
        ("current-context: &a prod\n", None),
        ("current-context: >\n  prod\n", None),
        ("current-context: prod # the one\n", None),
        ("current-context: a\ncurrent-context: b\n", None),
        ('"current-context": prod\n', None),
    ],
)
def test_a_spelling_that_only_a_parser_understands_is_left_to_one(text: str, found: str | None) -> None:
    assert current_context(text.encode()) == found


def test_a_name_inside_other_values_is_none() -> None:
    assert current_context(b"users:\n- name: |\n    current-context: evil\n") is None


def test_an_enormous_file_is_not_looked_at() -> None:
    assert current_context(b" " * (LARGEST + 1)) is None
