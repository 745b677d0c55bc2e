"""The notation of kinds."""

import pytest

from kurator_tui.demo.apiserver import custom, discovery, notation, tables
from kurator_tui.demo.apiserver.resources import Catalogue, Column

TEXT = """
set tools cat=tooling
tools.example.com/v1 hammers Hammer short=hm,ham sub=scale,status
  Weight | integer | .spec.weight
  Owner | .metadata.labels['example\\.com/owner']
  Ready | .status.conditions[?(@.type == "Ready")].status | wide
  Age
tools.example.com/v1 boxes Box cluster sub= cat=
"""


def test_a_kind_has_the_names_scope_and_subresources_of_its_line() -> None:
    hammer, box = notation.parse(TEXT)["tools"]
    assert (hammer.group, hammer.version, hammer.plural, hammer.kind) == (
        "tools.example.com",
        "v1",
        "hammers",
        "Hammer",
    )
    assert hammer.namespaced
    assert hammer.short_names == ("hm", "ham")
    assert hammer.categories == ("tooling",)
    assert hammer.subresources == {"scale", "status"}
    assert (box.namespaced, box.subresources, box.categories) == (False, frozenset(), ())


def test_a_builtin_kind_has_what_its_line_says_and_the_line_may_go_on() -> None:
    text = "set core builtin\n/v1 pods Pod sub=log,\n  + status\n  + fields=spec.nodeName\n/v1 secrets Secret"
    pod, secret = notation.parse(text)["core"]
    assert (pod.group, pod.custom, sorted(pod.subresources)) == ("", False, ["log", "status"])
    assert pod.selectable_fields == {"metadata.name", "metadata.namespace", "spec.nodeName"}
    assert (secret.subresources, secret.verbs[0]) == (frozenset(), "create")


def test_a_column_has_a_type_a_path_and_a_priority() -> None:
    columns = notation.parse(TEXT)["tools"][0].printer_columns
    assert columns[0] == Column("Weight", "integer", ".spec.weight")
    assert columns[2].priority == 1
    assert columns[3] == Column("Age", "date", ".metadata.creationTimestamp")


def test_cells_follow_the_columns() -> None:
    hammer = notation.parse(TEXT)["tools"][0]
    obj = {
        "metadata": {
            "name": "h",
            "labels": {"example.com/owner": "ops"},
            "creationTimestamp": "1970-01-01T00:00:00Z",
        },
        "spec": {"weight": 3},
        "status": {"conditions": [{"type": "Other"}, {"type": "Ready", "status": "True"}]},
    }
    assert tables.cells(hammer, obj, 60.0) == ["h", 3, "ops", "True", "60s"]
    assert [each["priority"] for each in tables.definitions(hammer)] == [0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("string", ["a", "b"], '["a","b"]'),
        ("string", 5, "5"),
        ("string", True, "true"),
        ("integer", 5.0, 5),
        ("integer", "5", None),
        ("boolean", False, False),
        ("boolean", "no", None),
        ("number", 1.5, "1.5"),
        ("string", None, None),
    ],
)
def test_a_cell_is_written_as_its_columns_type(kind: str, value: object, cell: object) -> None:
    rt = notation.parse(f"set a\na.example.com/v1 as A\n  X | {kind} | .x")["a"][0]
    assert tables.cells(rt, {"metadata": {"name": "n"}, "x": value}, 0.0) == ["n", cell]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".items[*].name", "first"),
        (".items[1].name", "second"),
        (".items[-1].name", "second"),
        (".items[7].name", None),
        (".items[?(@.name=='second')].name", "second"),
        (".labels.a\\.b/c", "dotted"),
    ],
)
def test_paths(path: str, found: object) -> None:
    rt = notation.parse(f"set a\na.example.com/v1 as A\n  X | {path}")["a"][0]
    obj = {
        "metadata": {"name": "n"},
        "items": [{"name": "first"}, {"name": "second"}],
        "labels": {"a.b/c": "dotted"},
    }
    assert tables.cells(rt, obj, 0.0)[1] == found


@pytest.mark.parametrize(
    "text",
    [
        "tools.example.com/v1 hammers Hammer",
        "set a\nno-slash plural Kind",
        "set a\ng/v only",
        "set a\ng/v as A\n  X",
    ],
)
def test_a_line_that_does_not_follow_the_notation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"kind|column"):
        notation.parse(text)


def test_no_set_has_a_kind_twice() -> None:
    for name, kinds in custom.sets().items():
        assert len({rt.gvr for rt in kinds}) == len(kinds), name


def test_discovery_tells_of_custom_kinds() -> None:
    served = discovery.resource_list(Catalogue(custom.kinds("flagger")), "flagger.app", "v1beta1")
    assert served is not None
    names = [each["name"] for each in served["resources"]]
    assert {"canaries", "canaries/status", "metrictemplates"} <= set(names)
