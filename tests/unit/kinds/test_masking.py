"""No value of a Secret is left in what is shown."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.masking import LAST_APPLIED, MASK, marker, masked

SECRET: dict[str, Any] = {
    "data": {"token": "c2VjcmV0"},
    "stringData": {"plain": "c2VjcmV0"},
    "metadata": {"annotations": {LAST_APPLIED: "c2VjcmV0", "team": "shop"}, "managedFields": ["c2VjcmV0"]},
}


def test_every_secret_of_a_list_is_masked() -> None:
    typed = {"kind": "SecretList", "items": [SECRET]}
    mixed = {"kind": "List", "items": [{**SECRET, "kind": "Secret"}, {"kind": "Pod"}]}
    assert "c2VjcmV0" not in str(masked(typed))
    assert "c2VjcmV0" not in str(masked(mixed))
    assert masked(typed)["items"][0]["data"] == {"token": f"{MASK} 6 bytes"}


def test_annotations_stay_but_for_the_one_that_repeats_the_values() -> None:
    shown = masked({**SECRET, "kind": "Secret"})["metadata"]["annotations"]
    assert shown == {LAST_APPLIED: f"{MASK} 8 bytes", "team": "shop"}


def test_a_config_map_is_shown_as_it_is() -> None:
    config = {"kind": "ConfigMap", "data": {"a": "b"}, "metadata": {"managedFields": [1], "name": "c"}}
    assert masked(config) == {"kind": "ConfigMap", "data": {"a": "b"}, "metadata": {"name": "c"}}
    assert masked(config, managed=True) == config


def test_a_value_that_is_no_base64_is_masked_without_a_length() -> None:
    assert marker("%%%", encoded=True) == MASK
    assert marker({"a": 1}) == MASK
    assert marker("", encoded=True) == f"{MASK} 0 bytes"
    assert masked({"kind": "Secret", "data": ["c2VjcmV0"]})["data"] == MASK


def test_values_are_told_apart_by_a_salted_digest_and_by_nothing_else() -> None:
    assert marker("abcd", salt="s") == marker("abcd", salt="s") != marker("abce", salt="s")
    assert marker("abcd", salt="s") != marker("abcd", salt="t")
    assert "abcd" not in marker("abcd", salt="s")


def test_a_secret_that_karmada_brings_to_a_member_is_masked_and_the_rest_of_its_work_is_not() -> None:
    config = {"kind": "ConfigMap", "data": {"a": "b"}, "metadata": {}}
    work = {"kind": "Work", "spec": {"workload": {"manifests": [{**SECRET, "kind": "Secret"}, config]}, "x": 1}}
    shown = masked(work)
    assert "c2VjcmV0" not in str(shown)
    assert shown["spec"]["workload"]["manifests"][1] == config
    assert shown["spec"]["x"] == 1
    assert "c2VjcmV0" in str(work)
