"""The filter language, from what a user types to the rows that stay."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.pods import POD
from kurator_tui.store.filter import FilterError, compile_filter, known_columns
from tests.unit.store.support import NOW, THING, ThingRow, thing

ROWS = {
    row.name: row
    for row in (
        thing(
            "web-1",
            restarts=3,
            memory=2**30,
            cores=250,
            cpu=0.8,
            latency=31.0,
            version="v1.9.2",
            ready=True,
            labels=(("app", "web"), ("tier", "front")),
        ),
        thing(
            "web-2",
            cluster="eu-2",
            restarts=12,
            memory=2**31,
            cores=2000,
            cpu=0.95,
            latency=80.0,
            version="v1.10.0",
            level=Level.FAILED,
            status="CrashLoopBackOff",
            message="back-off restarting failed container",
            age=7200,
            ready=False,
            labels=(("app", "web"),),
        ),
        thing(
            "db-0",
            cluster="us-1",
            namespace="data",
            status="Pending",
            version="v1.30",
            age=90_000,
            level=Level.PROGRESSING,
            message="pulling shop:v7",
            expiry=NOW + 86400,
            labels=(("app", "db"),),
        ),
        thing(
            "日本-Ünï",
            cluster="us-1",
            namespace="",
            level=Level.DEGRADED,
            message="two words here",
            expiry=NOW - 5,
            age=NOW,
        ),
    )
}


def names(text: str) -> list[str]:
    found = compile_filter(text, THING, lambda: NOW)
    return list(ROWS) if found is None else [name for name, row in ROWS.items() if found(row)]


WEB1, WEB2, DB, JAPAN = ROWS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", [WEB1, WEB2]),
        ("WEB", [WEB1, WEB2]),
        ("web eu-2", [WEB2]),
        ("data", [DB]),
        ("crashloop", [WEB2]),
        ("12", [WEB2]),
        ("ünï", [JAPAN]),
        ("日本", [JAPAN]),
        ('"two words"', [JAPAN]),
        ('"two words', [JAPAN]),
        ("two words", [JAPAN]),
        ("words two", [JAPAN]),
        ('"shop:v7"', [DB]),
        ("!web", [DB, JAPAN]),
        ('!"two words"', [WEB1, WEB2, DB]),
        ("!web !db", [JAPAN]),
        ("nothing-like-this", []),
    ],
)
def test_text_is_looked_for_in_every_column(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_an_age_is_no_text_since_it_changes_while_its_row_does_not() -> None:
    assert names("25h") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/^web-[0-9]$/", [WEB1, WEB2]),
        ("/WEB|db/", [WEB1, WEB2, DB]),
        ("/two w/", [JAPAN]),
        ("/two w", [JAPAN]),
        ("!/web/", [DB, JAPAN]),
        ("/web/ eu-2", [WEB2]),
        (r"/a\/b/", []),
        ("~wb2", [WEB2]),
        ("~dat", [DB]),
        ("!~wb", [DB, JAPAN]),
    ],
)
def test_regular_expressions_and_fuzzy_words(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name:web-1", [WEB1]),
        ("name:web", []),
        ("name:web*", [WEB1, WEB2]),
        ("name:*-?", []),
        ("cluster:eu-*", [WEB1, WEB2]),
        ("cluster:EU-1", [WEB1]),
        ("cluster=eu-1", [WEB1]),
        ("cluster!=eu-1", [WEB2, DB, JAPAN]),
        ("ns:data", [DB]),
        ("Namespace:data", [DB]),
        ("status:running", [WEB1, JAPAN]),
        ("!status:running", [WEB2, DB]),
        ("!status:running !status:pending", [WEB2]),
        ("message:restarting", [WEB2]),
        ("message:restart", []),
        ("message:*restart*", [WEB2]),
        ('message:"two words here"', [JAPAN]),
        ("restarts:12", [WEB2]),
        ("restarts:1*", [WEB2]),
        ("cpu:80%", [WEB1]),
        ("memory:1.0Gi", [WEB1]),
        ("ready:yes", [WEB1]),
        ("ready:no", [WEB2]),
        ("ready:", [DB, JAPAN]),
        ("!ready:", [WEB1, WEB2]),
        ("namespace:", [JAPAN]),
        ("health:failed", [WEB2]),
        ("health:f*", [WEB2]),
        ("reason:*off*", [WEB2]),
        ("cluster:[e]u-1", []),
    ],
)
def test_a_column_is_its_whole_value_or_a_word_of_it(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cluster:eu-1 cluster:us-1", [WEB1, DB, JAPAN]),
        ("cluster:eu-1 cluster:us-1 status:pending", [DB]),
        ("cluster:eu-* status:running status:pending", [WEB1]),
        ("restarts>2 restarts<10", [WEB1]),
        ("cluster:us-1 !namespace:data", [JAPAN]),
    ],
)
def test_terms_must_all_hold_and_one_columns_values_are_a_choice(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age<1h", [WEB1]),
        ("age>=2h", [WEB2, DB]),
        ("age>1d", [DB]),
        ("age<1d1h30m", [WEB1, WEB2, DB]),
        ("age>100", [WEB2, DB]),
        ("restarts>3", [WEB2]),
        ("restarts>=3", [WEB1, WEB2]),
        ("restarts<=0", [DB, JAPAN]),
        ("!restarts>3", [WEB1, DB, JAPAN]),
        ("memory>1Gi", [WEB2]),
        ("memory>=1gi", [WEB1, WEB2]),
        ("memory<2G", [WEB1]),
        ("memory>1500M", [WEB2]),
        ("memory>=1073741824", [WEB1, WEB2]),
        ("cores<1", [WEB1]),
        ("cores>=250m", [WEB1, WEB2]),
        ("cpu>=80%", [WEB1, WEB2]),
        ("cpu>0.8", [WEB2]),
        ("cpu>90", [WEB2]),
        ("latency>50ms", [WEB2]),
        ("latency<0.05s", [WEB1]),
        ("latency>50", [WEB2]),
        ("expiry<2d", [DB, JAPAN]),
        ("expiry<0", [JAPAN]),
        ("version<1.10", [WEB1]),
        ("version>=v1.10.0", [WEB2, DB]),
        ("health>=degraded", [WEB2, JAPAN]),
        ("health<degraded", [WEB1, DB]),
    ],
)
def test_comparisons_are_in_the_unit_of_the_column(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-l app=web", [WEB1, WEB2]),
        ("-l app==web", [WEB1, WEB2]),
        ("-l app=web,tier=front", [WEB1]),
        ("-l tier", [WEB1]),
        ("-l !tier", [WEB2, DB, JAPAN]),
        ("-l app!=web", [DB, JAPAN]),
        ("!-l app=web", [DB, JAPAN]),
        ("-l app=WEB", []),
        ("-l app=web web-2", [WEB2]),
    ],
)
def test_labels_are_selected_as_kubectl_selects_them(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize("text", ["", "   ", '""'])
def test_an_empty_filter_is_no_filter(text: str) -> None:
    assert compile_filter(text, THING, lambda: NOW) is None


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("web color:red", 4, 'no column "color" here; columns are age, cluster, cores, cpu,'),
        ("color>3", 0, 'no column "color" here'),
        ("!color:red", 1, 'no column "color" here'),
        ("age<soon", 0, "age is compared with a span such as 90s, 5m, 1h30m, 2d or 1w"),
        ("cpu>=much", 0, "cpu is compared with a share such as 80% or 0.8"),
        ("x memory>big", 2, "memory is compared with a size such as 500Mi, 1.5Gi or 2G"),
        ("cores>1Gi", 0, "cores is compared with cores such as 500m, 2 or 0.5"),
        ("latency>1Gi", 0, "latency is compared with a time such as 50ms or 1.5s"),
        ("restarts>many", 0, "restarts is compared with a number"),
        ("health>worse", 0, "health is compared with one of healthy, progressing"),
        ("health:bad", 0, "health is one of healthy, progressing"),
        ("restarts>", 9, "nothing to compare restarts with"),
        ("/(/", 0, "not a regular expression: missing )"),
        ("//", 1, "an empty regular expression"),
        ("/(a+)+/", 0, "a repeat of a repeat, or of a choice, could take for ever"),
        ("web !", 4, "nothing after !"),
        ("~", 0, "nothing after ~"),
        ("-l", 0, "no label after -l"),
        ("-l a=b,,c", 3, '"" is no label selector'),
        ("!-l a,b", 0, "! works on one label at a time"),
        ("x" * 1001, 1000, "the filter is longer than 1000 characters"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where_and_what_would_do(
    text: str, position: int, message: str
) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text, THING, lambda: NOW)
    assert message in caught.value.message
    assert caught.value.position == position
    assert isinstance(caught.value, UsageError)


def test_labels_of_a_kind_that_keeps_none_are_an_error() -> None:
    with pytest.raises(FilterError, match="labels of pods are not kept here"):
        compile_filter("-l app=web", POD, lambda: NOW)


@pytest.mark.parametrize("text", ["https://10.0.0.1", "10.0.0.1:6443", "key=value", "a!=b", "shop/web", "5<6"])
def test_words_that_only_look_like_columns_are_text(text: str) -> None:
    assert names(text) == []


def test_a_filter_says_whether_time_changes_it() -> None:
    def timed(text: str) -> bool:
        found = compile_filter(text, THING, lambda: NOW)
        assert found is not None
        return found.timed

    assert timed("age<1h")
    assert timed("web expiry<1d")
    assert not timed("web restarts>3 -l age=old")


def test_ages_are_measured_when_asked() -> None:
    clock = [NOW]
    found = compile_filter("age<1h", THING, lambda: clock[0])
    assert found is not None
    assert found(thing(age=60))
    clock[0] += 3600
    assert not found(thing(age=60))


def test_columns_can_be_listed_for_completion() -> None:
    assert {"age", "cluster", "name", "namespace", "health", "restarts"} <= set(known_columns(THING))


@given(st.text(max_size=40))
@example("-l \x00")
@example("!!!!")
@example("age<9e999")
@example("memory>1e9999")
@example("version<\u00b2")
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        found = compile_filter(text, THING, lambda: NOW)
        position = 0
    except FilterError as error:
        found, position = None, error.position
    assert 0 <= position <= len(text)
    for row in ROWS.values():
        assert found is None or found(row) in (True, False)


PIECES = st.sampled_from(
    [
        "web",
        "!web",
        "~wb",
        "/w.b/",
        "cluster:eu-*",
        "!cluster:eu-*",
        "age<1h",
        "restarts>2",
        "-l app=web",
        '"two words"',
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=5, unique_by=lambda piece: piece.lstrip("!").split(":")[0]))
def test_terms_of_different_sorts_are_independent_conditions(pieces: list[str]) -> None:
    together = set(names(" ".join(pieces)))
    assert together == set.intersection(*(set(names(piece)) for piece in pieces))


@given(
    st.text("abcxyz-.12", min_size=1, max_size=8).filter(
        lambda text: text.strip("-") and not text.startswith("-l")
    )
)
def test_text_and_its_negation_split_the_rows(text: str) -> None:
    rows = [ThingRow("c", "n", name, name, 0.0) for name in ("abc", "xyz", "a-1", "b.2")]
    found, others = compile_filter(text, THING, lambda: NOW), compile_filter(f"!{text}", THING, lambda: NOW)
    assert found is not None
    assert others is not None
    assert all(found(row) != others(row) for row in rows)
