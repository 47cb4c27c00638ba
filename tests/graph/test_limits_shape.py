"""Hostile documents: each is refused by one error, and costs little to refuse."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from graphql import DocumentNode, GraphQLSchema, get_introspection_query, parse

from graph import documents
from graph.documents import Document, Documents
from graph.examples import examples
from graph.limits import LimitExceeded, Limits, check_shape, check_variables
from graph.overlaps import overlaps
from graph.schema import build_schema
from resolvers.routing import Ids
from tests.graph.world import NOW, Stage

LIMITS = Limits()
SECONDS = 0.5


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()._schema


@pytest.fixture
def known(schema: GraphQLSchema) -> Documents:
    return Documents(schema, LIMITS)


def spread_twice(levels: int) -> str:
    """Every fragment spreads the next one twice: 2 ** levels fields in a few hundred bytes."""
    links = (f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels))
    return f"{{ ...f0 }} {' '.join(links)} fragment f{levels} on Query {{ __typename }}"


def nested(levels: int) -> str:
    return "{member(id:1){" + "mergedInto{" * (levels - 2) + "name" + "}" * levels


OVERLAPPING = "... on Query { " + "programs { name } " * 10 + "} "

HOSTILE: Mapping[str, str] = {
    "11 levels": nested(11),
    "12 levels": nested(12),
    "30 levels": nested(30),
    "201 levels": nested(201),
    "400 levels": nested(400),
    "100,000 open braces": "{" * 100_000,
    "60,000 open braces": "{" * 60_000,
    "300 open braces with names": "{a" * 300,
    "1,001 tokens": "{" + " a" * 999 + "}",
    "2,000 tokens": "{" + " a" * 2_000 + "}",
    "fan-out of 12": spread_twice(12),
    "fan-out of 24": spread_twice(24),
    "fan-out of 60": spread_twice(60),
    "chain of 120 fragments": "{...f0}"
    + "".join(f"fragment f{n} on Query{{...f{n + 1}}}" for n in range(120))
    + "fragment f120 on Query{__typename}",
    "fragment in itself": "{...a} fragment a on Query{...a}",
    "fragments in a circle": "{...a} fragment a on Query{...b} fragment b on Query{...a}",
    "circle that nobody spreads": "{__typename} fragment a on Query{...a}",
    "circle through fields": "{member(id:1){...a}} fragment a on Member{mergedInto{...a}}",
    "31 aliases": "{" + " ".join(f"a{n}:__typename" for n in range(31)) + "}",
    "101 aliases": "{" + " ".join(f"a{n}:__typename" for n in range(101)) + "}",
    "32 aliases in a fragment": "{...f ...f ...f ...f} fragment f on Query{"
    + " ".join(f"a{n}:__typename" for n in range(8))
    + "}",
    "500 times a field": "{" + " __typename" * 500 + "}",
    "500 times a field below": "{programs{" + " name" * 500 + "}}",
    "200 times an object": "{" + " programs{name}" * 200 + "}",
    "10 directives": "{__typename" + " @aa" * 10 + "}",
    "4 directives": "{__typename" + " @include(if:true)" * 4 + "}",
    "21 directives": "{programs{" + " ".join(f"name @aa key @aa{n}" for n in range(11)) + "}}",
    "10 directives on an operation": "query" + " @aa" * 10 + "{__typename}",
    "20,000 directives": "{__typename" + " @aa" * 20_000 + "}",
    "200 x 100 overlapping": "{" + ("...on Query{" + " programs" * 100 + "}") * 200 + "}",
    "8 x 10 overlapping": "{" + OVERLAPPING * 8 + "}",
    "a string of 5 MB": '{program(key:"' + "x" * 5_000_000 + '"){name}}',
    "5,000 unknown fields": "{" + " ".join(f"u{n}" for n in range(5_000)) + "}",
    "900 unknown fields": "{" + " ".join(f"u{n}" for n in range(900)) + "}",
    "10,000 operations": " ".join(f"query q{n}{{__typename}}" for n in range(10_000)),
    "200 operations": " ".join(f"query q{n}{{a}}" for n in range(190)),
    "100,000 open lists": "{program(key:" + "[" * 100_000,
    "300 nested lists": "{program(key:" + "[" * 300 + "]" * 300 + "){name}}",
    "300 nested objects": "{findMembers(by:" + "{a:" * 300 + "1" + "}" * 300 + "){error{code}}}",
    "300 nested fragments": "{" + "...{" * 300 + "a" + "}" * 301,
    "41 fields at the root": "{" + " programs" * 41 + "}",
    "the schema in circles": "{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}",
    "a deep type of the schema": "{__type(name:1){" + "ofType{" * 25 + "name" + "}" * 27,
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_a_hostile_document_is_one_cheap_refusal_that_names_the_limit(
    known: Documents, shape: str
) -> None:
    began = time.process_time()
    document = known.get(HOSTILE[shape])
    spent = time.process_time() - began
    assert len(document.errors) == 1
    assert document.errors[0].extensions == {"code": "LIMIT_EXCEEDED"}
    assert any(f"`{name}`" in document.errors[0].message for name in LIMITS.__slots__)
    assert spent < SECONDS


def test_there_are_forty_hostile_shapes() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("shape", HOSTILE)
def test_validation_never_sees_a_hostile_document(
    known: Documents, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def validated(_: GraphQLSchema, __: DocumentNode, **___: object) -> list[object]:
        raise AssertionError(shape)

    monkeypatch.setattr(documents, "validate", validated)
    assert known.get(HOSTILE[shape]).errors


def test_a_fragment_is_walked_once_however_often_it_is_spread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from graph import limits  # noqa: PLC0415 - to count inside it

    walked: list[object] = []
    walk = limits._Walk._set

    def counting(self: limits._Walk, selection_set: object) -> limits._Size:
        walked.append(selection_set)
        return walk(self, selection_set)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(limits._Walk, "_set", counting)
    tree = parse(spread_twice(24))
    with pytest.raises(LimitExceeded, match="selections"):
        check_shape(tree, LIMITS)
    assert len([walked_set for walked_set in walked if walked_set is not None]) == 26


ORDINARY: Mapping[str, Callable[[], str]] = {
    "GraphiQL's introspection": lambda: get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True
    ),
    "30 members by alias": lambda: (
        "{"
        + " ".join(
            f'm{n}: member(id: "x") {{ id number name status email tier {{ tier {{ name }} }} }}'
            for n in range(30)
        )
        + "}"
    ),
    "20 members by one fragment": lambda: (
        "{"
        + " ".join(f'm{n}: member(id: "x") {{ ...F }}' for n in range(20))
        + "} fragment F on Member { id number name status balance { points worth { amount } } }"
    ),
    "10 levels": lambda: nested(10),
    "10 parts of a page that all want the name": lambda: (
        "{programs{"
        + " ".join(f"...F{n}" for n in range(10))
        + "}}"
        + "".join(f"fragment F{n} on Program{{id key name currency}}" for n in range(10))
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_document_passes(known: Documents, name: str) -> None:
    assert known.get(ORDINARY[name]()).errors == ()


def test_every_example_of_the_page_passes(known: Documents, stage: Stage) -> None:
    listed = examples(stage.settings.programs, {}, Ids([bytes(64)]), NOW)
    assert len(listed) > 5
    assert [known.get(example.query).errors for example in listed] == [()] * len(listed)


def test_errors_of_validation_are_ten_at_most(known: Documents) -> None:
    assert len(known.get("{" + " ".join(f"u{n}" for n in range(30)) + "}").errors) == 10


def test_pairs_in_one_place_are_counted_through_fragments() -> None:
    assert overlaps(parse("{a b c}")) == 0
    assert overlaps(parse("{a ...{a ...f}} fragment f on Q {a}")) == 3
    assert overlaps(parse("{a{x} a{x} a{x}}")) == 6
    assert overlaps(parse("{a{x} b:a{x}}")) == 0


# ---------------------------------------------------------------------- variables


def deep(levels: int) -> dict[str, object]:
    value: object = 1
    for _ in range(levels - 1):
        value = [value]
    return {"v": value}


@pytest.mark.parametrize(
    ("variables", "limit"),
    [
        (deep(11), "variables_depth"),
        (deep(200), "variables_depth"),
        (deep(500), "variables_depth"),
        ({"v": "x" * 32_768}, "variables_bytes"),
        ({f"v{n}": n for n in range(5_000)}, "variables_bytes"),
        ({"v": [{"a": "b"}] * 4_000}, "variables_bytes"),
    ],
)
def test_variables_are_bounded(variables: dict[str, object], limit: str) -> None:
    with pytest.raises(LimitExceeded, match=limit):
        check_variables(variables, LIMITS)


def test_usual_variables_pass() -> None:
    check_variables(None, LIMITS)
    check_variables(deep(10), LIMITS)
    check_variables({"ids": ["x" * 80] * 100}, LIMITS)


# ---------------------------------------------------------------------- memory


def test_a_document_is_read_once(known: Documents) -> None:
    first = known.get("{ programs { name } }")
    assert known.get("{ programs { name } }") is first


def test_the_oldest_documents_are_forgotten(schema: GraphQLSchema) -> None:
    known = Documents(schema, LIMITS, capacity=2)
    texts = ["{ programs { name } }", "{ programs { key } }", "{ programs { id } }"]
    first: list[Document] = [known.get(text) for text in texts]
    assert known.get(texts[2]) is first[2]
    assert known.get(texts[0]) is not first[0]


def test_long_documents_are_not_all_remembered(schema: GraphQLSchema) -> None:
    known = Documents(schema, replace(LIMITS, body_bytes=10**6))
    long = [f"{{ programs {{ name }} }} #{n}" + "x" * 90_000 for n in range(3)]
    first = [known.get(text) for text in long]
    assert known.get(long[2]) is first[2]
    assert known.get(long[0]) is not first[0]


def test_what_cannot_run_is_not_remembered(known: Documents) -> None:
    assert known.get("{ nothing }") is not known.get("{ nothing }")
