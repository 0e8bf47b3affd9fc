"""Who speaks for a structure and who manages it, and what a change of that tells; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.accounts.domain.memberships import Known, Member
from shared.contracts.accounts import ContactsChanged
from shared.contracts.memberships import MembershipChanged, MembershipEvent
from shared.names import one_line

Account = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """The voices of a structure: whose address it is, by account or client, and who manages."""

    structure: str
    principal: str | None = None
    voices: Mapping[str, str] = field(default_factory=dict)
    managers: tuple[str, ...] = ()
    """The accounts of its managers, the principal first."""
    former: tuple[str, ...] = ()
    version: int = 0
    least: int = 0
    """A version that listeners already know under one of its keys; the next is above it."""
    stored: bool = False
    gone: bool = False
    """Whether it goes on under another key."""
    second_factor: bool = False
    """Whether it demands a second factor of its members."""

    @property
    def next_version(self) -> int:
        """The version that it has once it is stored."""
        return max(self.version, self.least) + 1

    @property
    def emails(self) -> tuple[str, ...]:
        """Every address that speaks for it, once."""
        return tuple(dict.fromkeys(self.voices.values()))

    @property
    def manager_emails(self) -> tuple[str, ...]:
        """The addresses of its managers."""
        return tuple(self.voices[who] for who in self.managers if who in self.voices)

    def with_voice(self, who: str, email: str) -> "Standing":
        """It, with one more voice or another address of one."""
        return replace(self, voices={**self.voices, who: email})

    def seated(self, member: Member, email: str) -> "Standing":
        """It, after somebody joined or got another role."""
        managers = tuple(who for who in self.managers if who != member.account_id)
        principal = None if self.principal == member.account_id else self.principal
        if member.role == "principal":
            principal, managers = member.account_id, (member.account_id, *managers)
        elif member.role == "secondary":
            managers = (*managers, member.account_id)
        changed = replace(self, principal=principal, managers=managers)
        return changed.with_voice(member.account_id, email)

    def left(self, who: str) -> "Standing":
        """It, after somebody went."""
        return replace(
            self,
            principal=None if self.principal == who else self.principal,
            managers=tuple(account for account in self.managers if account != who),
            voices={account: email for account, email in self.voices.items() if account != who},
        )


def contacts(standing: Standing) -> list[ContactsChanged]:
    """What is told once a changed standing is stored, under each key that the structure had."""
    return [
        ContactsChanged(
            realm=realm_of(key),
            structure=key,
            emails=standing.emails,
            managers=standing.manager_emails,
            version=standing.next_version,
        )
        for key in (standing.structure, *standing.former)
    ]


def name_of(account: Account) -> str:
    """Somebody as others are shown them."""
    names = [account.get("first_name"), account.get("last_name")]
    return one_line(" ".join(name for name in names if name)) or str(account["email"])


def told(
    member: Member,
    event: MembershipEvent,
    *,
    account: Account,
    standing: Standing,
    known: Known | None,
    by: str,
    at: datetime,
    reason: str | None = None,
) -> MembershipChanged:
    """The fact that a membership changed, with all that a mail about it needs."""
    return MembershipChanged(
        membership_id=member.id,
        realm=realm_of(member.structure),
        structure=member.structure,
        structure_name=known.name if known and known.name else identifier_of(member.structure),
        event=event,
        role=member.role,
        at=at,
        member_email=account["email"],
        member_name=name_of(account),
        managers=standing.manager_emails,
        by=by,
        reason=reason,
        version=member.version + 1,
    )


def realm_of(key: str) -> str:
    """The realm of a structure's key."""
    return key.partition("/")[0]


def identifier_of(key: str) -> str:
    """The identifier in a structure's key."""
    return key.split("/", 2)[2]
