"""What the official rules of EN 16931 and BR-FR say of an invoice.

It is told and refuses nothing, except by the rules that an instance demands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from shared.contracts import invoice
from shared.contracts.finding import Finding


class Norm(NamedTuple):
    """A set of official rules: its key in answers, its names, the codes of its findings."""

    key: str
    title: str
    of: str
    broken: str
    advice: str


EN16931 = Norm("en16931", "EN 16931", "de la norme EN 16931", "FAC-CONF-001", "FAC-CONF-002")
BR_FR = Norm("br-fr", "BR-FR", "du référentiel français BR-FR", "FAC-CONF-003", "FAC-CONF-004")
STOPPED = "FAC-CONF-005"
UNJUDGED = "FAC-CONF-006"


class Failure(NamedTuple):
    """One assertion that does not hold, as the rules report it."""

    rule: str
    flag: str
    location: str
    text: str


@dataclass(frozen=True)
class Conformity:
    """The verdict for each norm, nothing where it does not apply or was not reached; and why."""

    verdicts: dict[str, bool | None] = field(
        default_factory=lambda: dict.fromkeys((EN16931.key, BR_FR.key))
    )
    findings: tuple[Finding, ...] = ()

    @property
    def final(self) -> bool:
        """Whether asking again gives the same answer."""
        return not any(finding.code == UNJUDGED for finding in self.findings)


STRUCTURED = {"ubl", "cii", "facturx"}
"""Formats that are invoices as XML or carry one."""
MOST = 50
"""Findings told of one norm."""
DEMANDED = "Cette plateforme exige cette règle : corrigez l'export de votre logiciel."
LONGEST = 600
"""Letters quoted of an official text."""
MOST_TERMS = 3
ADVICE = {"warning", "info", "information"}

MARK = re.compile(r"\A\s*(?:\[[^\]]{1,60}\]\s*[-:]?|BR-FR-[\w/-]{1,40}\s*:)\s*")
TERM = re.compile(r"(?<![A-Z])B[TG]-\d+")
STEP = re.compile(
    r"(?:\*:(?P<name>[\w.-]+)\[namespace-uri\(\)='(?P<space>[^']*)'\]"
    r"|Q\{(?P<braced>[^}]*)\}(?P<local>[\w.-]+))(?:\[(?P<place>\d+)\])?"
)
PREFIXES = {
    "CommonAggregateComponents-2": "cac",
    "CommonBasicComponents-2": "cbc",
    "CommonExtensionComponents-2": "ext",
    "Invoice-2": "ubl",
    "CreditNote-2": "cn",
    "CrossIndustryInvoice:100": "rsm",
    "ReusableAggregateBusinessInformationEntity:100": "ram",
    "UnqualifiedDataType:100": "udt",
    "QualifiedDataType:100": "qdt",
}
"""The usual prefix of a namespace, by how its name ends."""


def labels() -> dict[str, str]:
    """The words on the screen, by business term."""
    found: dict[str, str] = {}
    for model in (
        invoice.Header,
        invoice.Party,
        invoice.Totals,
        invoice.VatBreakdown,
        invoice.Line,
    ):
        for known in model.model_fields.values():
            extra = known.json_schema_extra
            if isinstance(extra, dict) and "bt" in extra:
                for term in str(extra["bt"]).split("/"):
                    found.setdefault(term, str(extra.get("label") or ""))
    return found


LABELS = labels()


def judged(norm: Norm, failures: Iterable[Failure]) -> Conformity:
    """The verdict on one norm: advice alone does not break it; each rule is told once."""
    by_rule: dict[str, list[Failure]] = {}
    for failure in failures:
        by_rule.setdefault(failure.rule, []).append(failure)
    told = [finding(norm, same) for same in by_rule.values()]
    told.sort(key=lambda one: one.severity == "info")
    broken = any(one.severity != "info" for one in told)
    return Conformity({norm.key: not broken}, tuple(told[:MOST]))


def finding(norm: Norm, same: Sequence[Failure]) -> Finding:
    """What one rule says, wherever it says it."""
    first = same[0]
    advice = first.flag.lower() in ADVICE
    term = term_of(first)
    verb = "recommande une correction" if advice else "n'est pas respectée"
    places = f" ({len(same)} endroits ; voici le premier)" if len(same) > 1 else ""
    return Finding(
        code=norm.advice if advice else norm.broken,
        severity="info" if advice else "warning",
        rule=first.rule,
        bt=term,
        xml_path=readable(first.location) or None,
        label=LABELS.get(term or "") or norm.title,
        message=f"La règle {first.rule} {norm.of} {verb}{places}. "
        f"Texte officiel : « {quoted(first.text)} »",
        hint="À lui seul, ce point n'empêche pas l'envoi. Corrigez l'export de votre logiciel.",
    )


def term_of(failure: Failure) -> str | None:
    """The business term that a rule is about; nothing when it weighs many against each other."""
    named = dict.fromkeys(TERM.findall(failure.rule) or TERM.findall(failure.text))
    return next(iter(named)) if 0 < len(named) <= MOST_TERMS else None


def stopped(norm: Norm, reason: str) -> Conformity:
    """The verdict when a value kept the rules from being applied to the end."""
    return Conformity(
        {norm.key: False},
        (
            Finding(
                code=STOPPED,
                severity="warning",
                label=norm.title,
                message=f"Les règles {norm.of} s'arrêtent sur une valeur qu'elles ne peuvent pas"
                f" lire. Message officiel : « {quoted(reason)} »",
                hint="Corrigez cette valeur, puis contrôlez de nouveau le fichier.",
            ),
        ),
    )


def demanded(opinion: Conformity, rules: Sequence[str]) -> Conformity:
    """The opinion where these rules refuse; `BR-FR-12` stands for all its variants too."""
    if not rules:
        return opinion
    return Conformity(
        opinion.verdicts,
        tuple(
            one.model_copy(update={"severity": "error", "hint": DEMANDED})
            if stands_for(rules, one.rule or "")
            else one
            for one in opinion.findings
        ),
    )


def stands_for(rules: Sequence[str], rule: str) -> bool:
    """Whether one of these names a rule, or the family that it is a variant of."""
    return any(rule == one or rule.startswith(f"{one}_") for one in rules)


def unjudged(reason: str) -> Conformity:
    """No verdict, though there should be one."""
    return Conformity(
        findings=(
            Finding(
                code=UNJUDGED,
                severity="info",
                label="Conformité",
                message=f"Le contrôle de conformité n'a pas abouti : {reason}.",
                hint="Cela n'empêche pas l'envoi de la facture. Redemandez ce contrôle plus tard.",
            ),
        )
    )


def follows_schema(format: str, findings: Iterable[Finding], *, read: bool) -> bool | None:
    """Whether XML follows its schema; nothing when there was none, or none that could be read."""
    if format not in STRUCTURED or not read:
        return None
    return not any(finding.code.startswith("FAC-XSD") for finding in findings)


def judgeable(format: str, findings: Iterable[Finding]) -> bool:
    """Whether official rules apply to a document, and nothing dangerous was found in it."""
    safe = not any(finding.code.startswith("FAC-SAFE") for finding in findings)
    return format in STRUCTURED and safe


def together(opinions: Iterable[Conformity]) -> Conformity:
    """One answer of the answers to each norm."""
    verdicts = Conformity().verdicts
    findings: list[Finding] = []
    for opinion in opinions:
        verdicts |= opinion.verdicts
        findings += opinion.findings
    return Conformity(verdicts, tuple(findings))


def quoted(text: str) -> str:
    """An official text without the mark of its rule, in one bounded line."""
    line = " ".join(MARK.sub("", text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


@lru_cache(maxsize=1024)
def readable(location: str) -> str:
    """The path of an element with usual prefixes: `/ubl:Invoice/cac:InvoiceLine[2]`."""
    steps: list[str] = []
    for step in STEP.finditer(location):
        space = step["space"] or step["braced"] or ""
        prefix = next((short for end, short in PREFIXES.items() if space.endswith(end)), "*")
        place = f"[{step['place']}]" if steps and step["place"] else ""
        steps.append(f"/{prefix}:{step['name'] or step['local']}{place}")
    attribute = re.search(r"/@([\w:.-]+)\Z", location)
    return "".join(steps) + (f"/@{attribute[1]}" if attribute else "")
