"""The code lists that the rules look into."""

from decimal import Decimal


def listed(words: str) -> frozenset[str]:
    """A list written as words."""
    return frozenset(words.split())


CHORUS_PROCESSES = frozenset(f"A{number}" for number in range(1, 26))
"""Cadres de facturation (dossier §2.4); A11 is retired but still understood."""

WORKS_PROCESSES = listed("A4 A5 A6 A7 A8 A10 A11 A13 A14 A15 A16 A17 A18 A19 A20 A22 A23 A24 A25")
"""Works pieces (CCAG)."""

VALIDATED_PROCESSES = listed("A9 A10 A11 A12 A13 A14")
"""Pieces of subcontractors and co-contractors, which a private validator sees first."""

AFNOR_PROCESSES = frozenset(f"{kind}{number}" for kind in "BSM" for number in range(1, 9))
"""Processes of the French reform: goods, services, mixed."""

FINAL_PROCESSES = listed("B4 S4 M4")
"""Final invoice after an advance."""

NETWORK = "urn:fdc:peppol.eu:"
"""How the processes of a network begin that finds its members by electronic addresses."""

PROFILES = ("en16931", "factur-x", "zugferd", "ferd:", "xrechnung", "peppol")
"""What the identifier of a profile names: the norm, or a syntax of it."""

LATE_PAYMENT = {
    "PMT": "l'indemnité forfaitaire pour frais de recouvrement",
    "PMD": "les pénalités de retard",
}
"""Mentions of late payment by the code of their subject (Code de commerce, L441-9)."""

ADVANCE_TYPES = listed("386 500 503")

INVOICE_TYPES = listed("""
    71 80 81 82 83 84 102 130 202 203 204 211 218 219 261 262 295 296 308 325 326 331 380 381 382
    383 384 385 386 387 388 389 390 393 394 395 396 420 456 457 458 471 472 473 500 501 502 503 527
    532 553 575 623 633 751 780 817 870 875 876 877 935
""")
"""UNTDID 1001 as EN 16931 restricts it, invoices and credit notes."""

PAYMENT_MEANS = listed("01 1 10 20 30 31 42 48 49 58 59 97")
"""UNTDID 4461 as Chorus Pro takes it (dossier §3.1)."""

FRENCH_RATES = frozenset(
    map(Decimal, listed("0 0.9 1.05 1.75 2.1 5.5 7 8.5 9.2 9.6 10 13 19.6 20 20.6"))
)
"""Rates in force or once in force in France, overseas and Corsica included."""

CURRENCIES = listed("""
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP
    BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB
    EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD
    JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD
    XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWL
""")
"""ISO 4217."""
