"""What a move does beyond its step: a new address, a new party, a piece that follows, files."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from services.workflow.api.edge import Doors
from services.workflow.domain.case import Case
from services.workflow.domain.frames import may_follow
from services.workflow.domain.lifecycle import Move
from services.workflow.domain.parties import LIVE, Member, identity, is_nobody
from services.workflow.domain.readdress import (
    FIELDS,
    corrections,
    named,
    readdressed,
    with_party,
)
from services.workflow.domain.record import Piece, Record
from services.workflow.domain.routing import route
from shared.contracts.finding import Finding
from shared.contracts.invoice import Header, Party
from shared.contracts.message import Message
from shared.contracts.status import InvoiceStatus as S
from shared.contracts.workflow import (
    Correction,
    InvoiceReaddressed,
    MoveRequest,
    PartyMet,
    Role,
)
from shared.errors import Invalid
from shared.mongo import Write

Telling = Callable[[Record], Message]


@dataclass(frozen=True, slots=True)
class Effect:
    """An invoice that a move has changed beyond its steps, and what is saved and told of it."""

    record: Record
    corrections: tuple[Correction, ...] = ()
    attachments: tuple[str, ...] = ()
    met: tuple[PartyMet, ...] = ()
    save: tuple[Write, ...] = ()
    tell: tuple[Telling, ...] = ()


async def reroute(call: Doors, record: Record, row: Move) -> Effect:
    """The address that the seller corrected, if it leads to a buyer."""
    header = readdressed(record.header, call.body)
    parties = await call.store.parties(record.realm, header)
    faults = route(Case.of(header, parties, (record.seller,), call.at.date()))
    _refuse(faults)
    return Effect(
        record.rerouted(header, parties),
        corrections(record.header, header),
        met=parties.strangers(header),
        tell=(_readdressed,),
    )


async def name_party(call: Doors, record: Record, row: Move) -> Effect:
    """The validator, the project manager or the project owner that a correction names."""
    request: MoveRequest = call.body
    role, siret = FIELDS[row.action](request)
    second = row.by == "validator" and role == "validator"
    member, met, player = await _member(call, record, role, siret)
    key = member.identity.key(record.realm)
    header = record.header if second else with_party(record, role, member.party)
    if second:
        _refuse(_second(record, member, key))
    else:
        await _check(call, record, header)
    changed = replace(record.joined(role, key, second=second), header=header)
    if player:
        changed = replace(changed, understudy=player, played=(*record.played, key))
    was = record.validators[1:][-1:] if second else (record.player(role),)
    return Effect(
        changed,
        (Correction(field=f"{role}_siret", was=next(iter(was), None), now=key),),
        met=met,
        tell=(_readdressed,),
    )


async def validate(call: Doors, record: Record, row: Move) -> Effect:
    """A co-contractor who gives its visa names the second validator, if there is one."""
    if call.body.validator_siret and record.status is S.TO_VALIDATE_1:
        return await name_party(call, record, row)
    return Effect(record)


async def complete(call: Doors, record: Record, row: Move) -> Effect:
    """The files that were added before, named now as what was missing."""
    wanted = call.body.attachments or ()
    known = {added.sha256 for added in record.attachments}
    if missing := [name for name in wanted if name not in known]:
        text = f"La pièce {missing[0]} n'a pas été ajoutée à cette facture."
        _refuse([named("/attachments", "Pièces jointes", text)])
    return Effect(record, attachments=tuple(wanted))


async def link(call: Doors, record: Record, row: Move) -> Effect:
    """The works piece that answers this one."""
    who = call.who
    after = await call.store.readable(call.body.piece, who.realm, who.structures)
    if after is None or not may_follow(after.frame, record.frame):
        text = "Cette pièce n'existe pas, ou ne peut pas suivre celle-ci."
        _refuse([named("/piece", "Pièce suivante", text)])
        raise AssertionError  # refused above
    here = replace(record, piece=replace(record.piece or Piece(), following=after.id))
    there = after.piece or Piece()
    kept = record.piece.number if record.piece else None
    piece = replace(
        there,
        preceding=record.id,
        number=there.number or kept,
        since=there.since or record.works_since,
    )
    linked = replace(after, piece=piece, version=after.version + 1)
    return Effect(here, save=tuple(call.store.moved(linked, after)))


async def _member(
    call: Doors, record: Record, role: Role, siret: str
) -> tuple[Member, tuple[PartyMet, ...], str | None]:
    """Who a SIRET is; in a sandbox whom nobody knows is met, and played by the stand-in."""
    party = Party(siret="".join(siret.split()))
    who = identity(party)
    if who is None or who.kind != "siret":
        _refuse([named(f"/{role}_siret", "SIRET", "Un SIRET compte 14 chiffres.")])
        raise AssertionError  # refused above
    known = await call.store.known(who.key(record.realm))
    if known:
        party = party.model_copy(update={"name": known.structure.name})
    member = Member(role, party, who, known)
    if record.realm == LIVE or not is_nobody(known):
        return member, (), None
    met = PartyMet(
        realm=record.realm,
        kind=who.kind,
        identifier=who.identifier,
        name=who.identifier,
        public=role == "project_owner",
    )
    return member, () if known else (met,), await call.store.stand_in(record.realm)


async def _check(call: Doors, record: Record, header: Header) -> None:
    """Ask the routing rules again. Raises Invalid."""
    parties = await call.store.parties(record.realm, header)
    issues_for = (record.seller, record.depositor or "", record.project_manager or "")
    _refuse(route(Case.of(header, parties, issues_for, call.at.date())))


def _second(record: Record, member: Member, key: str) -> list[Finding]:
    """What is wrong with a second validator."""
    if record.realm == LIVE and (member.known is None or not member.known.structure.active):
        text = "Aucune structure active de l'annuaire ne porte ce SIRET."
    elif key in (record.seller, record.validators[0]):
        text = "Le second valideur est une autre structure que le fournisseur et le premier."
    else:
        return []
    return [named("/validator_siret", "SIRET du valideur", text)]


def _refuse(findings: tuple[Finding, ...] | list[Finding]) -> None:
    """Raise Invalid when one of them blocks."""
    faults = [finding for finding in findings if finding.blocks]
    if faults:
        raise Invalid("La facture ne peut pas être acheminée ainsi.", errors=faults)


def _readdressed(record: Record) -> InvoiceReaddressed:
    return InvoiceReaddressed(
        invoice_id=record.id,
        deposit_id=record.deposit_id,
        item=record.item,
        realm=record.realm,
        readers=record.readers,
        header=record.header,
        sequence=record.steps[-1].sequence,
    )


EFFECTS: dict[str, Callable[[Doors, Record, Move], Awaitable[Effect]]] = {
    "reroute": reroute,
    "validate": validate,
    "name_validator": name_party,
    "name_project_manager": name_party,
    "name_project_owner": name_party,
    "complete": complete,
    "link": link,
}
