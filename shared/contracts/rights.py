"""The words of rights: roles, spaces, and what somebody holds in a structure."""

from collections.abc import Mapping
from typing import Literal

from shared.contracts.message import Shape

Role = Literal["principal", "secondary", "user", "client"]
"""Principal manager (one a structure), secondary manager, plain user; `client` is a program."""

Space = Literal[
    "issued_invoices",
    "received_invoices",
    "invoices_to_validate",
    "works_invoices",
    "messages",
    "questions_sent",
    "questions_received",
]
Access = Literal["read", "write"]

Scope = Literal[
    "invoices:write", "invoices:read", "statuses:write", "directory:read", "webhooks:manage"
]
"""What a program may be let do: the scopes of OAuth 2."""


class Grant(Shape):
    """What a person or a client holds in one structure, now."""

    structure: str
    role: Role
    spaces: Mapping[Space, Access] = {}
    """Those that the structure has opened and this holder may enter."""
    departments: tuple[str, ...] = ()
    """The codes of the departments it is held to; none means all."""
    former: tuple[str, ...] = ()
    """Keys that the structure had before its identifier changed; what is kept under them is its."""
