"""The demo: a county council, three sellers and a dozen invoices, made through the public API."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import Any

import aiohttp

from deploy.local import markup, paper, ready, towns
from deploy.local.city import (
    BUDGETS,
    DEPARTMENTS,
    LENIENT,
    PRINCIPAL,
    REALM,
    REQUIREMENTS,
    SELLERS,
    STORIES,
    Story,
    budget,
)
from deploy.local.door import Door, Refused
from deploy.local.place import CannotStart, Place
from deploy.local.samples import Company, Sample
from deploy.local.stack import MAILBOX_PATH, OPERATOR_EMAIL, mongo_url
from shared.contracts.structures import StructureSheet, key_of

FILE = "demo.json"
WRITERS = {
    "ubl": (markup.ubl, "xml"),
    "cii": (markup.cii, "xml"),
    "facturx": (paper.facturx_pdf, "pdf"),
    "pdf": (paper.pdf, "pdf"),
}
MAILS = {
    SELLERS[0].siret: "compta@signaletique.example",
    SELLERS[1].siret: "factures@boulangerie.example",
    SELLERS[2].siret: "gestion@analyses.example",
    PRINCIPAL: "finances@cd31.example",
}


@dataclass(frozen=True, slots=True)
class Login:
    """A party of the demo and its two ways in."""

    siret: str
    email: str
    password: str
    client_id: str
    client_secret: str

    def view(self) -> dict[str, str]:
        """As it stands in the demo's file."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Target:
    """The platform on which the demo is made."""

    anybody: Door
    operator: tuple[str, str]
    mongo_url: str
    base_url: str
    """The public origin as people see it; the door may lead there by another way."""


def password() -> str:
    """A password that is strong enough, and no other demo's."""
    return f"{secrets.token_hex(3)}-Mairie-{secrets.token_hex(3)}"


def written(story: Story) -> tuple[str, bytes]:
    """The file of a story: its name and its bytes."""
    writer, suffix = WRITERS[story.format]
    return f"{story.sample.number}.{suffix}", writer(story.sample)


async def load(place: Place) -> None:
    """Make the demo, unless it was made before, and write its file."""
    if (place.folder / FILE).exists():
        return
    try:
        async with aiohttp.ClientSession() as session:
            operator = (OPERATOR_EMAIL, place.secrets["operator"])
            door = Door(place.base_url, session)
            made = await make(Target(door, operator, mongo_url(place), place.base_url))
    except (Refused, TimeoutError, aiohttp.ClientError) as error:
        raise CannotStart(
            f"the demo cannot be loaded: {error}\n"
            "  To do: make reset && make up; if it fails again, make logs"
        ) from error
    place.write(FILE, json.dumps(made, indent=1) + "\n", mode=0o600)


async def make(target: Target) -> dict[str, Any]:
    """Everything of the demo, and what its file says."""
    anybody, mongo = target.anybody, target.mongo_url
    operator = await anybody.person(*target.operator)
    await asyncio.gather(*(_structure(operator, company) for company in SELLERS))
    await asyncio.gather(*(_structure(operator, budget(siret)) for *_, siret in BUDGETS))
    sellers = [await _login(operator, company.siret, (company.siret,)) for company in SELLERS]
    buyer = await _login(operator, PRINCIPAL, tuple(siret for *_, siret in BUDGETS))
    buying = await anybody.person(buyer.email, buyer.password)
    connector = await buying.post("/v1/connectors", {"structure": _key(PRINCIPAL)})
    sirets = [*(company.siret for company in SELLERS), *(siret for *_, siret in BUDGETS)]
    await ready.learned(mongo, ready.DIRECTORY, [_key(siret) for siret in sirets])
    await ready.learned(mongo, ready.CONTACTS, [_key(siret) for siret in MAILS])
    await ready.learned(mongo, ready.CONNECTORS, [_key(PRINCIPAL)])
    doors = {s.siret: await anybody.client(s.client_id, s.client_secret) for s in sellers}

    async def stories() -> None:
        for story in STORIES:
            await play(story, doors[story.sample.seller.siret], buying)

    await asyncio.gather(stories(), towns.load(operator, REALM))
    return {
        "base_url": target.base_url,
        "seller": sellers[0].view(),
        "buyer": buyer.view() | {name: connector[name] for name in ("amqp_url", "queue")},
        "chorus": await _chorus(anybody, target, sellers[0]),
        "operator": dict(zip(("email", "password"), target.operator, strict=True)),
        "mailbox_url": target.base_url + MAILBOX_PATH,
    }


def _key(siret: str) -> str:
    return key_of(REALM, "siret", siret)


async def _chorus(anybody: Door, target: Target, seller: Login) -> dict[str, str]:
    """What software written for Chorus Pro is set up with, for a seller."""
    managing = await anybody.person(seller.email, seller.password)
    account = await managing.post(
        "/v1/technical-accounts",
        {"name": "Logiciel écrit pour Chorus Pro", "structure": _key(seller.siret)},
    )
    return {
        "oauth_url": f"{target.base_url}/api/oauth/token",
        "api_url": target.base_url,
        "client_id": seller.client_id,
        "client_secret": seller.client_secret,
        "login": account["login"],
        "password": account["password"],
    }


async def _structure(operator: Door, company: Company) -> None:
    """Write one structure into the directory of the demo."""
    known = {siret: f"{number} {name}" for number, name, siret in BUDGETS}
    public = company.siret in known
    sheet = StructureSheet(
        name=company.name,
        public=public,
        address=company.address,
        postcode=company.postcode,
        city=company.city,
        vat_number=None if public else company.vat_number,
        requirements=REQUIREMENTS.get(company.siret, LENIENT),
        departments=DEPARTMENTS.get(company.siret, ()),
        budget=known.get(company.siret),
        stands_in=company.siret == PRINCIPAL,
    )
    await operator.call(
        "PUT",
        f"/v1/structures/siret/{company.siret}",
        query={"realm": REALM},
        json=sheet.model_dump(mode="json"),
    )


async def _login(operator: Door, siret: str, structures: tuple[str, ...]) -> Login:
    """A person for structures, and a technical client for the first."""
    email, word = MAILS[siret], password()
    keys = [_key(siret) for siret in structures]
    try:
        await operator.post(
            "/v1/people",
            {"email": email, "password": word, "realm": REALM, "structures": keys},
        )
    except Refused as error:
        if error.status == 409:
            raise CannotStart(
                f"an earlier demo was left half made ({email} has an account)\n"
                "  To do: make reset && make up"
            ) from error
        raise
    client = await operator.post(
        "/v1/clients",
        {
            "name": f"Logiciel de {email}",
            "structure": siret,
            "realm": REALM,
            "contact_email": email,
        },
    )
    return Login(siret, email, word, client["client_id"], client["client_secret"])


async def play(story: Story, selling: Door, buying: Door) -> None:
    """Hand one invoice in and let its parties act; it must end as its story says."""
    name, data = written(story)
    deposit = await selling.deposit(name, data)
    report = await selling.settled(deposit["id"])
    if story.format == "pdf" and story.confirm:
        _demand(story.sample, report, "AWAITING_CONFIRMATION")
        await selling.confirm(deposit["id"])
        report = await selling.settled(deposit["id"])
    waits = story.format == "pdf" and not story.confirm
    expected = "AWAITING_CONFIRMATION" if waits else "REJECTED" if story.refused else "INTEGRATED"
    _demand(story.sample, report, expected)
    for act in story.acts:
        door = selling if act.by == "seller" else buying
        await door.move(report["items"][0]["invoice_id"], act.action, **act.evidence)


def _demand(sample: Sample, report: dict[str, Any], state: str) -> None:
    """Refuse to go on with a demo that is not as it was meant."""
    if report["state"] != state:
        findings = [f for item in report["items"] for f in item["findings"]]
        raise Refused(f"deposit of {sample.number} ends {report['state']}", 200, findings)
