"""Errors are named by their fate: refuse, retry, or crash. Rooms raise, the edges translate.

A `Problem` refuses (HTTP 4xx, or a dead letter without retry), `Unavailable` asks to try again, and
anything else is a fault of ours: HTTP 500, or retried and then set aside.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from shared.contracts.finding import Finding


class Problem(Exception):
    """A refusal that its receiver can understand and mend (RFC 9457)."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Requête refusée"
    default_code: ClassVar[str] = "bad-request"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail, self.code = detail, code or self.default_code
        self.errors, self.headers, self.extra = tuple(errors), dict(headers or {}), extra


class BadRequest(Problem):
    """The request itself is malformed."""


class Unauthorized(Problem):
    """Nobody valid is asking."""

    status, title, default_code = 401, "Authentification requise", "invalid-token"


class Forbidden(Problem):
    """Somebody valid asks for what is not theirs to do."""

    status, title, default_code = 403, "Action non autorisée", "forbidden"


class NotFound(Problem):
    """There is no such thing, or it belongs to somebody else."""

    status, title, default_code = 404, "Introuvable", "not-found"


class NotAllowed(Problem):
    """The path exists, the method does not."""

    status, title, default_code = 405, "Méthode non prévue", "method-not-allowed"


class TooSlow(Problem):
    """The body did not arrive in time."""

    status, title, default_code = 408, "Envoi trop lent", "request-timeout"


class Conflict(Problem):
    """Somebody else was faster, or the state forbids it."""

    status, title, default_code = 409, "Conflit", "conflict"


class Gone(Problem):
    """It existed and was used up."""

    status, title, default_code = 410, "Lien expiré", "link-expired"


class Outdated(Problem):
    """It is no longer what the caller has seen (`If-Match`)."""

    status, title, default_code = 412, "Version dépassée", "version-conflict"


class Unconditional(Problem):
    """The caller must say which version it has seen."""

    status, title, default_code = 428, "Version à indiquer", "if-match-missing"


class TooLarge(Problem):
    """The body is over the limit."""

    status, title, default_code = 413, "Fichier trop volumineux", "file-too-large"


class Unsupported(Problem):
    """The content type is not one that is read here."""

    status, title, default_code = 415, "Type de contenu non accepté", "unsupported-media-type"


class Invalid(Problem):
    """It was understood, and its content is wrong."""

    status, title, default_code = 422, "Contenu invalide", "validation-failed"


class TooMany(Problem):
    """Too many requests; `Retry-After` says when."""

    status, title, default_code = 429, "Trop de requêtes", "too-many-requests"


class Unavailable(Problem):
    """A neighbour or the platform itself is out for a moment; try again."""

    status, title, default_code = 503, "Momentanément indisponible", "unavailable"
