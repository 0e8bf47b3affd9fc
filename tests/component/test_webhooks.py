"""Webhooks, with receivers that take, refuse, stall and die."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from standardwebhooks import WebhookVerificationError

from shared.contracts.webhooks import WebhookSwitchedOff
from tests.component.house import Signer, signer
from tests.component.lives import BUYER, OTHER, SELLER, life
from tests.component.mails import Notifier, Sink, notifier
from tests.component.receivers import Owner, Receiver, receiver


@pytest.fixture
def accounts() -> Iterator[Signer]:
    """Accounts, played by the test."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, running, with leave to call this machine."""
    with notifier(mongo, broker, Sink(), accounts.url, webhook_inside="true") as running:
        running.house.hear(WebhookSwitchedOff)
        yield running


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """A receiver."""
    with receiver() as made:
        yield made


@pytest.fixture
def owner(service: Notifier, accounts: Signer) -> Owner:
    """The buyer's client."""
    return Owner(service, accounts)


def test_events_come_signed_and_in_order_and_are_logged(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    made = owner.open(hook.url)
    for n in range(5):
        service.tell(*life(f"i-{n}"))
    service.until(lambda: len(hook.posts) == 30)
    for n in range(5):
        assert hook.sequences(f"i-{n}") == [1, 2, 3, 4, 5, 6]
    post = hook.posts[0]
    assert post.verified(made["secret"])["id"] == post.headers["webhook-id"]
    assert post.headers["Content-Type"] == "application/cloudevents+json"
    service.until(lambda: len(owner.log(made, "?limit=100")) == 30)
    first = owner.ask("GET", f"/{made['id']}/deliveries?limit=20").json
    cursor = quote(first["next_cursor"])
    rest = owner.ask("GET", f"/{made['id']}/deliveries?limit=20&cursor={cursor}").json
    rows = first["items"] + rest["items"]
    assert len({row["event_id"] for row in rows}) == 30
    assert {(row["state"], row["attempts"][0]["status"]) for row in rows} == {("DELIVERED", 204)}


def test_an_event_that_is_refused_holds_up_its_own_invoice_only_and_comes_again(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    hook.answer = lambda event: 500 if event["subject"] == "i-1" else 204
    made = owner.open(hook.url)
    service.tell(*life("i-1"), *life("i-2"))
    service.until(lambda: hook.sequences("i-2") == [1, 2, 3, 4, 5, 6])
    assert set(hook.sequences("i-1")) == {1}
    service.until(lambda: owner.log(made, "?state=WAITING"))
    (waiting,) = [row for row in owner.log(made, "?state=WAITING") if row["next_try_at"]]
    assert (waiting["sequence"], waiting["attempts"][0]["status"]) == (1, 500)
    hook.answer = lambda event: 204
    service.until(lambda: hook.sequences("i-1")[-6:] == [1, 2, 3, 4, 5, 6])
    ids = {post.headers["webhook-id"] for post in hook.posts if post.event["subject"] == "i-1"}
    assert len(ids) == 6
    service.until(lambda: owner.log(made, "?state=WAITING") == [])


def test_a_process_that_is_killed_loses_nothing_and_repeats_under_the_same_id(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    hook.seconds = 0.05
    owner.open(hook.url)
    service.tell(*(one for n in range(20) for one in life(f"i-{n}")))
    service.until(lambda: len(hook.posts) > 15)
    service.end(signal.SIGKILL)
    service.start()
    service.until(lambda: len({p.headers["webhook-id"] for p in hook.posts}) == 120, 40)
    for n in range(20):
        seen = list(dict.fromkeys(hook.sequences(f"i-{n}")))
        assert seen == [1, 2, 3, 4, 5, 6]


def test_a_dead_and_a_slow_receiver_delay_nobody_else(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    with receiver() as slow:
        slow.seconds = 3
        dead = owner.open("http://127.0.0.1:9/dead")
        owner.open(slow.url)
        owner.open(hook.url)
        service.tell(*(one for n in range(20) for one in life(f"i-{n}")))
        service.until(lambda: len(hook.posts) == 120)
        assert len(slow.posts) < 60
    shown = owner.ask("GET", f"/{dead['id']}").json
    assert shown["failing_since"] and "ne répond pas" in shown["last_error"]
    tries = [row["tries"] for row in owner.log(dead, "?limit=100")]
    assert 0 < sum(tries) < 40


def test_a_webhook_that_is_gone_is_switched_off_and_goes_on_when_it_is_switched_on(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    hook.answer = lambda event: 410
    made = owner.open(hook.url)
    service.tell(*life("i-1"))
    (told,) = service.house.heard(WebhookSwitchedOff)
    assert (told.webhook_id, told.cause, told.structure) == (made["id"], "gone", BUYER)
    assert len(hook.posts) == 1
    shown = owner.ask("GET", f"/{made['id']}").json
    assert (shown["on"], shown["off_cause"]) == (False, "gone")
    hook.answer = lambda event: 204
    on = owner.ask("PUT", f"/{made['id']}", {"url": hook.url, "on": True})
    assert on.status == 200 and on.json["on"] is True
    service.until(lambda: hook.sequences("i-1") == [1, 1, 2, 3, 4, 5, 6])


def test_a_webhook_that_fails_for_days_is_switched_off(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    hook.answer = lambda event: 503
    made = owner.open(hook.url)
    long_ago = datetime.now(UTC) - timedelta(days=6)
    service.database["webhooks"].update_one({}, {"$set": {"failing_since": long_ago}})
    service.tell(life("i-1")[0])
    (told,) = service.house.heard(WebhookSwitchedOff)
    assert (told.cause, told.last_error) == ("failing", "HTTP 503")
    shown = owner.ask("GET", f"/{made['id']}").json
    assert (shown["on"], shown["off_cause"], shown["waiting"]) == (False, "failing", 3)


def test_two_secrets_sign_after_a_rotation(service: Notifier, owner: Owner, hook: Receiver) -> None:
    made = owner.open(hook.url)
    rotated = owner.ask("POST", f"/{made['id']}:rotate")
    assert rotated.status == 200 and rotated.json["secret"] != made["secret"]
    service.tell(life("i-1")[0])
    service.until(lambda: len(hook.posts) == 3)
    for secret in (made["secret"], rotated.json["secret"]):
        assert hook.posts[0].verified(secret)
    with pytest.raises(WebhookVerificationError):
        hook.posts[0].verified("whsec_" + "A" * 32)
    again = owner.ask("POST", f"/{made['id']}:rotate").json
    service.database["webhooks"].update_one(
        {}, {"$set": {"secrets.1.until": datetime.now(UTC) - timedelta(seconds=1)}}
    )
    assert owner.ask("POST", f"/{made['id']}:test").json["status"] == 204
    assert hook.posts[-1].verified(again["secret"])["type"] == "chorale.webhook.test.v1"
    with pytest.raises(WebhookVerificationError):
        hook.posts[-1].verified(rotated.json["secret"])


def test_one_event_or_all_since_a_date_are_sent_again_under_the_same_id(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    began = datetime.now(UTC).isoformat()
    made = owner.open(hook.url)
    service.tell(*life("i-1"))
    service.until(lambda: len(owner.log(made)) == 6)
    one = owner.ask("POST", f"/{made['id']}:redeliver", {"event_id": "i-1-4"})
    assert one.status == 200 and one.json["state"] == "WAITING"
    service.until(lambda: hook.sequences("i-1") == [1, 2, 3, 4, 5, 6, 4])
    assert owner.ask("POST", f"/{made['id']}:redeliver", {"event_id": "i-9-1"}).status == 404
    service.until(lambda: owner.log(made, "?state=WAITING") == [])
    assert owner.ask("POST", f"/{made['id']}:replay", {"since": began}).status == 200
    service.until(lambda: hook.sequences("i-1") == [1, 2, 3, 4, 5, 6, 4, 1, 2, 3, 4, 5, 6])
    assert len({post.headers["webhook-id"] for post in hook.posts}) == 6


def test_a_redirection_is_not_followed_and_a_huge_answer_is_not_read(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    with receiver() as elsewhere:
        hook.answer, hook.headers = (lambda event: 302), {"Location": elsewhere.url}
        made = owner.open(hook.url)
        tried = owner.ask("POST", f"/{made['id']}:test").json
        assert (tried["status"], tried["error"]) == (302, "redirection refusée")
        assert elsewhere.posts == []
    hook.answer, hook.headers, hook.body = (lambda event: 200), {}, b"x" * 5_000_000
    tried = owner.ask("POST", f"/{made['id']}:test").json
    assert (tried["status"], len(tried["answer"])) == (200, 500)


def test_a_webhook_is_its_owners_alone(
    service: Notifier, accounts: Signer, owner: Owner, hook: Receiver
) -> None:
    made = owner.open(hook.url)
    stranger = Owner(service, accounts, OTHER)
    assert stranger.ask("GET").json["items"] == []
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"url": hook.url}),
        ("DELETE", "", None),
        ("POST", ":rotate", None),
        ("POST", ":test", None),
        ("GET", "/deliveries", None),
        ("POST", ":replay", {"since": "2026-01-01T00:00:00Z"}),
    ):
        assert stranger.ask(method, f"/{made['id']}{path}", body).status == 404, path
    asked = {"structure": BUYER, "url": hook.url}
    assert stranger.ask("POST", "", asked).json["code"] == "structure-not-found"
    seller = Owner(service, accounts, SELLER)
    service.tell(*life("i-1", OTHER))
    placed = {"position": {"$gt": 0}}
    service.until(lambda: service.database["events"].count_documents(placed) == 6)
    seller.open(hook.url)
    service.tell(*life("i-2", OTHER))
    service.until(lambda: hook.sequences("i-2") == [1, 2, 3, 4, 5, 6])
    assert hook.sequences("i-1") == [] and len(hook.posts) == 6


def test_webhooks_are_made_changed_and_closed(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    asked = {"structure": BUYER, "url": hook.url}
    first, second = (owner.ask("POST", "", asked, Idempotency_Key="k") for _ in range(2))
    assert first.json["id"] == second.json["id"]
    other = owner.ask("POST", "", asked | {"url": hook.url + "2"}, Idempotency_Key="k")
    assert other.json["code"] == "idempotency-key-reused"
    id = first.json["id"]
    assert "secret" not in owner.ask("GET").json["items"][0]
    stale = owner.ask("PUT", f"/{id}", {"url": hook.url}, If_Match='"7"')
    assert stale.status == 412
    off = owner.ask("PUT", f"/{id}", {"url": hook.url, "on": False}, If_Match='"1"')
    assert (off.json["on"], off.json["off_cause"], off.json["version"]) == (False, "owner", 2)
    assert owner.ask("POST", f"/{id}:replay", {"since": "2026-01-01T00:00:00Z"}).status == 409
    assert owner.ask("DELETE", f"/{id}").status == 204
    assert owner.ask("GET", f"/{id}").status == 404
    assert owner.ask("POST", "", asked | {"types": ["nothing"]}).status == 422
    for _ in range(10):
        owner.open(hook.url)
    assert owner.ask("POST", "", asked).json["code"] == "too-many"


def test_inside_addresses_are_refused_when_the_setting_does_not_allow_them(
    mongo: Any, broker: Any, accounts: Signer, hook: Receiver
) -> None:
    with notifier(mongo, broker, Sink(), accounts.url) as service:
        owner = Owner(service, accounts)
        for url in (
            hook.url,
            "https://127.0.0.1/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://a:b@c.fr/",
        ):
            reply = owner.ask("POST", "", {"structure": BUYER, "url": url})
            assert (reply.status, reply.json["errors"][0]["code"]) == (422, "webhook-url"), url
        made = owner.open("https://localhost/x")
        tried = owner.ask("POST", f"/{made['id']}:test").json
        assert tried["error"] == "l'adresse n'est pas sur l'internet public"


def test_secrets_lie_sealed_and_those_of_before_are_sealed_at_the_start(
    service: Notifier, owner: Owner, hook: Receiver
) -> None:
    made = owner.open(hook.url)
    rows = service.database["webhooks"]

    def kept() -> list[str]:
        return [one["key"] for one in rows.find_one({})["secrets"]]

    assert all(key.startswith("sealed:") for key in kept())
    rows.update_one({}, {"$set": {"secrets.0.key": made["secret"]}})
    service.end()
    old = service.environment["CHORALE_SEALING_KEYS"]
    for keys in (old, f"{'n' * 40},{old}", "n" * 40):
        service.environment["CHORALE_SEALING_KEYS"] = keys
        service.start()
        assert all(key.startswith("sealed:") for key in kept())
        assert owner.ask("POST", f"/{made['id']}:test").json["status"] == 204
        assert hook.posts[-1].verified(made["secret"])
        service.end()
    service.start()
