"""What a set of concepts announces: one row a meaning, with how sure the words alone make us."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Meaning:
    """A field that a label may announce, and how strongly."""

    field: str
    weight: float


@dataclass(frozen=True, slots=True)
class Rule:
    """All of `needs` and none of `bars` mean `field`."""

    field: str
    weight: float
    needs: frozenset[str]
    bars: frozenset[str] = frozenset()


def _rule(field: str, weight: float, needs: str, bars: str = "") -> Rule:
    return Rule(field, weight, frozenset(needs.split()), frozenset(bars.split()))


_NOT_NUMBER = (
    "date due order contract engagement vat tax_no total balance paid customer vendor page "
    "siret siren pay delivery origin quote service subtotal without with bank iban phone "
    "registry item person capital words period terms our your process unit quantity charge "
    "deposit payee"
)
_NOT_ISSUE = (
    "due delivery order contract engagement period paid pay quote origin terms balance "
    "customer total with without quantity unit carried"
)
_NOT_REFERENCE = "date delivery quote total pay balance without with period unit quantity item"
_NOT_TOTAL = (
    "deposit unit quantity no item rate carried discount charge line contract order capital "
    "engagement base"
)

RULES: tuple[Rule, ...] = (
    _rule("number", 1.0, "invoice no", _NOT_NUMBER),
    _rule("number", 0.9, "invoice no your", _NOT_NUMBER.replace(" your", "")),
    _rule("number", 1.0, "credit no", _NOT_NUMBER),
    _rule("number", 0.7, "cited", _NOT_NUMBER + " credit origin"),
    _rule("number", 0.85, "invoice ref", _NOT_NUMBER + " credit"),
    _rule("number", 0.85, "credit ref", _NOT_NUMBER),
    _rule("number", 0.8, "document no", _NOT_NUMBER),
    _rule("number", 0.8, "credit", _NOT_NUMBER + " no"),
    _rule("number", 0.7, "invoice", _NOT_NUMBER + " no"),
    _rule("number", 0.6, "emit no", _NOT_NUMBER + " invoice credit"),
    _rule("number", 0.35, "no", _NOT_NUMBER + " invoice credit document code"),
    _rule("number", 0.3, "ref", _NOT_NUMBER + " invoice credit"),
    _rule("number", 0.3, "our ref", "invoice date"),
    _rule("issue_date", 1.0, "invoice date", _NOT_ISSUE),
    _rule("issue_date", 1.0, "credit date", _NOT_ISSUE),
    _rule("issue_date", 1.0, "emit date", _NOT_ISSUE),
    _rule("issue_date", 0.9, "document date", _NOT_ISSUE),
    _rule("issue_date", 0.75, "date", _NOT_ISSUE + " invoice credit emit document bank"),
    _rule("issue_date", 0.7, "emit", _NOT_ISSUE + " date service"),
    _rule("issue_date", 0.65, "invoice no", _NOT_ISSUE + " date"),
    _rule("issue_date", 0.65, "credit no", _NOT_ISSUE + " date"),
    _rule("issue_date", 0.6, "invoice", _NOT_ISSUE + " date no"),
    _rule("issue_date", 0.6, "credit", _NOT_ISSUE + " date no"),
    _rule("due_date", 1.0, "due", "delivery order period"),
    _rule("due_date", 0.8, "pay date", "delivery order paid due"),
    _rule("due_date", 0.6, "pay", "delivery order paid due date total charge balance"),
    _rule("due_date", 0.5, "terms", "due"),
    _rule("buyer_reference", 1.0, "service code", _NOT_REFERENCE + " engagement"),
    _rule("buyer_reference", 1.0, "service executing", _NOT_REFERENCE + " code"),
    _rule("buyer_reference", 0.85, "service no", _NOT_REFERENCE + " code phone vat"),
    _rule("buyer_reference", 0.8, "service customer", _NOT_REFERENCE + " code no executing"),
    _rule(
        "buyer_reference",
        0.5,
        "service",
        _NOT_REFERENCE + " code no executing customer vendor phone your",
    ),
    _rule("order_reference", 1.0, "engagement", _NOT_REFERENCE + " capital"),
    _rule("order_reference", 0.9, "order no", _NOT_REFERENCE + " engagement"),
    _rule("order_reference", 0.9, "order ref", _NOT_REFERENCE + " engagement no"),
    _rule("order_reference", 0.8, "order", _NOT_REFERENCE + " engagement no ref service"),
    _rule("buyer_reference", 0.75, "order service", _NOT_REFERENCE + " engagement no ref code"),
    _rule("order_reference", 0.5, "your ref", _NOT_REFERENCE + " order engagement"),
    _rule(
        "order_reference",
        0.5,
        "customer ref",
        _NOT_REFERENCE + " order engagement your service code",
    ),
    _rule("contract_reference", 1.0, "contract no", _NOT_REFERENCE),
    _rule("contract_reference", 1.0, "contract ref", _NOT_REFERENCE + " no"),
    _rule("contract_reference", 0.8, "contract", _NOT_REFERENCE + " no ref"),
    _rule("preceding_invoice", 1.0, "invoice origin", "date total credit"),
    _rule("preceding_invoice", 0.9, "credit origin", "date total"),
    _rule("preceding_invoice", 0.9, "credit cited", "date total"),
    _rule("process", 1.0, "process", "total"),
    _rule(
        "total_without_vat", 1.0, "total without", _NOT_TOTAL + " with vat_only paid balance pay"
    ),
    _rule(
        "total_without_vat",
        0.9,
        "total without",
        "unit quantity item rate carried no with paid line contract",
    ),
    _rule("total_without_vat", 0.95, "net without", _NOT_TOTAL + " with pay total"),
    _rule("total_without_vat", 0.75, "without", _NOT_TOTAL + " with total net subtotal pay"),
    _rule("total_without_vat", 0.8, "subtotal", _NOT_TOTAL + " with vat without"),
    _rule("total_without_vat", 0.85, "subtotal without", _NOT_TOTAL + " with"),
    _rule("total_without_vat", 0.75, "base without", "unit quantity item with paid"),
    _rule("total_without_vat", 0.6, "base", "unit quantity item with paid without capital"),
    _rule(
        "total_without_vat", 0.55, "net total", _NOT_TOTAL + " with vat without pay balance paid"
    ),
    _rule(
        "total_without_vat", 0.4, "total", _NOT_TOTAL + " with vat without net pay balance paid pay"
    ),
    _rule("total_vat", 1.0, "total vat", _NOT_TOTAL + " without with pay balance paid"),
    _rule(
        "total_vat",
        0.75,
        "vat",
        _NOT_TOTAL + " total with without no tax_no pay paid balance exempt",
    ),
    _rule("total_vat", 0.6, "vat rate", "unit quantity item no with without"),
    _rule("total_with_vat", 1.0, "total with", _NOT_TOTAL + " pay balance paid"),
    _rule(
        "total_with_vat",
        0.75,
        "total with",
        "unit quantity item rate carried no paid line contract",
    ),
    _rule("total_with_vat", 0.75, "with", _NOT_TOTAL + " without total pay balance paid"),
    _rule("total_with_vat", 0.6, "pay balance", _NOT_TOTAL + " paid date due"),
    _rule("total_with_vat", 0.7, "total pay balance", _NOT_TOTAL + " paid date"),
    _rule("total_with_vat", 0.55, "total balance", _NOT_TOTAL + " paid pay"),
    _rule("total_with_vat", 0.6, "total", _NOT_TOTAL + " with vat without pay balance paid net"),
    _rule(
        "total_with_vat",
        0.65,
        "total invoice",
        _NOT_TOTAL + " with vat without pay balance paid net",
    ),
    _rule("prepaid", 1.0, "paid", "due date unit quantity no rate terms customer order"),
    _rule("prepaid", 0.6, "deposit", "due date unit quantity no rate terms customer order invoice"),
    _rule("prepaid", 0.4, "pay total", "balance paid unit quantity without with vat date net"),
    _rule("amount_due", 1.0, "pay balance", "unit quantity no rate date paid vat"),
    _rule("amount_due", 0.95, "balance", "unit quantity no rate date pay"),
    _rule("amount_due", 0.8, "net pay", "unit quantity no rate date balance"),
    _rule("amount_due", 0.7, "total pay", "unit quantity no rate date balance net vat paid"),
    _rule("amount_due", 0.9, "due pay", "unit quantity no rate date terms"),
    _rule("total_with_vat", 0.55, "due pay", "unit quantity no rate date terms without vat"),
    _rule("amount_due", 0.5, "due total", "unit quantity no rate date"),
    _rule("iban", 1.0, "iban"),
    _rule("iban", 0.6, "bank", "iban"),
)


@lru_cache(maxsize=4096)
def meanings(concepts: frozenset[str]) -> tuple[Meaning, ...]:
    """What a label with these concepts may announce, the strongest weight a field."""
    best: dict[str, float] = {}
    for rule in RULES:
        if rule.needs <= concepts and not (rule.bars & concepts):
            best[rule.field] = max(best.get(rule.field, 0.0), rule.weight)
    return tuple(Meaning(field, weight) for field, weight in best.items())
