"""The table of the stack, what is written for its servers, what is said when something lacks."""

import email.message
import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stdnum.fr import siret

from deploy.local import follow, mailbox, provision, servers, stack
from deploy.local.city import BUDGETS, SELLERS, STORIES, Story
from deploy.local.demo import written
from deploy.local.place import ROOT, CannotStart, Place


def a_place(folder: Path, ingest: int = 1) -> Place:
    place = Place(folder, ingest=ingest)
    place.prepare(stack.port_names(stack.stack(place)))
    return place


def test_every_need_of_a_part_stands_before_it(tmp_path: Path) -> None:
    known: set[str] = set()
    for part in stack.stack(Place(tmp_path, ingest=3)):
        assert set(part.needs) <= known, part.name
        known.add(part.name)


def test_ingest_runs_as_often_as_asked_and_all_replicas_share_the_work(tmp_path: Path) -> None:
    place = a_place(tmp_path, ingest=3)
    names = [part.name for part in stack.stack(place)]
    assert [name for name in names if name.startswith("ingest")] == [
        "ingest-1",
        "ingest-2",
        "ingest-3",
    ]
    stack.nginx_command(place)
    config = (tmp_path / "nginx/nginx.conf").read_text()
    for name in ("ingest-1", "ingest-2", "ingest-3"):
        assert f"server 127.0.0.1:{place.ports[name]} " in config


def test_every_service_is_started(tmp_path: Path) -> None:
    folders = {path.parent.name for path in (ROOT / "services").glob("*/main.py")}
    assert {service.name for service in stack.SERVICES} == folders


def test_the_public_origin_fills_every_name_of_its_template(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    stack.nginx_command(place)
    config = (tmp_path / "nginx/nginx.conf").read_text()
    assert "${" not in config.replace("${…}", "")
    for service in stack.SERVICES:
        for path in service.paths:
            assert servers.location(path, service.name) in config


def test_ports_differ_between_two_checkouts_and_stay_the_same_for_one(tmp_path: Path) -> None:
    first, second = a_place(tmp_path / "a"), a_place(tmp_path / "b")
    assert set(first.ports.values()) & set(second.ports.values()) == {8080}
    moved = first.ports | {"mongod": first.ports["mongod"] - 1000}
    first.write("ports.json", json.dumps(moved))
    assert a_place(tmp_path / "a").ports == moved


def test_a_port_that_somebody_took_is_replaced(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.ports["mongod"]))
        taken.listen()
        assert a_place(tmp_path).ports["mongod"] != place.ports["mongod"]


def test_secrets_are_kept_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    assert a_place(tmp_path).secrets == place.secrets
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    assert tmp_path.stat().st_mode & 0o077 == 0


def test_the_broker_has_one_user_of_its_own_and_no_guest(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    servers.rabbitmq(place)
    text = (tmp_path / "rabbitmq/definitions.json").read_text()
    assert '"chorale"' in text and "guest" not in text and place.secrets["amqp"] not in text


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which none of the servers is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("deploy.local.place.DAEMONS", ())
    return tmp_path


def program(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


@pytest.mark.usefixtures("bare_machine")
def test_all_that_is_missing_is_found_at_once() -> None:
    assert [need.what for need in provision.missing()] == [
        "RabbitMQ",
        "nginx",
        "tesseract with French",
    ]


def test_an_ordinary_user_is_told_the_command_to_type(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine, "apt-get")
    program(bare_machine, "nginx")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(CannotStart) as told:
        provision.provide(lambda text: None)
    assert "missing: RabbitMQ, tesseract with French" in str(told.value)
    assert (
        "sudo apt-get install --no-install-recommends"
        " rabbitmq-server tesseract-ocr tesseract-ocr-fra"
    ) in str(told.value)


def test_root_has_the_packages_installed_without_any_daemon_started(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, seen = bare_machine / "policy-rc.d", bare_machine / "seen"
    program(bare_machine, "apt-get")
    (bare_machine / "apt-get").write_text(f'#!/bin/sh\necho "$@ $(/bin/cat {policy})" >>{seen}\n')
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(provision, "POLICY", policy)
    with pytest.raises(CannotStart, match="even after installing"):
        provision.provide(lambda text: None)
    installed = seen.read_text()
    assert "install -y --no-install-recommends rabbitmq-server nginx-light tesseract" in installed
    assert "exit 101" in installed
    assert not policy.exists()


def test_a_rule_against_starting_daemons_that_was_there_stays(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine, "apt-get")
    program(bare_machine, "policy-rc.d")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(provision, "POLICY", bare_machine / "policy-rc.d")
    with pytest.raises(CannotStart):
        provision.provide(lambda text: None)
    assert (bare_machine / "policy-rc.d").exists()


def test_a_failed_installation_says_what_the_package_manager_said(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine, "apt-get")
    (bare_machine / "apt-get").write_text("#!/bin/sh\necho 'E: no such package' >&2\nexit 100\n")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(provision, "POLICY", bare_machine / "policy-rc.d")
    with pytest.raises(CannotStart, match="E: no such package"):
        provision.provide(lambda text: None)


def test_a_mongod_on_the_path_is_taken_before_the_one_of_the_wheel(bare_machine: Path) -> None:
    assert str(servers.mongod_binary()).endswith("fiftyone/db/bin/mongod")
    program(bare_machine, "mongod")
    assert servers.mongod_binary() == str(bare_machine / "mongod")


def test_the_wrapper_that_changes_user_is_never_started(bare_machine: Path) -> None:
    program(bare_machine, "rabbitmq-script-wrapper")
    (bare_machine / "rabbitmq-server").symlink_to("rabbitmq-script-wrapper")
    assert servers.rabbitmq_binary() in {None, servers.DEBIAN_RABBITMQ}


def test_logs_show_the_last_lines_of_each_part_under_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "workflow.log").write_text("".join(f"line {n}\n" for n in range(1, 41)))
    (tmp_path / "ingest-1.log").write_text("only\n")
    follow.follow(tmp_path, [], forever=False)
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split("│") == ["ingest-1      ", " only"]
    assert [line.split("│ ")[1] for line in shown[1:]] == [f"line {n}" for n in range(21, 41)]
    follow.follow(tmp_path, ["ingest-1"], forever=False)
    assert capsys.readouterr().out.count("\n") == 1


def a_mail(text: str) -> bytes:
    mail = email.message.EmailMessage()
    mail["Subject"] = "Activez votre compte"
    mail.set_content(text)
    mail.add_alternative(f"<a href='http://x.example/b?c=1&amp;d=2'>{text}</a>", subtype="html")
    return mail.as_bytes()


def test_a_mail_shows_its_words_and_its_links_to_each_recipient() -> None:
    at = datetime(2026, 9, 1, 8, tzinfo=UTC)
    text = "Ouvrez http://x.example/a/b. Puis <http://x.example/c>"
    first, second = mailbox.read(a_mail(text), ["a@x.example", "b@x.example"], at)
    assert (first.to, second.to) == ("a@x.example", "b@x.example")
    assert first.subject == "Activez votre compte" and first.text.strip() == text
    assert first.links == (
        "http://x.example/a/b",
        "http://x.example/c",
        "http://x.example/b?c=1&d=2",
    )
    assert first.at == "2026-09-01T08:00:00.000+00:00"


def test_the_mailbox_shows_the_newest_first_and_forgets_the_oldest() -> None:
    kept = mailbox.Mailbox(most=2)
    at = datetime(2026, 9, 1, tzinfo=UTC)
    for number in (1, 2, 3):
        kept.mails.extend(mailbox.read(a_mail(f"n° {number}"), ["A@x.example"], at))
    assert [mail.text.strip() for mail in kept.of("a@X.example")] == ["n° 3", "n° 2"]
    assert kept.of("b@x.example") == []


def test_the_mailbox_page_runs_nothing_that_a_mail_says() -> None:
    at = datetime(2026, 9, 1, tzinfo=UTC)
    mails = mailbox.read(a_mail("<script>alert(1)</script>"), ['"><b>@x.example'], at)
    assert "<script" not in mailbox.page(mails, None)
    assert "<i>" not in mailbox.page([], '"><i>')


def test_the_demo_has_a_dozen_invoices_of_every_format_and_eight_budgets() -> None:
    assert [len(STORIES), len(BUDGETS), len(SELLERS)] == [12, 8, 3]
    assert {story.format for story in STORIES} == {"ubl", "cii", "facturx", "pdf"}
    assert all(siret.is_valid(seller.siret) for seller in SELLERS)
    assert all(seller.name.endswith("(fictif)") for seller in SELLERS)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.sample.number)
def test_a_sample_is_the_same_file_every_time(story: Story) -> None:
    assert written(story) == written(story)
