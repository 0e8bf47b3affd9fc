"""Who may do what, printed: the table of rights, the spaces, and the life of a membership."""

from docs.markdown import code, page, table
from services.accounts.domain.memberships import STATES, STEPS
from shared.rights import RIGHTS, SCOPES, SPACES

ROLES = {
    "principal": "the principal manager; a structure has one",
    "secondary": "a secondary manager",
    "user": "a plain user",
    "client": "a program of the structure",
}


def rights() -> str:
    """Rights, spaces, memberships."""
    rows = [
        [
            code(right.action),
            ", ".join(code(role) for role in right.roles),
            code(right.space or ""),
            right.access if right.space else "",
        ]
        for right in RIGHTS
    ]
    spaces = [
        [
            code(space),
            words.label,
            words.sentence,
            "yes" if words.for_private else "",
            "yes" if words.for_public else "",
        ]
        for space, words in SPACES.items()
    ]
    steps = [
        [
            code(step.action),
            step.label,
            ", ".join(step.by),
            ", ".join(code(source) for source in step.sources),
            code(step.to),
            "yes" if step.reasoned else "",
        ]
        for step in STEPS
    ]
    return page(
        "Rights",
        "From `RIGHTS` in `shared/rights.py`, which every service asks. What no row allows is"
        " refused, and what is somebody else's looks like what does not exist. A right needs one of"
        " the roles and, where a space is named, that access to it; managers and programs have"
        " `write` in every space that the structure has opened.",
        table(["Action", "Roles", "Space", "Access"], rows),
        table(["Role", "Who"], [[code(role), who] for role, who in ROLES.items()]),
        "## Spaces\n\nFrom `SPACES`. Open at first in a private structure and in a public body.\n\n"
        + table(["Space", "French label", "For", "Private", "Public"], spaces),
        "## Scopes of programs\n\nFrom `SCOPES`. A token carries those that it asked for, of those"
        " that its client has; each route open to programs names the one it needs.\n\n"
        + table(["Scope", "What it opens"], [[code(s), words] for s, words in SCOPES.items()]),
        "## Memberships\n\nFrom `STEPS` in `services/accounts/domain/memberships.py`. A principal"
        " manager's own membership moves only by handing over. What an operator does always has a"
        " reason; `appoint` is theirs alone.\n\n"
        + table(["Action", "French label", "By", "From", "To", "Reason"], steps),
        table(["State", "In words"], [[code(state), words] for state, words in STATES.items()]),
    )
