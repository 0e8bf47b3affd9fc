"""What a version has promised stays promised."""

import pytest

from docs import schemas
from docs.schemas import Schema, breaks
from shared.contracts import CATALOGUE
from shared.contracts.status import GROWS

TEXT = {"type": "string"}


def an_object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_a_schema_is_as_it_was_promised_or_has_a_new_version(topic: str) -> None:
    promised = schemas.frozen()
    assert topic in promised, "run `python -m docs.generate --freeze` and commit the new schema"
    now = schemas.current()[topic]
    assert breaks(promised[topic], now) == [], "make a new class with the next version"
    assert promised[topic] == now, (
        "run `python -m docs.generate --freeze` to write down what is new"
    )


def test_no_promise_is_forgotten() -> None:
    assert set(schemas.frozen()) == set(CATALOGUE)


def test_an_optional_field_may_be_added() -> None:
    assert breaks(an_object("a", a=TEXT), an_object("a", a=TEXT, b=TEXT)) == []


def test_a_required_field_may_not_be_added() -> None:
    assert breaks(an_object("a", a=TEXT), an_object("a", "b", a=TEXT, b=TEXT))


def test_a_field_may_not_go() -> None:
    assert breaks(an_object("a", a=TEXT, b=TEXT), an_object("a", a=TEXT))


def test_a_field_may_not_change_its_type() -> None:
    assert breaks(an_object("a", a=TEXT), an_object("a", a={"type": "integer"}))


@pytest.mark.parametrize(("old", "new"), [(("a",), ()), ((), ("a",))])
def test_a_field_stays_required_or_optional(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    assert breaks(an_object(*old, a=TEXT), an_object(*new, a=TEXT))


def test_a_value_may_not_be_added_to_a_list_of_values() -> None:
    old, new = ({"enum": values} for values in (["A"], ["A", "B"]))
    assert breaks(an_object("a", a=old), an_object("a", a=new))


def test_a_vocabulary_that_grows_may_gain_words_and_lose_none() -> None:
    few, more = ({"enum": words, GROWS: True} for words in (["A"], ["A", "B"]))
    assert breaks(an_object("a", a=few), an_object("a", a=more)) == []
    assert breaks(an_object("a", a=more), an_object("a", a=few))
    assert breaks(an_object("a", a={"enum": ["A"]}), an_object("a", a=more))


def test_a_change_deep_inside_is_found_through_references() -> None:
    outer = an_object("inner", inner={"$ref": "#/$defs/Inner"})
    old, new = (
        outer | {"$defs": {"Inner": an_object("x", x={"type": kind})}}
        for kind in ("string", "number")
    )
    assert breaks(old, new) == ["/inner/x/type was 'string' and is 'number'"]


def test_an_optional_field_may_be_added_deep_inside() -> None:
    outer = an_object("all", all={"type": "array", "items": {"$ref": "#/$defs/Inner"}})
    old = outer | {"$defs": {"Inner": an_object("x", x=TEXT)}}
    new = outer | {"$defs": {"Inner": an_object("x", x=TEXT, y=TEXT)}}
    assert breaks(old, new) == []


def test_words_for_people_may_change() -> None:
    promised = schemas.current()["workflow.invoice-opened.v1"]
    assert "description" not in schemas.text(promised)
