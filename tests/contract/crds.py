"""The published CRDs in ../shared/crds, and their schemas made strict: a field they do not know is an error."""

import copy
import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]
FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "crds"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_CHECKER = FormatChecker(formats=())


@_CHECKER.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or _TIME.fullmatch(value) is not None


@lru_cache(maxsize=1)
def documents() -> tuple[tuple[str, Json], ...]:
    """(folder, spec) of every CRD there is; those of apiextensions/v1beta1 have no `versions` and are left out."""
    found = []
    for path in sorted(FOLDER.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if document and "versions" in document["spec"]:
                found.append((str(path.parent.relative_to(FOLDER)), document["spec"]))
    return tuple(found)


@lru_cache(maxsize=1)
def published() -> dict[tuple[str, str, str], dict[str, Json]]:
    """(group, version, plural) → folder → that version, for every version with a schema of every CRD there is."""
    found: dict[tuple[str, str, str], dict[str, Json]] = defaultdict(dict)
    for folder, spec in documents():
        for version in spec["versions"]:
            if version.get("schema"):
                found[spec["group"], version["name"], spec["names"]["plural"]][folder] = version
    return dict(found)


def columns(key: tuple[str, str, str]) -> list[list[tuple[str, str, str, bool]]]:
    """The printer columns of each release as (name, type, path, only in the wide view)."""
    return [
        [
            (each["name"], each["type"], each["jsonPath"], bool(each.get("priority")))
            for each in version.get("additionalPrinterColumns") or ()
        ]
        for version in published()[key].values()
    ]


def _schema(version: Json) -> Json:
    found: Json = version["schema"]["openAPIV3Schema"]
    return found


def is_open(version: Json) -> bool:
    """True for a version whose schema lets anything through."""
    return bool(_schema(version).get("x-kubernetes-preserve-unknown-fields"))


@lru_cache(maxsize=256)
def validator(key: tuple[str, str, str], folder: str) -> Draft202012Validator:
    """What checks objects of this kind as the CRDs of `folder` describe it."""
    schema = _strict(copy.deepcopy(_schema(published()[key][folder])))
    for name in ("apiVersion", "kind"):
        schema["properties"][name] = {"type": "string"}
    schema["properties"]["metadata"] = {"type": "object"}
    return Draft202012Validator(schema, format_checker=_CHECKER)


def complaints(key: tuple[str, str, str], folder: str, obj: Json) -> list[str]:
    """What the schema has against an object, one line each."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(key, folder).iter_errors(obj)]


def _strict(schema: Json) -> Json:
    """The schema in JSON Schema's words, closed where a server would prune."""
    for name in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(schema.get(name), bool):
            del schema[name]
    for name, child in schema.get("properties", {}).items():
        schema["properties"][name] = _strict(child)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            schema[name] = _strict(schema[name])
    embedded = schema.get("x-kubernetes-embedded-resource")
    closed = "properties" in schema and "additionalProperties" not in schema
    if closed and not embedded and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        schema["type"] = ["integer", "string"]
    if schema.get("nullable") and "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*kinds, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema
