"""The directory decides between rivals: is this a public body, its department, its kind of order.

Nothing is mended in silence: each decision is told in the evidence of its field, the value that was
read first stays among the alternatives, and what the directory does not know becomes a doubt.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from services.ingest.domain.directory import Body, slug
from services.ingest.formats.pdf_text.assembly import invoice_of
from services.ingest.formats.pdf_text.identifiers import valid
from services.ingest.formats.reading import Reading
from shared.contracts.finding import Doubt
from shared.contracts.ingest import ReadField

SURE, LIKELY, POSSIBLE, DOUBTFUL = 0.98, 0.9, 0.75, 0.5
STRONG = 0.9
"""A field read this surely is not overruled."""
PARTY = ("siret", "siren", "vat_number", "name")
MOST = 4
"""Alternatives of a field."""


def decide(reading: Reading, bodies: Sequence[Body]) -> Reading:
    """The reading of a page, seen by somebody who knows these public bodies."""
    if not bodies or not reading.fields:
        return reading
    case = Case(reading)
    body = case.buyer(bodies)
    if body is not None:
        case.department(body)
        case.order(body)
    if not case.touched:
        return reading
    doubts = [doubt for doubt in reading.doubts if doubt.field not in case.touched]
    return replace(
        reading,
        fields=case.fields,
        doubts=(*doubts, *case.doubts),
        invoice=invoice_of(case.fields),
    )


class Case:
    """One page, and what is decided about it."""

    def __init__(self, reading: Reading) -> None:
        self.fields = dict(reading.fields)
        self.seen = reading.seen
        self.doubts: list[Doubt] = []
        self.touched: set[str] = set()

    def value(self, name: str) -> str | None:
        """The text of a field, when there is one."""
        found = self.fields.get(name)
        return str(found.value) if found else None

    def confidence(self, name: str) -> float:
        """How sure a field is; nothing is not sure at all."""
        return self.fields[name].confidence if name in self.fields else 0.0

    def confirm(self, name: str, why: str) -> None:
        """A field that the directory bears out."""
        field = self.fields[name]
        self.fields[name] = field.model_copy(
            update={
                "confidence": max(field.confidence, SURE),
                "evidence": f"{field.evidence or ''} ; {why}",
            }
        )
        self.touched.add(name)

    def choose(self, name: str, value: str, confidence: float, why: str) -> None:
        """Another value than the one that was read, which stays beside it."""
        old = self.fields.get(name)
        before = [] if old is None else [old.value, *old.alternatives]
        place = next(((p, box) for text, p, box in self.seen.codes if text == value), (None, None))
        self.fields[name] = ReadField(
            value=value,
            confidence=confidence,
            page=place[0],
            box=place[1],
            evidence=why,
            alternatives=tuple(one for one in before if one != value)[:MOST],
        )
        self.touched.add(name)

    def question(self, name: str, message: str, values: Iterable[str] = ()) -> None:
        """A field that the directory does not bear out, or several that it would."""
        rivals = [value for value in values if value != self.value(name)]
        if name in self.fields:
            field = self.fields[name]
            known = tuple(dict.fromkeys([*rivals, *field.alternatives]))[:MOST]
            lower = {"confidence": min(field.confidence, DOUBTFUL), "alternatives": known}
            self.fields[name] = field.model_copy(update=lower)
        shown = tuple(filter(None, (self.value(name), *rivals)))
        self.doubts.append(Doubt(field=name, message=message, values=shown))
        self.touched.add(name)

    def buyer(self, bodies: Sequence[Body]) -> Body | None:
        """The public body that the invoice is for, as far as that can be told."""
        known = {body.siret: body for body in bodies}
        if body := known.get(self.value("buyer_siret") or ""):
            self.confirm("buyer_siret", f"{body.name}, destinataire public connu")
            return body
        seller = self.value("seller_siret")
        printed = [known[n] for n in self.seen.numbers if n in known and n != seller]
        if len(printed) == 1:
            return self._printed(printed[0])
        if seller in known and not printed and self.confidence("seller_siret") < STRONG:
            return self._exchanged(known[seller])
        return self._named(printed or self._alike(bodies))

    def _printed(self, body: Body) -> Body | None:
        """The only public body whose SIRET the page shows beside the seller's."""
        old = self.value("buyer_siret")
        weak = self.confidence("buyer_siret") < STRONG or not valid("siret", old or "")
        if old is None or weak or old.startswith(body.siren):
            why = f"seul SIRET de la page qui soit celui d'un destinataire public : {body.name}"
            self._is_buyer(body, LIKELY, why)
            return body
        message = f"Le SIRET {old} n'est pas celui d'un destinataire public ; {body.siret} l'est."
        self.question("buyer_siret", message, [body.siret])
        return None

    def _exchanged(self, body: Body) -> Body | None:
        """A public body taken for the seller: seller and buyer change places, and it is said."""
        for part in PARTY:
            one, two = f"seller_{part}", f"buyer_{part}"
            pair = self.fields.pop(one, None), self.fields.pop(two, None)
            for name, field in zip((two, one), pair, strict=True):
                self.touched.add(name)
                if field is not None:
                    least = min(field.confidence, POSSIBLE)
                    self.fields[name] = field.model_copy(update={"confidence": least})
        self.fields["buyer_siret"] = self.fields["buyer_siret"].model_copy(
            update={"evidence": f"{body.name}, destinataire public connu, est pris pour l'acheteur"}
        )
        message = f"{body.name} est un destinataire public : fournisseur et destinataire inversés ?"
        self.doubts.append(Doubt(field="buyer_siret", message=message, values=(body.siret,)))
        return body

    def _alike(self, bodies: Sequence[Body]) -> list[Body]:
        """The bodies of the buyer's SIREN, else those of its name."""
        siren, name = self.value("buyer_siren"), slug(self.value("buyer_name") or "")
        of_siren = [body for body in bodies if body.siren == siren]
        return of_siren or [body for body in bodies if name and slug(body.name) == name]

    def _named(self, rivals: Sequence[Body]) -> Body | None:
        """One body that fits is taken, when no SIRET speaks against it; several are a question."""
        if not rivals:
            return None
        if len(rivals) == 1 and "buyer_siret" not in self.fields:
            (body,) = rivals
            same = body.siren == self.value("buyer_siren")
            why = "seul destinataire public de ce SIREN" if same else "seul de ce nom"
            self._is_buyer(body, POSSIBLE, f"{why} : {body.name}")
            return body
        choice = ", ".join(f"{body.siret} ({body.name})" for body in rivals[:3])
        message = f"Le SIRET du destinataire est à choisir parmi ceux de l'annuaire : {choice}."
        self.question("buyer_siret", message, [body.siret for body in rivals])
        return None

    def _is_buyer(self, body: Body, confidence: float, why: str) -> None:
        self.choose("buyer_siret", body.siret, confidence, why)
        if self.value("buyer_siren") != body.siren:
            self.choose("buyer_siren", body.siren, confidence, f"SIREN de {body.name}")

    def department(self, body: Body) -> None:
        """The department, when the body has made its departments known."""
        if not body.departments:
            return
        name, read = "buyer_reference", self.value("buyer_reference")
        if read and read in body.departments:
            self.confirm(name, f"service « {body.departments[read]} » de {body.name}")
            return
        spelled = {_squeezed(code): code for code in body.departments}
        if read and (code := spelled.get(_squeezed(read))):
            why = f"« {read} » sur la page : service « {body.departments[code]} » de {body.name}"
            self.choose(name, code, LIKELY, why)
            return
        rivals = [code for code in self._rivals(name) if code in body.departments]
        if len(rivals) == 1:
            named = f"service « {body.departments[rivals[0]]} » de {body.name}"
            self.choose(name, rivals[0], POSSIBLE, f"« {rivals[0]} » est sur la page : {named}")
        elif rivals:
            message = f"Plusieurs services de {body.name} sont sur la page : choisissez le vôtre."
            self.question(name, message, rivals)
        elif read:
            self.question(name, f"« {read} » n'est pas un code service connu de {body.name}.")

    def order(self, body: Body) -> None:
        """The order reference, when the body has made its form known."""
        if not body.order_pattern:
            return
        name, read = "order_reference", self.value("order_reference")
        if read and body.expects(read):
            self.confirm(name, f"a la forme qu'attend {body.name}")
            return
        written = "".join((read or "").upper().split())
        if written and body.expects(written):
            self.choose(name, written, LIKELY, f"« {read} » dans la forme qu'attend {body.name}")
            return
        rivals = [code for code in self._rivals(name) if body.expects(code)]
        if len(rivals) == 1:
            why = f"« {rivals[0]} » est sur la page et a la forme qu'attend {body.name}"
            self.choose(name, rivals[0], POSSIBLE, why)
            if self.value("contract_reference") == rivals[0]:
                del self.fields["contract_reference"]
        elif rivals:
            message = f"Plusieurs numéros ont la forme d'un engagement de {body.name}."
            self.question(name, message, rivals)
        elif read:
            example = f", par exemple {body.order_example}" if body.order_example else ""
            form = f"n'a pas la forme des engagements de {body.name}{example}"
            self.question(name, f"« {read} » {form}.")

    def _rivals(self, name: str) -> Iterator[str]:
        """Other readings of a field, then the codes of the page that no other field holds."""
        field = self.fields.get(name)
        first = [str(one) for one in field.alternatives] if field else []
        own = {"contract_reference", "buyer_reference", "order_reference", name}
        held = {str(f.value) for n, f in self.fields.items() if n not in own}
        codes = [text for text, _, _ in self.seen.codes if text not in held]
        yield from dict.fromkeys([*first, *codes])


def _squeezed(code: str) -> str:
    return "".join(c for c in code.upper() if c.isalnum())
