"""Who may act for whom, and what a password, a secret and a pause must be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain import credentials, passwords, rights, throttle
from services.accounts.domain.throttle import LIMITS, Limit, pause
from shared.errors import Invalid, NotFound

SELLER = "73282932000074"
KEY = f"live/siret/{SELLER}"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_holder_and_an_operator_may_act_and_to_others_the_structure_does_not_exist() -> None:
    rights.demand("person", [KEY], KEY)
    rights.demand("operator", [], KEY)
    for kind, held in (("person", []), ("client", []), ("person", [f"demo/siret/{SELLER}"])):
        with pytest.raises(NotFound):
            rights.demand(kind, held, KEY)


@pytest.mark.parametrize(
    ("key", "held", "known_public", "may"),
    [
        (KEY, False, False, True),
        (KEY, True, False, False),
        (KEY, False, True, False),
        ("live/siret/22310001700423", False, False, False),
        ("live/siret/13000548100010", False, False, False),
        ("sandbox-1/siret/22310001700423", False, False, True),
        ("sandbox-1/siret/22310001700423", True, False, False),
    ],
)
def test_opening_an_account_gives_a_structure_only_when_it_is_private_and_free(
    key: str, held: bool, known_public: bool, may: bool
) -> None:
    assert rights.may_claim(key, held=held, known_public=known_public) is may


def test_a_siret_is_checked_by_its_key_except_in_sandboxes() -> None:
    assert rights.siret_of("732 829 320\u00a000074", "live") == SELLER
    assert rights.siret_of("35600000049837", "live") == "35600000049837", "La Poste has its own key"
    assert rights.siret_of("12345678200010", "demo") == "12345678200010"
    for text in (
        "73282932000075",
        "",
        "7328293200007",
        "732829320000744",
        "a" * 14,
        "٧٣٢٨٢٩٣٢٠٠٠٠٧٤",
    ):
        with pytest.raises(Invalid):
            rights.siret_of(text, "live")


def test_a_structure_is_named_by_key_or_by_siret() -> None:
    assert rights.key_asked(SELLER, "demo") == f"demo/siret/{SELLER}"
    assert rights.key_asked(KEY, "demo") == KEY
    assert rights.realm_of("demo/name/A/B") == "demo"
    for text in ("/siret/1", "live//1", "live/siret/", "LIVE/siret/1", "live/siret/1\n", "../x/y"):
        with pytest.raises(Invalid):
            rights.key_asked(text, "live")


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Rivage-4-cerise-bois", set()),
        ("correct Horse battery", set()),
        ("🦉 hibou grand Duc 9", set()),
        ("Court-9", {"PWD-LENGTH"}),
        ("rivage cerise bois", {"PWD-CLASSES"}),
        ("motdepasse", {"PWD-LENGTH", "PWD-CLASSES", "PWD-OBVIOUS"}),
        ("Motdepasse123!", {"PWD-OBVIOUS"}),
        ("P@ssw0rd-2026!", {"PWD-OBVIOUS"}),
        ("Bonjour-Toulouse-31", {"PWD-OBVIOUS"}),
        ("Aa1!Aa1!Aa1!Aa1!", {"PWD-OBVIOUS"}),
        ("123456789012-A", {"PWD-OBVIOUS"}),
        ("Jeanne.Martin-2026", {"PWD-ADDRESS"}),
        ("x-JEANNE.MARTIN@exemple.FR-9", {"PWD-ADDRESS"}),
    ],
)
def test_a_password_is_refused_by_every_rule_that_it_breaks(password: str, codes: set[str]) -> None:
    findings = passwords.missing(password, "jeanne.martin@exemple.fr")
    assert {finding.code for finding in findings} == codes
    assert all(finding.message and finding.pointer == "/password" for finding in findings)


def test_a_short_local_part_forbids_nothing() -> None:
    assert passwords.missing("Rivage-4-bois-lit", "li@exemple.fr") == ()


def test_an_accent_typed_in_two_ways_is_one_password() -> None:
    assert passwords.normal("forêt") == passwords.normal("fore\u0302t")


def test_addresses_are_compared_without_case_or_width() -> None:
    assert credentials.login_of(" Marie@Exemple.FR ") == credentials.login_of("marie@exemple.fr")
    assert credentials.login_of("ｍarie@exemple.fr") == "marie@exemple.fr"
    assert credentials.login_of("mаrie@exemple.fr") != "marie@exemple.fr", (
        "a Cyrillic letter is not ours"
    )


@given(st.text(min_size=1), st.lists(st.text(min_size=1), max_size=2))
def test_a_secret_matches_only_those_kept(secret: str, others: list[str]) -> None:
    kept = [credentials.hashed(other) for other in others]
    assert credentials.matches(secret, kept) is (secret in others)
    assert credentials.matches(secret, [*kept, credentials.hashed(secret)])
    assert not credentials.matches("nobody", [])


def test_the_pause_grows_and_never_lasts_for_good() -> None:
    limit = Limit("pair", free=5, first=10, longest=900)
    pauses = [pause(limit, [NOON] * tries, NOON) for tries in range(15)]
    assert pauses == [0, 0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    assert pause(limit, [NOON] * 6, NOON + timedelta(seconds=19)) == 1
    assert pause(limit, [NOON] * 6, NOON + timedelta(seconds=20)) == 0
    assert pause(limit, [NOON] * 100, NOON + throttle.WINDOW) == 0


def test_a_stranger_can_delay_the_owner_of_an_account_only_shortly() -> None:
    by = {limit.by: limit for limit in LIMITS}
    assert set(by) == {"pair", "source", "account"}
    assert pause(by["account"], [NOON] * 10_000, NOON) <= 30
    assert pause(by["pair"], [NOON] * 5, NOON) > 0, "the sixth try waits"
