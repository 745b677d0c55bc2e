"""The schema notation and the schemas themselves."""

import pytest

from kurator_tui.demo.apiserver import schemas
from kurator_tui.demo.apiserver.builtin import default_catalogue


def test_every_served_kind_with_stored_objects_has_a_schema() -> None:
    missing = {
        (rt.api_version, rt.kind)
        for rt in default_catalogue(host=True)
        if not rt.virtual and (rt.api_version, rt.kind) not in schemas.book().kinds
    }
    assert missing == set()


def test_every_field_of_every_kind_is_described() -> None:
    seen: set[int] = set()

    def walk(schema: schemas.Schema, path: str) -> list[str]:
        if id(schema) in seen:
            return []
        seen.add(id(schema))
        bare = [] if schema.description else [path]
        for name, child in schema.properties.items():
            bare += walk(child, f"{path}.{name}")
        return bare

    bare = [path for kind in schemas.book().kinds.values() for path in walk(kind.schema, kind.kind)]
    assert bare == []


def test_a_definition_carries_its_fields_to_where_it_is_used() -> None:
    book = schemas.parse(
        """
ObjectMeta -- Meta.
  name string -- Name.
Box -- A box.
  width* int min=1 max=9 -- Width.
kind v1 Shelf -- A shelf.
  spec! object -- Spec.
    boxes [Box] keys=width merge=width -- Boxes.
    labels {string} -- Labels.
    mode string default=a enum=a|b -- Mode.
"""
    )
    spec = book.kinds["v1", "Shelf"].schema.properties["spec"]
    boxes = spec.properties["boxes"]
    assert boxes.keys == ("width",)
    assert boxes.merge == "width"
    assert boxes.items is not None
    assert boxes.items.required == ["width"]
    assert boxes.items.properties["width"].maximum == 9
    assert spec.properties["labels"].values is not None
    assert spec.properties["mode"].default == "a"
    assert spec.properties["mode"].enum == ("a", "b")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Box -- A box.\n  width\n", "name and a type"),
        ("Box -- A box.\n  width int nonsense\n", "unknown flag"),
        ("Box -- A box.\n  lid Lid -- Lid.\n", "no definition named"),
        ("kind v1\n", "apiVersion and a name"),
    ],
)
def test_a_malformed_schema_is_refused_with_the_reason(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        schemas.parse(text)


def test_the_zero_value_of_a_built_in_kind_has_its_always_present_fields() -> None:
    zero = schemas.zero(schemas.of("apps/v1", "Deployment"))
    assert zero["spec"]["template"] == {"metadata": {}, "spec": {"containers": None}}
    assert zero["status"] == {}


def test_a_kind_without_schema_still_knows_metadata() -> None:
    schema = schemas.of("example.dev/v1", "Widget")
    assert schema.open
    assert schema.properties["metadata"].properties["finalizers"].unique
