"""The names of the two parties: first lines of blocks, words after a heading, legal forms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.formats.pdf_text.blocks import Block
from services.ingest.formats.pdf_text.columns import column_of, heading
from services.ingest.formats.pdf_text.fold import fold, squeeze
from services.ingest.formats.pdf_text.geometry import Box, Page, Piece, below, right_of
from services.ingest.formats.pdf_text.labels import Label
from services.ingest.formats.pdf_text.parties import Parties
from services.ingest.formats.pdf_text.values import Found

_COMPANY = re.compile(
    r"\b(?:sarl|sas|sasu|eurl|sa|snc|sci|scop|selarl|eirl|ei|gmbh|ag|ltd|llc|inc|kg|ohg|plc|bv|srl"
    r"|spa|sprl|scic|gie|scp|ets|etablissements)\b"
)
_PUBLIC = re.compile(
    r"\b(?:mairie|commune|communes|ville|departement|region|ministere|prefecture|universite|communaute"
    r"|metropole|hopital|hospitalier|chu|syndicat|lycee|college|rectorat|conseil (?:departemental"
    r"|regional|general)|agence|office|direction|regie|ccas|ehpad|sdis|caisse|crous|ecole|institut)\b"
)
_FORM_END = re.compile(r",? (?:sarl|sas|sasu|eurl|sa|snc|scop|selarl|eirl)$")
_CUT = re.compile(
    r" [-|•·–] |, (?=\d)| au capital|\s{3,}|(?<=\w)[,;] (?=(?:\d|rue|siret|tva|tel))", re.IGNORECASE
)
_STREET = re.compile(
    r"^\d+[ ,]| \d{1,4}[a-z]?$|stra(?:ss|s)e|\d{5}|\b(?:rue|avenue|av|bd|boulevard|place|chemin"
    r"|allees?|route|impasse|quai|street|road|bp|cs|cedex|zone|zi|za|zac|tel|batiment|bat|residence|lieu.dit|etage|parvis"
    r"|rond.point|cours|square|esplanade|hameau|sentier|passage|faubourg)\b"
)
_COUNTRY = re.compile(
    r"(?:france|germany|deutschland|allemagne|spain|espagne|italy|italie|belgique|belgium|suisse|luxembourg"
    r"|hong kong|united states|united kingdom|ile de la reunion)(?: / \w+)?"
)
_HONORIFIC = re.compile(
    r"^(?:m|mr|mme|mlle|monsieur|madame|messieurs|herrn?|frau|herr|mrs|ms|a l'attention.*)\.?$"
)
_MAIL = re.compile(r"[\w.+-]+@([\w-]+)\.|(?:www\.|https?://(?:www\.)?)([\w-]+)\.")


@dataclass(slots=True, eq=False)
class Name:
    """A name that may be a party's."""

    text: str
    score: float
    piece: Piece
    why: str

    @property
    def box(self) -> Box:
        """Where it is printed."""
        return self.piece.box(0, len(self.piece.text))


def names(found: Found, parties: Parties) -> dict[str, list[Name]]:
    """The rivals for the two names, best first."""
    gathered: dict[str, list[Name]] = {"seller": [], "buyer": []}
    _announced(found, gathered)
    _in_blocks(found, parties, gathered)
    _with_forms(found, gathered)
    domains = {
        squeeze(a or b)
        for page in found.pages
        for p in page.pieces
        for a, b in _MAIL.findall(p.folded)
    }
    for role, rivals in gathered.items():
        _weigh(rivals, role, domains)
    return _part({role: _merged(rivals) for role, rivals in gathered.items()})


def _announced(found: Found, gathered: dict[str, list[Name]]) -> None:
    """« Client : Mairie de X », or the line under « Facturé à »."""
    for label in found.labels:
        buys, sells = "customer" in label.concepts, "vendor" in label.concepts
        if buys == sells or not label.clean:
            continue
        if label.concepts & {
            "no",
            "code",
            "vat",
            "siret",
            "siren",
            "ref",
            "date",
            "delivery",
            "order",
            "service",
            "person",
        }:
            continue
        role = "buyer" if buys else "seller"
        tail = label.piece.text[label.end :].strip(" :.-–")
        if len(tail) > 2 and label.piece.text[label.end :].lstrip()[:1] in (":", "-", "–", "("):
            name = _clean(tail)
            if name:
                gathered[role].append(Name(name, 1.0, label.piece, label.text))
            continue
        if tail:
            continue
        for rank, piece in enumerate(_after(found, label)):
            name = _named(found, piece)
            if name:
                gathered[role].append(Name(name, 0.95 - 0.2 * rank, piece, label.text))


def _after(found: Found, label: Label) -> list[Piece]:
    """The two pieces after a heading that may hold a name: to its right, then below it."""
    page = found.page(label.piece)
    beside = [p for p in right_of(label.piece, page)[:1] if not found.labels_of.get(p)]
    near = [p for p in beside if p.x0 - label.piece.x1 < 12 * p.height]
    under = [p for p in below(label.piece, page, 6) if p.x0 < label.piece.x1 + p.height]
    named = [p for p in [*near, *under] if _named(found, p)]
    return named[:2]


def _in_blocks(found: Found, parties: Parties, gathered: dict[str, list[Name]]) -> None:
    """The first line of a block that holds an address or an identifier."""
    owner: dict[Block, str] = {}
    for role, group in (("seller", parties.seller), ("buyer", parties.buyer)):
        for mark in group.marks if group else ():
            if mark.block is not None:
                owner.setdefault(mark.block, role)
    for block in parties.blocks:
        page = found.pages[block.page - 1]
        role_of = owner.get(block)
        if block.page > 1 or not (block.has_town or role_of) or _banks(found, block):
            continue
        for rank, piece in enumerate(_lines(found, block)):
            score = (0.55 if block.has_town else 0.1) - 0.25 * rank
            if _delivers(found, block):
                score -= 0.3
            for role, share in _shares(page, block, role_of, parties.leans[block]):
                name = _named(found, piece)
                if name and score + share > 0.1:
                    gathered[role].append(Name(name, score + share, piece, "adresse"))


def _lines(found: Found, block: Block) -> list[Piece]:
    """The lines of a block that may be its name; of a bare town, the lines above it."""
    lines = [p for p in block.pieces[:4] if _named(found, p) and not _is_value(found, p)]
    if not lines and block.has_town:
        above = column_of(found, block.pieces[0]).pieces[1:5]
        lines = [p for p in reversed(above) if _named(found, p) and not _is_value(found, p)]
    return lines[: 2 if block.has_town else 1]


def _banks(found: Found, block: Block) -> bool:
    labels = [label for piece in block.pieces for label in found.labels_of.get(piece, ())]
    return not block.has_town and any(label.concepts & {"iban", "bank"} for label in labels)


def _delivers(found: Found, block: Block) -> bool:
    labels = found.labels_of.get(block.pieces[0], ())
    return any("delivery" in label.concepts for label in labels)


def _shares(page: Page, block: Block, role: str | None, lean: float) -> Sequence[tuple[str, float]]:
    """Whose block it is, as far as it can be told, and what that adds to its names."""
    if role or lean:
        return [(role or ("seller" if lean > 0 else "buyer"), 0.25)]
    right = block.x0 > page.width * 0.45
    high = block.y0 < page.height * 0.5
    return [
        ("buyer", 0.1 if right and high else -0.15),
        ("seller", -0.2 if right else 0.1),
    ]


def _with_forms(found: Found, gathered: dict[str, list[Name]]) -> None:
    """Names beside a legal form, at the very top or the very bottom of the first page."""
    for page in found.pages[:1]:
        for piece in page.pieces:
            company, public = _COMPANY.search(piece.folded), _PUBLIC.search(piece.folded)
            name = _named(found, piece) if company or public else None
            edge = piece.y0 < page.height * 0.12 or piece.y0 > page.height * 0.86
            if name and company and (edge or piece.y0 < page.height * 0.5):
                score = 0.5 if edge else 0.3
                gathered["seller"].append(Name(name, score, piece, "forme juridique"))
            elif name and public and page.height * 0.04 < piece.y0 < page.height * 0.4:
                gathered["buyer"].append(Name(name, 0.4, piece, "organisme public"))
        for piece in page.pieces[:2]:
            name = _named(found, piece)
            if name:
                gathered["seller"].append(
                    Name(name, 0.45 if piece.order == 0 else 0.3, piece, "en-tête")
                )


def _named(found: Found, piece: Piece) -> str | None:
    labels = found.labels_of.get(piece, ())
    if labels and labels[0].start == 0 and not _owned(piece.folded[:40]):
        return None
    return _clean(piece.text)


def _owned(folded: str) -> bool:
    return bool(_COMPANY.search(folded) or _PUBLIC.search(folded))


def _is_value(found: Found, piece: Piece) -> bool:
    """Whether a label to its left announces it."""
    row = found.page(piece).rows[piece.row]
    left = [other for other in row if other.x1 <= piece.x0]
    if not left or piece.x0 - left[-1].x1 > 12 * piece.height or heading(found, left[-1]):
        return False
    return bool(found.labels_of.get(left[-1])) and not found.values_of.get(left[-1])


def _clean(text: str) -> str | None:
    name = _CUT.split(text, maxsplit=1)[0].strip(" ,;:-–|•")
    letters = sum(c.isalpha() for c in name)
    if (
        letters < 3
        or len(name) > 80
        or letters < 0.6 * len(name.replace(" ", ""))
        or "@" in name
        or "_" in name
    ):
        return None
    folded = fold(name)
    if _HONORIFIC.match(folded) or _COUNTRY.fullmatch(folded):
        return None
    return None if _STREET.search(folded) or folded.startswith(("http", "www")) else name


def _weigh(rivals: list[Name], role: str, domains: set[str]) -> None:
    more: list[Name] = []
    for name in rivals:
        bare = _FORM_END.sub("", name.text.lower())
        short = name.text[: len(bare)]
        if role == "seller" and squeeze(name.text) in domains:
            name.score += 0.3
        elif role == "seller" and short != name.text and squeeze(short) in domains:
            more.append(Name(short, name.score + 0.3, name.piece, name.why))
        if (_COMPANY if role == "seller" else _PUBLIC).search(fold(name.text)):
            name.score += 0.1
    rivals += more


def _part(ranked: dict[str, list[Name]]) -> dict[str, list[Name]]:
    """The best pair of different names goes first: one name is not both parties'."""
    best: tuple[float, Name | None, Name | None] = (0.0, None, None)
    for seller in [*ranked["seller"][:6], None]:
        for buyer in [*ranked["buyer"][:6], None]:
            if seller and buyer and squeeze(seller.text) == squeeze(buyer.text):
                continue
            score = sum(name.score for name in (seller, buyer) if name)
            if score > best[0]:
                best = (score, seller, buyer)
    chosen = {"seller": best[1], "buyer": best[2]}
    return {
        role: sorted(names, key=lambda name: name is not chosen[role])
        for role, names in ranked.items()
    }


def _merged(rivals: list[Name]) -> list[Name]:
    found: dict[str, Name] = {}
    for name in sorted(rivals, key=lambda n: -n.score):
        key = squeeze(name.text)
        if key in found:
            found[key].score += 0.12
        else:
            found[key] = name
    return sorted(found.values(), key=lambda n: -n.score)
