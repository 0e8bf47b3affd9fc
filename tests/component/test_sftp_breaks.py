"""What becomes of an upload when its client babbles, vanishes, writes badly or may no more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from shared.contracts.accounts import ContactsChanged, SecurityChanged
from shared.contracts.doors import FileHandedIn
from tests.component.house import Signer, signer
from tests.component.lives import BUYER, SELLER
from tests.component.mails import Notifier, Sink, fact, notifier
from tests.component.test_sftp import Partner
from tests.processes import free_port

INIT, OPEN, CLOSE, WRITE = 1, 3, 4, 6
STATUS, HANDLE = 101, 102
WRITING = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC


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
    with notifier(mongo, broker, Sink(), accounts.url, **more) as running:
        running.house.hear(FileHandedIn)
        yield running


@pytest.fixture
def partner(service: Notifier, accounts: Signer, tmp_path: Path) -> Partner:
    """A seller with a key."""
    return Partner(service, accounts, tmp_path / "seller", SELLER)


class Raw:
    """An SFTP client that sends what it likes."""

    def __init__(self, connection: Any, writer: Any, reader: Any) -> None:
        self.connection, self.writer, self.reader, self._id = connection, writer, reader, 0

    async def ask(self, kind: int, *fields: bytes) -> tuple[int, bytes]:
        """A request, and the kind and the content of its answer."""
        self._id += 1
        body = bytes([kind]) + _number(self._id) + b"".join(fields)
        self.writer.write(_number(len(body)) + body)
        size = int.from_bytes(await self.reader.readexactly(4), "big")
        answer = await self.reader.readexactly(size)
        return answer[0], answer[5:]

    async def open(self, name: str) -> bytes:
        """Begin to write a file; its handle, as it is sent."""
        kind, handle = await self.ask(OPEN, _text(name.encode()), _number(WRITING), _number(0))
        assert kind == HANDLE
        return handle

    async def write(self, handle: bytes, offset: int, data: bytes) -> int:
        """Write some bytes; the code of the answer."""
        _, said = await self.ask(WRITE, handle, offset.to_bytes(8, "big"), _text(data))
        return int.from_bytes(said[:4], "big")


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _text(data: bytes) -> bytes:
    return _number(len(data)) + data


def talk(partner: Partner, said: Callable[[Raw], Awaitable[None]]) -> None:
    """Come in, begin a session, and say something."""

    async def go() -> None:
        async with asyncssh.connect(
            "127.0.0.1",
            partner.view["port"],
            username=partner.view["user"],
            client_keys=[str(partner.key)],
            known_hosts=str(partner.folder / "known_hosts"),
            config=None,
        ) as connection:
            writer, reader, _ = await connection.open_session(subsystem="sftp", encoding=None)
            writer.write(_number(5) + bytes([INIT]) + _number(3))
            await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
            await said(Raw(connection, writer, reader))

    asyncio.run(asyncio.wait_for(go(), 30))


def works(service: Notifier, partner: Partner) -> None:
    """Nothing but a whole file is handed in after all that."""
    assert partner.sftp(f"put {partner.file('whole.xml')} depot/").returncode == 0
    assert [one.filename for one in service.house.heard(FileHandedIn)] == ["whole.xml"]
    assert service.house.heard(FileHandedIn, 0, 0.5) == []
    assert partner.names("depot") == []


def test_garbage_in_mid_upload_hands_nothing_in(service: Notifier, partner: Partner) -> None:
    async def said(raw: Raw, garbage: bytes) -> None:
        handle = await raw.open("depot/half.xml")
        assert await raw.write(handle, 0, b"<half>") == 0
        raw.writer.write(garbage)
        assert await raw.reader.read() == b""

    for garbage in (b"\xff" * 64, _number(1) + b"\x06", _number(0)):
        talk(partner, partial(said, garbage=garbage))
    works(service, partner)


def test_a_connection_that_is_cut_in_mid_upload_hands_nothing_in(
    service: Notifier, partner: Partner
) -> None:
    async def said(raw: Raw, how: str) -> None:
        handle = await raw.open("depot/half.xml")
        assert await raw.write(handle, 0, b"<half>") == 0
        if how == "abort":
            raw.connection.abort()
        elif how == "eof":
            raw.writer.write_eof()
        else:
            raw.writer.channel.send_signal("INT")
        await raw.reader.read()

    for how in ("abort", "eof", "signal"):
        talk(partner, partial(said, how=how))
    works(service, partner)


def test_a_file_of_which_a_write_failed_or_could_not_be_read_is_refused_when_it_is_closed(
    service: Notifier, partner: Partner
) -> None:
    async def said(raw: Raw) -> None:
        handle = await raw.open("depot/hole.xml")
        assert await raw.write(handle, 0, b"<half>") == 0
        kind, said = await raw.ask(WRITE, handle, b"\x00")
        assert (kind, int.from_bytes(said[:4], "big")) == (STATUS, asyncssh.FX_BAD_MESSAGE)
        _, said = await raw.ask(CLOSE, handle)
        assert int.from_bytes(said[:4], "big") == asyncssh.FX_FAILURE

    async def resumed(raw: Raw) -> None:
        handle = await raw.open("depot/tail.xml")
        assert await raw.write(handle, 5, b"tail/>") == asyncssh.FX_FAILURE
        assert await raw.write(handle, 0, b"<the ") == 0
        _, said = await raw.ask(CLOSE, handle)
        assert int.from_bytes(said[:4], "big") == asyncssh.FX_FAILURE

    talk(partner, said)
    talk(partner, resumed)
    assert "rien n'a été pris" in partner.receipt("hole.xml")["message"]
    works(service, partner)


def test_a_client_that_closes_its_file_and_says_no_more_has_handed_it_in(
    service: Notifier, partner: Partner
) -> None:
    async def said(raw: Raw) -> None:
        handle = await raw.open("depot/whole.xml")
        assert await raw.write(handle, 0, b"<whole/>") == 0
        closing = asyncio.create_task(raw.ask(CLOSE, handle))
        await asyncio.sleep(0)
        raw.writer.write_eof()
        _, said = await closing
        assert int.from_bytes(said[:4], "big") == 0

    talk(partner, said)
    assert [one.filename for one in service.house.heard(FileHandedIn)] == ["whole.xml"]


def manage(service: Notifier, version: int, *managers: str) -> None:
    """From now on these manage the seller."""
    told = ContactsChanged(
        realm="live", structure=SELLER, emails=managers, managers=managers, version=version
    )
    service.tell(fact(told))
    known = {"_id": SELLER, "version": version}
    service.until(lambda: service.database["contacts"].find_one(known))


def test_a_key_acts_only_while_whoever_let_it_in_manages_the_structure(
    service: Notifier, accounts: Signer, tmp_path: Path
) -> None:
    manage(service, 1, "Chef@seller.example")
    who = {"kind": "person", "sub": "p-1", "email": "chef@seller.example"}
    partner = Partner(service, accounts, tmp_path / "seller", SELLER, **who)

    async def said(raw: Raw) -> None:
        handle = await raw.open("depot/late.xml")
        assert await raw.write(handle, 0, b"<late/>") == 0
        await asyncio.to_thread(manage, service, 2, "other@seller.example")
        _, said = await raw.ask(CLOSE, handle)
        assert int.from_bytes(said[:4], "big") == asyncssh.FX_FAILURE
        await raw.connection.wait_closed()

    talk(partner, said)
    assert partner.sftp("ls").returncode != 0
    moved = SecurityChanged(
        account_id="p-1",
        realm="live",
        email="new@seller.example",
        what="address_changed",
        at=datetime.now(UTC),
    )
    service.tell(fact(moved))
    manage(service, 3, "new@seller.example")
    service.until(lambda: partner.sftp("ls").returncode == 0)
    works(service, partner)


def test_a_key_gives_statuses_only_where_whoever_let_it_in_treats(
    service: Notifier, accounts: Signer, tmp_path: Path
) -> None:
    for structure, space, issues, treats in (
        (SELLER, "issued_invoices", (SELLER,), ()),
        (BUYER, "received_invoices", (), (BUYER,)),
    ):
        grants: Any = [{"structure": structure, "role": "principal", "spaces": {space: "write"}}]
        own = Partner(service, accounts, tmp_path / space, structure, grants=grants)
        assert own.sftp(f"put {own.file('a.xml')} depot/").returncode == 0
        (handed,) = service.house.heard(FileHandedIn)
        assert (handed.depositor.structures, handed.depositor.treats) == (issues, treats)
