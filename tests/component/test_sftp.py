"""The SFTP door, with OpenSSH's own client."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from shared.contracts.doors import FileHandedIn
from shared.contracts.ingest import Certificate, DepositSettled, DepositState
from tests.component.house import Signer, signer
from tests.component.lives import BUYER, OTHER, SELLER, life
from tests.component.mails import Notifier, Sink, fact, notifier
from tests.processes import free_port


@pytest.fixture
def accounts() -> Iterator[Signer]:
    """Accounts, played by the test."""
    with signer() as made:
        yield made


@pytest.fixture
def service(mongo: Any, broker: Any, accounts: Signer) -> Iterator[Notifier]:
    """Notifications, running, with an SFTP door."""
    port = str(free_port())
    more = {"sftp_port": port, "sftp_address": f"127.0.0.1:{port}"}
    more |= {"max_file_bytes": "2000000", "sftp_idle_seconds": "20"}
    with notifier(mongo, broker, Sink(), accounts.url, **more) as running:
        running.house.hear(FileHandedIn)
        yield running


class Partner:
    """The holder of a key, with OpenSSH's client."""

    def __init__(
        self,
        service: Notifier,
        accounts: Signer,
        folder: Path,
        structure: str,
        document: str | None = None,
        **who: Any,
    ) -> None:
        self.folder, self.structure = folder, structure
        folder.mkdir(exist_ok=True)
        self.key = folder / "id"
        made = asyncssh.generate_private_key("ssh-ed25519")
        made.write_private_key(str(self.key))
        self.key.chmod(0o600)
        public = made.export_public_key().decode()
        asked = {"structure": structure, "name": "essai", "public_key": public}
        asked |= {"document": document} if document else {}
        self.bearer = accounts.bearer(**{"kind": "client", "structures": [structure]} | who)
        reply = service.house.ask("POST", "/v1/sftp-keys", asked, self.bearer)
        assert reply.status == 201, reply.text
        self.view = reply.json
        port = self.view["port"]
        known = f"[127.0.0.1]:{port} {self.view['host_key']}\n"
        (folder / "known_hosts").write_text(known)

    def sftp(self, *commands: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a batch of commands; the first that fails ends it."""
        return subprocess.run(
            [
                *("sftp", "-b", "-", "-P", str(self.view["port"]), "-i", str(self.key)),
                *("-o", f"UserKnownHostsFile={self.folder / 'known_hosts'}"),
                *("-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes"),
                *("-o", "PreferredAuthentications=publickey", "-F", "none"),
                f"{user or self.view['user']}@127.0.0.1",
            ],
            input="\n".join(commands) + "\n",
            capture_output=True,
            text=True,
            timeout=30,
            cwd=self.folder,
            check=False,
        )

    def names(self, folder: str) -> list[str]:
        """What is in a folder."""
        listed = self.sftp(f"ls -1 {folder}").stdout.splitlines()
        return [line.rpartition("/")[2].strip() for line in listed if not line.startswith("sftp>")]

    def file(self, name: str, data: bytes = b"<x/>") -> str:
        """A file of the partner's."""
        (self.folder / name).write_bytes(data)
        return name

    def receipt(self, name: str) -> Any:
        """The receipt of a file."""
        done = self.sftp(f"get accuses/{name}.json receipt")
        assert done.returncode == 0, done.stderr
        return json.loads((self.folder / "receipt").read_text())


@pytest.fixture
def partner(service: Notifier, accounts: Signer, tmp_path: Path) -> Partner:
    """A seller with a key."""
    return Partner(service, accounts, tmp_path / "seller", SELLER)


def settled(handed: FileHandedIn) -> DepositSettled:
    """What ingest says of a file."""
    certificate = Certificate(
        number="n",
        deposit_id="d-1",
        sha256=handed.sha256,
        size=handed.size,
        filename=handed.filename,
        depositor=handed.depositor.subject,
        received_at=handed.received_at,
    )
    assert handed.depositor.structure
    return DepositSettled(
        handing_id=handed.handing_id,
        door=handed.door,
        deposit_id="d-1",
        realm=handed.realm,
        structure=handed.depositor.structure,
        filename=handed.filename,
        state=DepositState.INTEGRATED,
        certificate=certificate,
        items=(),
    )


def test_a_file_leaves_at_once_and_its_receipt_has_its_name(
    service: Notifier, partner: Partner
) -> None:
    done = partner.sftp(f"put {partner.file('F-1.xml', b'<a/>')} depot/")
    assert done.returncode == 0, done.stderr
    (handed,) = service.house.heard(FileHandedIn)
    assert (handed.filename, handed.size, handed.door) == ("F-1.xml", 4, "sftp")
    assert handed.depositor.structures == (SELLER,)
    assert partner.names("depot") == []
    service.tell(fact(settled(handed)))
    service.until(lambda: partner.names("accuses") == ["F-1.xml.json"])
    assert partner.receipt("F-1.xml")["state"] == "INTEGRATED"
    assert partner.sftp("rm accuses/F-1.xml.json").returncode == 0
    assert partner.names("accuses") == []


def test_a_half_written_file_waits_for_its_name(service: Notifier, partner: Partner) -> None:
    partner.file("a", b"x" * 100_000)
    assert partner.sftp("put a depot/a.xml.part").returncode == 0
    assert partner.names("depot") == ["a.xml.part"]
    assert service.house.heard(FileHandedIn, 0, 0.5) == []
    assert partner.sftp("rename depot/a.xml.part depot/a.xml").returncode == 0
    (handed,) = service.house.heard(FileHandedIn)
    assert (handed.filename, handed.size) == ("a.xml", 100_000)
    assert partner.names("depot") == []


def test_a_file_that_is_never_renamed_leaves_with_a_receipt(
    service: Notifier, partner: Partner
) -> None:
    partner.sftp(f"put {partner.file('a')} depot/a.part")
    late = {"$set": {"kept_until": datetime.now(UTC) - timedelta(minutes=1)}}
    service.database["papers"].update_many({}, late)
    service.end()
    service.start()  # it tidies up when it starts
    service.until(lambda: partner.names("depot") == [])
    assert "jamais renommé" in partner.receipt("a.part")["message"]


def test_a_client_that_dies_while_it_writes_hands_nothing_in(
    service: Notifier, partner: Partner
) -> None:
    partner.file("big.xml", b"x" * 1_900_000)
    process = subprocess.Popen(
        [
            *("sftp", "-b", "-", "-l", "400", "-P", str(partner.view["port"])),
            *("-i", str(partner.key), "-o", f"UserKnownHostsFile={partner.folder / 'known_hosts'}"),
            *("-F", "none", f"{partner.view['user']}@127.0.0.1"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=partner.folder,
    )
    assert process.stdin
    process.stdin.write(b"put big.xml depot/\n")
    process.stdin.flush()
    time.sleep(2)
    process.kill()
    process.wait()
    process.stdin.close()
    assert service.house.heard(FileHandedIn, 0, 1) == []
    assert partner.names("depot") == []


def test_what_was_answered_is_safe_when_the_process_is_killed_at_once(
    service: Notifier, partner: Partner
) -> None:
    assert partner.sftp(f"put {partner.file('F-1.xml')} depot/").returncode == 0
    service.end(signal.SIGKILL)
    service.start()
    (handed,) = service.house.heard(FileHandedIn, seconds=30)
    assert handed.filename == "F-1.xml"


def test_wrong_names_and_huge_files_are_refused_with_a_receipt(
    service: Notifier, partner: Partner
) -> None:
    refused = partner.sftp(f"put {partner.file('a')} depot/a:b.xml")
    assert refused.returncode != 0
    assert "U+003A" in partner.receipt("a_b.xml")["message"]
    refused = partner.sftp(f"put {partner.file('huge.xml', b'x' * 2_100_000)} depot/")
    assert refused.returncode != 0
    assert "trop gros" in partner.receipt("huge.xml")["message"]
    assert service.house.heard(FileHandedIn, 0, 0.5) == []


def test_events_lie_in_their_order_and_can_be_read(service: Notifier, partner: Partner) -> None:
    service.tell(*life("i-1"), *life("i-2"))
    service.until(lambda: len(partner.names("statuts")) == 12)
    names = partner.names("statuts")
    assert names == sorted(names)
    assert partner.sftp(f"get statuts/{names[0]} event").returncode == 0
    assert json.loads((partner.folder / "event").read_text())["sequence"] == 1
    assert partner.sftp(f"rm statuts/{names[0]}").returncode != 0


def test_a_partner_sees_its_own_room_only_and_nothing_of_the_machine(
    service: Notifier, accounts: Signer, partner: Partner, tmp_path: Path
) -> None:
    partner.sftp(f"put {partner.file('a')} depot/a.part")
    stranger = Partner(service, accounts, tmp_path / "other", OTHER)
    assert stranger.names("depot") == []
    assert partner.sftp("ls", user=stranger.view["user"]).returncode != 0
    assert "depot" in stranger.sftp("ls -1").stdout and "LISEZMOI.txt" in stranger.sftp("ls").stdout
    for attempt in (
        *("ls /etc", "get /etc/passwd x", "get ../../../etc/passwd x", "ls depot/../../etc"),
        *("mkdir depot/x", "rmdir depot", "ln -s /etc/passwd depot/x", "rm LISEZMOI.txt"),
        *("put id accuses/x", "put id /x", "put id statuts/x", "rename depot/no depot/yes"),
    ):
        assert stranger.sftp(attempt).returncode != 0, attempt
    assert stranger.sftp("get LISEZMOI.txt").returncode == 0
    assert "depot/" in (stranger.folder / "LISEZMOI.txt").read_text()


def test_the_key_of_the_server_lies_sealed_and_stays_the_same(
    service: Notifier, partner: Partner
) -> None:
    host = service.database["sftp_host"]
    assert host.find_one({})["private"].startswith("sealed:")
    service.end()
    service.start()
    assert partner.sftp("ls").returncode == 0


def test_no_shell_no_password_no_forwarding(service: Notifier, partner: Partner) -> None:
    common = [
        *("-p", str(partner.view["port"]), "-i", str(partner.key), "-F", "none"),
        *("-o", f"UserKnownHostsFile={partner.folder / 'known_hosts'}", "-o", "BatchMode=yes"),
    ]
    where = f"{partner.view['user']}@127.0.0.1"
    for more in (["ls"], ["-N", "-W", "127.0.0.1:22"]):
        tail = [where, *more] if more == ["ls"] else [*more, where]
        done = subprocess.run(["ssh", *common, *tail], capture_output=True, timeout=20, check=False)
        assert done.returncode != 0 and done.stdout == b""


def test_a_key_is_let_in_and_shut_out_by_its_owners_alone(
    service: Notifier, accounts: Signer, partner: Partner
) -> None:
    ask = service.house.ask
    foreign = accounts.bearer(kind="client", structures=[OTHER])
    assert ask("GET", "/v1/sftp-keys", None, foreign).json["items"] == []
    assert ask("DELETE", f"/v1/sftp-keys/{partner.view['id']}", None, foreign).status == 404
    asked = {"structure": SELLER, "name": "x", "public_key": "ssh-ed25519 AAAAnonsense x"}
    assert ask("POST", "/v1/sftp-keys", asked, foreign).status == 404
    assert (
        ask("POST", "/v1/sftp-keys", asked, partner.bearer).json["errors"][0]["code"] == "sftp-key"
    )
    listed = ask("GET", "/v1/sftp-keys", None, partner.bearer).json["items"]
    assert [key["fingerprint"] for key in listed] == [partner.view["fingerprint"]]
    assert ask("DELETE", f"/v1/sftp-keys/{partner.view['id']}", None, partner.bearer).status == 204
    assert partner.sftp("ls").returncode != 0


def test_buyers_enter_too(service: Notifier, accounts: Signer, tmp_path: Path) -> None:
    buyer = Partner(service, accounts, tmp_path / "buyer", BUYER)
    service.tell(life("i-1")[0])
    service.until(lambda: len(buyer.names("statuts")) == 3)
