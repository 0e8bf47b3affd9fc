"""Where webhooks may lead, how they are signed, when they are tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from services.notifications.domain.feed import Event
from services.notifications.domain.webhooks import (
    PAUSES,
    REFUSED_TRIES,
    Delivery,
    Secret,
    fault_of,
    new_key,
    probe_pause,
    reachable,
    signed,
)
from shared.contracts.webhooks import Attempt

AT = datetime.now(UTC)
EVENT = Event("i-1-1", "live", "t", "i-1", 1, (), None, AT, "{}", 1)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.0.192", "198.18.0.1", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    ],
)
def test_what_is_not_on_the_public_internet_is_not_called(address: str) -> None:
    assert not reachable(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_the_public_internet_is_called(address: str) -> None:
    assert reachable(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://exemple.fr/", "ftp://exemple.fr/", "exemple.fr", "https://", "https:///x"),
        *("https://u:p@exemple.fr/", "https://exemple.fr/#a", "https://exemple.fr:99999/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://exemple.fr/\r\nX: y", "https://a b/"),
        *("https://exemple.fr\\@10.0.0.1/", "https://[::ffff:7f00:1]/", "https://[zz]/"),
    ],
)
def test_a_bad_address_is_refused_in_words(url: str) -> None:
    assert fault_of(url, inside=False)


def test_a_good_address_is_taken() -> None:
    assert fault_of("https://exemple.fr:8443/chorale?a=1", inside=False) is None
    assert fault_of("http://127.0.0.1:9/", inside=True) is None


def test_a_signature_is_taken_by_the_standard_library_for_each_secret() -> None:
    secrets = (Secret(new_key("abc")), Secret(new_key("def")))
    headers = signed(secrets, "m-1", AT, '{"a":"é"}')
    for secret in secrets:
        assert Webhook(secret.key).verify('{"a":"é"}', headers) == {"a": "é"}


def answered(status: int | None) -> Attempt:
    return Attempt(at=AT, status=status, milliseconds=1)


def test_the_published_schedule_is_kept_and_ends() -> None:
    delivery = Delivery("w", EVENT)
    for pause in PAUSES:
        delivery = delivery.after(answered(500))
        assert (delivery.state, delivery.next_try_at) == ("WAITING", AT + pause)
    delivery = delivery.after(answered(None))
    assert (delivery.state, delivery.next_try_at, delivery.tries) == ("GIVEN_UP", None, 8)


def test_a_refusal_of_the_event_itself_is_tried_three_times() -> None:
    delivery = Delivery("w", EVENT)
    for _ in range(REFUSED_TRIES):
        assert delivery.state == "WAITING"
        delivery = delivery.after(answered(422))
    assert delivery.state == "GIVEN_UP"


@pytest.mark.parametrize("status", [408, 425, 429, 503, 302, None])
def test_what_is_about_the_moment_is_tried_on(status: int | None) -> None:
    delivery = Delivery("w", EVENT)
    for _ in range(REFUSED_TRIES + 1):
        delivery = delivery.after(answered(status))
    assert delivery.state == "WAITING"


def test_a_receiver_may_ask_for_patience_within_bounds() -> None:
    asked = Delivery("w", EVENT).after(answered(429), timedelta(seconds=90))
    assert asked.next_try_at == AT + timedelta(seconds=90)
    greedy = Delivery("w", EVENT).after(answered(429), timedelta(days=900))
    assert greedy.next_try_at == AT + timedelta(hours=1)


def test_a_dead_receiver_is_probed_less_and_less() -> None:
    pauses = [probe_pause(failures) for failures in range(5, 50)]
    assert pauses == sorted(pauses) and pauses[-1] == timedelta(minutes=5)
