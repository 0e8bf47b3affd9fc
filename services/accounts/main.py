"""Accounts: who may act for whom."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Self

from pydantic import Field, field_validator, model_validator

from services.accounts import handlers
from services.accounts.adapters import Adapters
from services.accounts.adapters.passkeys import Passkeys
from services.accounts.adapters.passwords import THREADS, Passwords
from services.accounts.api import ROUTES
from services.accounts.api.standing import standing
from services.accounts.domain import passwords
from services.accounts.domain.credentials import login_of
from services.accounts.store import COLLECTIONS, INDEXES, Store
from shared import clock, logs, signing
from shared.context import Context
from shared.contracts.sheets import StructureOpened, StructureReplaced
from shared.contracts.structures import StructureChanged
from shared.errors import Conflict
from shared.mongo import Document
from shared.outbox import Change, Outbox
from shared.seals import LEAST_LETTERS, Seals
from shared.service import Running, Service, on, run
from shared.settings import Settings

REMIND_SECONDS = 10.0
REMINDED = 100


class AccountsSettings(Settings):
    """What accounts needs to know."""

    sealing_keys: str = Field(
        description="Keys of 32 letters or more that seal stored secrets, with commas, newest first"
    )
    operator_email: str | None = Field(None, description="First operator, made at the first start")
    operator_password: str | None = Field(None, description="Password of the first operator")
    token_seconds: int = Field(900, ge=60, le=3600, description="How long an access token lasts")
    activation_hours: int = Field(24, ge=1, le=72, description="How long an activation link lasts")
    recovery_minutes: int = Field(30, ge=15, le=60, description="How long a recovery link lasts")
    ask_question: bool = Field(
        False, description="Whether accounts may have a secret question, asked at a recovery"
    )
    trusted_proxies: str = Field(
        "127.0.0.0/8,::1/128", description="Networks whose X-Forwarded-For is believed, with commas"
    )

    @model_validator(mode="after")
    def _good_operator(self) -> Self:
        if (self.operator_email is None) != (self.operator_password is None):
            raise ValueError("OPERATOR_EMAIL and OPERATOR_PASSWORD go together")
        if self.operator_password is not None:
            faults = passwords.missing(self.operator_password, self.operator_email or "")
            reasons = [fault.message for fault in faults if fault.code != passwords.MIXED]
            if reasons:
                raise ValueError(f"OPERATOR_PASSWORD is too weak: {' '.join(reasons)}")
        return self

    @field_validator("sealing_keys")
    @classmethod
    def _long_keys(cls, text: str) -> str:
        if any(len(key.strip()) < LEAST_LETTERS for key in text.split(",")):
            raise ValueError(f"every sealing key has {LEAST_LETTERS} letters or more")
        return text

    @property
    def seals(self) -> Seals:
        """What seals stored secrets."""
        return Seals([key.strip() for key in self.sealing_keys.split(",")])

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted networks."""
        return tuple(
            ip_network(text.strip()) for text in self.trusted_proxies.split(",") if text.strip()
        )


async def open_adapters(settings: AccountsSettings, stack: AsyncExitStack) -> Adapters:
    """Start the hashing threads."""
    pool = stack.enter_context(ThreadPoolExecutor(THREADS, thread_name_prefix="argon2"))
    return Adapters(
        passwords=Passwords(pool),
        passkeys=Passkeys(settings.public_url),
        seals=settings.seals,
        new_secret=clock.new_secret,
        public_url=settings.public_url,
        token_seconds=settings.token_seconds,
        activation_hours=settings.activation_hours,
        recovery_minutes=settings.recovery_minutes,
        secret_question=settings.ask_question,
        proxies=settings.proxies,
        client_requests=settings.client_requests,
    )


async def first_start(running: Running[AccountsSettings, Store, Adapters]) -> None:
    """Make the signing key and the first operator, unless they are there.

    Raises RuntimeError: what is stored was sealed with a key that this instance has not.
    """
    store, at, seals = running.store, clock.now(), running.adapters.seals
    if not await store.signing_keys():
        sealed = seals.close(signing.new_key())
        await running.outbox.apply(Change(save=[store.first_key(sealed, at)]))
    for id, private in await store.signing_keys():
        if (sealed_anew := seals.renewed(private)) is not None:
            await running.outbox.apply(Change(save=[store.reseal_key(id, private, sealed_anew)]))
    email, password = running.settings.operator_email, running.settings.operator_password
    if email is None or password is None or await store.account_by_login(login_of(email)):
        return
    operator: Document = {
        "_id": clock.new_id(),
        "kind": "operator",
        "login": login_of(email),
        "email": email,
        "realm": "live",
        "siret": None,
        "password": await running.adapters.passwords.hash(passwords.normal(password)),
        "state": "active",
        "created_at": at,
    }
    try:
        await running.outbox.apply(Change(save=[store.open_account(operator)]))
    except Conflict:
        return  # another process was faster


async def remind(context: Context[Store, Adapters], outbox: Outbox) -> None:
    """Write, once each time, to managers who let a request wait or whose keys end soon."""
    for member in await context.store.late(context.at, REMINDED):
        with suppress(Conflict):  # decided meanwhile, or another process was faster
            await outbox.apply(await handlers.remind(member, context))
    for client in await context.store.keys_ending(context.at, REMINDED):
        with suppress(Conflict):
            await outbox.apply(await handlers.warn_of_end(client, context))


async def reseal(store: Store, seals: Seals, outbox: Outbox) -> int:
    """Seal again what an older key has sealed, or none; returns how much that was."""
    done = 0
    async for account in store.with_totp():
        totp = account["factors"]["totp"]
        secret = seals.renewed(totp["secret"])
        if secret is not None:
            with suppress(Conflict):  # in use just now: the next start seals it
                await outbox.apply(Change(save=[store.reseal_totp(account, totp, secret)]))
                done += 1
    return done


async def reseal_and_rest(running: Running[AccountsSettings, Store, Adapters]) -> None:
    """Seal again, once, what is not sealed with the newest key."""
    try:
        done = await reseal(running.store, running.adapters.seals, running.outbox)
        logs.logger().info("resealed", secrets=done)
    except Exception as error:
        logs.logger().warning("reseal_failed", error=repr(error)[:300])
    await asyncio.Event().wait()


async def remind_late(running: Running[AccountsSettings, Store, Adapters]) -> None:
    """Look, for ever, for whoever is to be reminded."""
    while True:
        try:
            await remind(running.context(), running.outbox)
        except Exception as error:
            logs.logger().warning("reminders_failed", error=repr(error)[:300])
        await asyncio.sleep(clock.jitter(REMIND_SECONDS))


LISTENS = (
    on(StructureChanged, handlers.learn_structure),
    on(StructureOpened, handlers.seat_maker),
    on(StructureReplaced, handlers.move_members),
)

SERVICE = Service(
    name="accounts",
    settings=AccountsSettings,
    store=Store,
    adapters=open_adapters,
    listens=LISTENS,
    routes=ROUTES,
    indexes=INDEXES,
    collections=COLLECTIONS,
    start=first_start,
    background=(remind_late, reseal_and_rest),
    standing=standing,
)

if __name__ == "__main__":
    run(SERVICE)
