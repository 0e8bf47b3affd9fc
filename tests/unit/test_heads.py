"""The Merkle trees of heads, and heads one after another."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from services.workflow.domain.heads import Head, climbed, next_head, path, root
from services.workflow.domain.journal import START, digest
from services.workflow.domain.trust import check_heads
from shared import signing
from shared.contracts.proof import HEAD, HeadView

AT = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)


def hashes(count: int) -> list[str]:
    return [hashlib.sha256(str(n).encode()).hexdigest() for n in range(count)]


def test_the_root_is_that_of_rfc_6962() -> None:
    """The root of no leaf, of one, and of three, each put together by hand."""
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(one)).digest() for one in hashes(3)]
    left = hashlib.sha256(b"\1" + leaves[0] + leaves[1]).digest()
    assert root([]) == hashlib.sha256(b"").hexdigest()
    assert root(hashes(1)) == leaves[0].hex()
    assert root(hashes(3)) == hashlib.sha256(b"\1" + left + leaves[2]).hexdigest()


@pytest.mark.parametrize("count", [*range(1, 18), 100, 1000])
def test_each_entry_climbs_to_the_root_and_no_other_does(count: int) -> None:
    leaves = hashes(count)
    for index in {0, 1, count // 2, count - 1} & set(range(count)):
        way = path(leaves, index)
        assert climbed(leaves[index], index, count, way) == root(leaves)
        others = [
            climbed(digest("x"), index, count, way),
            climbed(leaves[index], count, count, way),
            climbed(leaves[index], index, count, [*way, digest("x")]),
        ]
        assert root(leaves) not in others
        if way:
            assert climbed(leaves[index], index, count, way[:-1]) != root(leaves)


def test_a_day_is_closed_by_the_first_head_after_it_even_an_empty_one() -> None:
    first = next_head(None, START, hashes(2), AT)
    assert first and first.closes is None
    assert next_head(first, "0", [], AT + timedelta(seconds=30)) is None
    night = next_head(first, "0", [], AT + timedelta(minutes=2))
    assert night and (night.count, night.closes) == (0, AT.date())


def test_a_head_is_never_older_than_the_one_before() -> None:
    first = next_head(None, START, hashes(1), AT)
    assert first
    second = next_head(first, "0", hashes(2), AT - timedelta(days=3))
    assert second and second.at == AT and second.closes is None


class Signing:
    """Makes a chain of heads with keys of its own."""

    def __init__(self) -> None:
        self.private = [signing.new_key(), signing.new_key()]
        self.keys = [signing.public(one) | {"since": AT.isoformat()} for one in self.private]

    def heads(self, *by: int) -> list[HeadView]:
        """Heads, each signed by the key of this number."""
        made: list[HeadView] = []
        for number, key in enumerate(by, 1):
            previous = digest(made[-1].jws) if made else START
            made.append(self.sign(Head(number, AT, 1, root(hashes(1)), previous), key))
        return made

    def sign(self, head: Head, key: int) -> HeadView:
        token = signing.sign(self.private[key], self.keys[key]["kid"], HEAD, head.said())
        names = ("number", "at", "count", "root", "previous", "closes")
        return HeadView(**{name: getattr(head, name) for name in names}, jws=token)


def test_heads_in_their_order_are_believed_whoever_signed() -> None:
    made = Signing()
    assert check_heads(made.heads(0, 0, 1, 1), made.keys) == []


def test_another_head_in_the_middle_is_named() -> None:
    made = Signing()
    heads = made.heads(0, 0, 0, 0)
    other = made.sign(Head(2, AT, 1, root(hashes(2)), heads[1].previous), 0)
    faults = check_heads([heads[0], other, *heads[2:]], made.keys)
    assert [fault.place for fault in faults] == ["head 3"]
    changed = heads[1].model_copy(update={"count": 2})
    faults = check_heads([heads[0], changed, *heads[2:]], made.keys)
    assert [fault.place for fault in faults] == ["head 2"]


def test_a_stolen_key_proves_nothing_alone_but_what_a_good_key_follows_stays_proven() -> None:
    made = Signing()
    heads = made.heads(0, 0, 1)
    made.keys[0]["compromised_since"] = AT.isoformat()
    assert check_heads(heads, made.keys) == []
    assert [fault.place for fault in check_heads(heads[:2], made.keys)] == ["head 1", "head 2"]
    forged = made.sign(Head(2, AT, 1, root(hashes(2)), heads[1].previous), 0)
    places = [fault.place for fault in check_heads([heads[0], forged, heads[2]], made.keys)]
    assert places == ["head 3", "head 1", "head 2"]


def test_a_key_counts_only_for_its_time() -> None:
    made = Signing()
    head = made.heads(0)
    late = [made.keys[0] | {"since": (AT + timedelta(days=1)).isoformat()}]
    over = [made.keys[0] | {"until": (AT - timedelta(days=1)).isoformat()}]
    for keys in (late, over, []):
        assert len(check_heads(head, keys)) == 1
    assert check_heads([head[0].model_copy(update={"jws": "x.y.z"})], made.keys)
