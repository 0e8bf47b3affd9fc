"""The French words for the codes of an invoice, and French figures."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

TYPES = {
    "380": "Facture",
    "381": "Avoir",
    "384": "Facture rectificative",
    "386": "Facture d'acompte",
    "389": "Facture établie par le client",
    "393": "Facture affacturée",
    "396": "Avoir affacturé",
    "261": "Avoir établi par le client",
    "503": "Avoir sur acompte",
}
CATEGORIES = {
    "S": "TVA au taux indiqué",
    "Z": "Taux zéro",
    "E": "Exonération",
    "AE": "Autoliquidation",
    "K": "Livraison intracommunautaire",
    "G": "Exportation hors UE",
    "O": "Hors champ de la TVA",
    "L": "Impôt des Canaries (IGIC)",
    "M": "Impôt de Ceuta et Melilla (IPSI)",
}
MEANS = {
    "10": "Espèces",
    "20": "Chèque",
    "30": "Virement",
    "31": "Virement",
    "42": "Virement",
    "48": "Carte bancaire",
    "49": "Prélèvement",
    "57": "Accord permanent",
    "58": "Virement SEPA",
    "59": "Prélèvement SEPA",
    "97": "Compensation entre partenaires",
}
UNITS = {
    "C62": "unité",
    "H87": "pièce",
    "EA": "pièce",
    "XPP": "pièce",
    "SET": "lot",
    "LS": "forfait",
    "HUR": "heure",
    "MIN": "minute",
    "DAY": "jour",
    "WEE": "semaine",
    "MON": "mois",
    "ANN": "an",
    "KGM": "kg",
    "GRM": "g",
    "TNE": "t",
    "MTR": "m",
    "KMT": "km",
    "MTK": "m²",
    "MTQ": "m³",
    "LTR": "l",
    "KWH": "kWh",
    "MWH": "MWh",
}
SUBJECTS = {
    "PMT": "Indemnité forfaitaire de recouvrement",
    "PMD": "Pénalités de retard",
    "AAB": "Escompte",
    "REG": "Mention légale",
    "ABL": "Informations légales",
    "BLU": "Éco-participation",
    "TXD": "Membre d'un assujetti unique",
}
"""What a note is about (UNTDID 4451)."""
CREDIT, INVOICE = "Avoir", "Facture"
SPACE = "\u00a0"


def label(model: type[BaseModel], name: str) -> str:
    """The French name of a field, from the model."""
    extra = model.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return str(extra["label"])


def figure(value: Decimal | None, least: int = 0) -> str:
    """A number as the French write it, with at least so many decimals."""
    if value is None:
        return ""
    whole, _, decimals = f"{value:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole.lstrip("+"))
    grouped = f"{int(digits or 0):,}".replace(",", SPACE)
    return f"{sign}{grouped}{f',{decimals}' if decimals else ''}"


def money(value: Decimal | None, currency: str) -> str:
    """An amount with its currency."""
    if value is None:
        return ""
    return f"{figure(value, 2)}{SPACE}{'€' if currency == 'EUR' else currency}"


def rate(value: Decimal | None) -> str:
    """A rate in per cent."""
    return "" if value is None else f"{figure(value)}{SPACE}%"


def day(value: date | None) -> str:
    """A date."""
    return value.strftime("%d/%m/") + f"{value.year:04}" if value else ""


def title(type_code: str, credit: bool) -> str:
    """What kind of invoice it is."""
    return TYPES.get(type_code, CREDIT if credit else INVOICE)


def coded(code: str | None, words: dict[str, str]) -> str:
    """A code in words, the code itself beside."""
    if not code:
        return ""
    return f"{words[code]} ({code})" if code in words else code


def unit(code: str | None) -> str:
    """A unit of measure."""
    return UNITS.get(code or "", code or "")


def spaced(iban: str | None) -> str:
    """An IBAN in groups of four."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4)) if iban else ""
