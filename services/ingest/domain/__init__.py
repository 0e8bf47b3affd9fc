"""What an invoice must be: drafts, fields and the rules that judge them. Pure."""

from services.ingest.domain.draft import Draft
from services.ingest.domain.fields import fields_of
from services.ingest.domain.rules import RULES, check

__all__ = ["RULES", "Draft", "check", "fields_of"]
