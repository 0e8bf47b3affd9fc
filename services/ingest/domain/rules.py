"""RULES: what public invoicing demands of an invoice, one row each; a rule names its predicate.

A predicate returns nothing when all is well, else the values that its sentence quotes. Sources are
chapters of the domain dossier (§) and rules of EN 16931 (BR-…) and of the French schematron (BR-FR-…).
"""

from typing import NamedTuple

from services.ingest.domain import demands, sums, vat
from services.ingest.domain.draft import Draft
from services.ingest.domain.predicate import Predicate
from shared.contracts.finding import Finding, Severity
from shared.contracts.invoice import Header


class Rule(NamedTuple):
    """One row of the table."""

    code: str
    bt: str
    pointer: str
    label: str
    severity: Severity
    rule: str | None
    broken: Predicate
    message: str
    hint: str
    example: str | None
    source: str


# fmt: off
RULES = (
    Rule("FAC-B2G-001", "BT-1", "/number", "Numéro de facture", "error", "BR-02", demands.number_missing, "Le numéro de facture est absent.", "Renseignez le numéro de la facture.", "F2026-0042", "BR-02"),
    Rule("FAC-B2G-002", "BT-1", "/number", "Numéro de facture", "error", None, demands.number_too_long, "Le numéro de facture « {number} » compte {length} caractères ; il ne doit pas dépasser 20 caractères.", "Raccourcissez le numéro de facture.", "F2026-0042", "§3.1"),
    Rule("FAC-B2G-003", "BT-1", "/number", "Numéro de facture", "error", "BR-FR-02", demands.number_odd, "Le numéro de facture « {number} » contient un caractère interdit : {characters}.", "N'employez que des lettres, des chiffres, l'espace et les signes - + _ /.", "F2026-0042", "§3.1"),
    Rule("FAC-B2G-004", "BT-1", "/number", "Numéro de facture", "error", "BR-FR-02", demands.number_spaced, "Le numéro de facture « {number} » commence ou finit par une espace, ou en contient deux de suite.", "Supprimez les espaces superflues.", "F2026-0042", "BR-FR-01, BR-FR-02"),
    Rule("FAC-B2G-005", "BT-2", "/issue_date", "Date d'émission", "error", "BR-03", demands.date_missing, "La date d'émission est absente ou illisible.", "Renseignez la date d'émission.", "2026-06-15", "BR-03"),
    Rule("FAC-B2G-006", "BT-9", "/due_date", "Date d'échéance", "error", "BR-FR-CO-07", demands.due_before_issue, "La date d'échéance ({due_date}) précède la date d'émission ({issue_date}).", "Corrigez la date d'échéance.", "2026-07-15", "BR-FR-CO-07"),
    Rule("FAC-B2G-007", "BT-3", "/type_code", "Type de facture", "error", "BR-CL-01", demands.type_unknown, "Le type de facture « {type_code} » n'est pas un code connu.", "Employez 380 pour une facture, 381 pour un avoir.", "380", "BR-CL-01"),
    Rule("FAC-B2G-008", "BT-5", "/currency", "Devise", "error", "BR-CL-04", demands.currency_unknown, "La devise « {currency} » n'est pas un code ISO 4217.", "Écrivez le code de la devise en trois lettres.", "EUR", "§3.1"),
    Rule("FAC-B2G-009", "BT-1", "/number", "Numéro de facture", "error", "BR-FR-02", demands.number_with_space_in_the_reform, "Le numéro de facture « {number} » contient une espace, interdite dans le cadre {process} de la réforme.", "Écrivez le numéro sans espace.", "F2026-0042", "BR-FR-02"),
    Rule("FAC-B2G-010", "BT-23", "/process", "Cadre de facturation", "error", "BR-FR-08", demands.process_unknown, "Le cadre de facturation « {process} » n'existe pas.", "Employez un cadre de A1 à A25 ; A1 est le dépôt par un fournisseur.", "A1", "§3.1, §2.4"),
    Rule("FAC-B2G-011", "BT-23", "/process", "Cadre de facturation", "info", None, demands.process_foreign, "Le cadre « {process} » n'est pas un cadre Chorus Pro ; la facture est traitée en A1.", "Indiquez un cadre de A1 à A25 si un autre circuit est voulu.", "A1", "§3.1"),
    Rule("FAC-B2G-012", "BT-23", "/process", "Cadre de facturation", "error", "BR-FR-CO-08", demands.advance_as_final, "Le cadre « {process} » annonce une facture définitive après acompte, mais le type {type_code} est une facture d'acompte.", "Corrigez le cadre ou le type de facture.", "S1", "BR-FR-CO-08"),
    Rule("FAC-B2G-013", "BT-24", "/profile", "Profil", "error", "BR-01", demands.profile_missing, "L'identifiant de profil (BT-24) est absent.", "Indiquez le profil que suit la facture.", "urn:cen.eu:en16931:2017", "BR-01"),
    Rule("FAC-B2G-014", "BT-81", "/payment_means", "Mode de règlement", "warning", None, demands.payment_means_missing, "Le mode de règlement est absent ; le virement est retenu.", "Indiquez le mode de règlement.", "30", "§3.1"),
    Rule("FAC-B2G-015", "BT-81", "/payment_means", "Mode de règlement", "warning", None, demands.payment_means_unknown, "Le mode de règlement « {payment_means} » n'est pas admis ; le virement est retenu.", "Employez 30 (virement), 31, 42, 48 (carte), 49, 58, 59, 97 ou 10, 20.", "30", "§3.1"),
    Rule("FAC-B2G-020", "BT-27", "/seller/name", "Fournisseur", "error", "BR-06", demands.seller_nameless, "Le nom du fournisseur est absent.", "Renseignez la raison sociale du fournisseur.", None, "BR-06"),
    Rule("FAC-B2G-021", "BT-30", "/seller/siret", "Identifiant du fournisseur", "error", "BR-FR-10", demands.seller_siren_wrong, "L'identifiant du fournisseur « {identifier} » n'est ni un SIREN de 9 chiffres ni un SIRET de 14 chiffres.", "Corrigez l'identifiant légal du fournisseur.", "40483304800022", "§3.1, BR-FR-10"),
    Rule("FAC-B2G-022", "BT-47", "/buyer/siret", "Identifiant du destinataire", "error", "BR-FR-11", demands.buyer_siren_wrong, "L'identifiant du destinataire « {identifier} » n'est ni un SIREN de 9 chiffres ni un SIRET de 14 chiffres.", "Corrigez l'identifiant légal du destinataire.", "22310001700423", "§3.1, BR-FR-11"),
    Rule("FAC-B2G-023", "BT-30", "/seller/siret", "SIRET du fournisseur", "warning", None, demands.seller_key_wrong, "Le {kind} du fournisseur {number} a une clé de contrôle fausse.", "Vérifiez les chiffres du {kind}.", "40483304800022", "§3.1"),
    Rule("FAC-B2G-024", "BT-47", "/buyer/siret", "SIRET du destinataire", "warning", None, demands.buyer_key_wrong, "Le {kind} du destinataire {number} a une clé de contrôle fausse.", "Vérifiez les chiffres du {kind}.", "22310001700423", "§3.1"),
    Rule("FAC-B2G-025", "BT-31", "/seller/vat_number", "TVA du fournisseur", "error", "BR-S-02", vat.seller_without_vat_number, "De la TVA est facturée, mais le numéro de TVA du fournisseur est absent.", "Renseignez le numéro de TVA intracommunautaire du fournisseur.", "FR83404833048", "BR-S-02"),
    Rule("FAC-B2G-026", "BT-44", "/buyer/name", "Destinataire", "info", "BR-07", demands.buyer_nameless, "Le nom du destinataire est absent.", "Renseignez le nom du destinataire.", None, "§3.4, BR-07"),
    Rule("FAC-B2G-027", "BT-34", "/seller/electronic_address", "Adresse électronique du fournisseur", "error", "BR-FR-13", demands.seller_without_address, "La facture annonce le réseau Peppol (BT-23), mais l'adresse électronique du fournisseur est absente.", "Ajoutez l'adresse électronique du fournisseur, ou le cadre A1.", "0225:404833048", "PEPPOL-EN16931-R020"),
    Rule("FAC-B2G-028", "BT-49", "/buyer/electronic_address", "Adresse électronique du destinataire", "error", "BR-FR-12", demands.buyer_without_address, "La facture annonce le réseau Peppol (BT-23), mais l'adresse électronique du destinataire est absente.", "Ajoutez l'adresse électronique du destinataire, ou le cadre A1.", "0225:223100017", "PEPPOL-EN16931-R010"),
    Rule("FAC-B2G-030", "BT-118", "/vat_breakdown", "Catégorie de TVA", "error", None, vat.vat_category_missing, "Le récapitulatif de TVA ne dit pas la catégorie de TVA.", "Indiquez la catégorie de chaque taux : S pour un taux normal, E pour une exonération.", "S", "§3.1"),
    Rule("FAC-B2G-031", "BT-119", "/vat_breakdown", "Taux de TVA", "error", "BR-FR-16", vat.vat_rate_french, "Le taux de TVA {rate} n'existe pas en France.", "Employez un taux en vigueur, avec deux décimales au plus.", "20.00", "BR-FR-16"),
    Rule("FAC-B2G-032", "BT-119", "/vat_breakdown", "Taux de TVA", "error", "BR-S-08", vat.vat_rate_twice, "Le taux de TVA {rate} (catégorie {category}) figure deux fois dans le récapitulatif.", "Regroupez les lignes de même taux et de même catégorie.", None, "BR-S-08"),
    Rule("FAC-B2G-033", "BT-126", "/lines", "Lignes", "info", "BR-16", demands.no_lines, "La facture n'a pas de ligne.", "Détaillez ce qui est facturé.", None, "BR-16"),
    Rule("FAC-B2G-034", "BT-22", "/note", "Commentaire", "warning", None, demands.note_too_long, "Le commentaire compte {length} caractères ; seuls les 2000 premiers sont repris.", "Raccourcissez le commentaire.", None, "§3.1"),
    Rule("FAC-B2G-035", "BT-119", "/vat_breakdown", "Taux de TVA", "warning", "BR-FR-16", vat.vat_rate_already_taken, "Le taux de TVA {rate} n'existe pas en France.", "Employez un taux en vigueur, avec deux décimales au plus.", "20.00", "BR-FR-16"),
    Rule("FAC-B2G-036", "BT-25", "/preceding_invoice", "Facture d'origine", "warning", None, demands.credit_of_nothing, "Ce document est un avoir (type 381), mais il ne dit pas quelle facture il corrige.", "Indiquez le numéro de la facture d'origine, ou corrigez le type.", "F2026-0042", "CGI, annexe II, 242 nonies A"),
    Rule("FAC-B2G-037", "BT-22", "/note", "Mentions de paiement", "warning", "BR-FR-05", demands.mention_void, "La mention {subject} est vide : elle doit dire {mention}.", "Écrivez la mention en toutes lettres.", None, "Code de commerce, L441-9"),
    Rule("FAC-SUM-001", "BT-112", "/totals/with_vat", "Total TTC", "error", "BR-CO-15", sums.with_vat_wrong, "Le total TTC ({with_vat}) n'est pas égal au total HT ({without_vat}) plus la TVA ({vat}) : {expected} attendu.", "Corrigez le total TTC, le total HT ou la TVA.", None, "§3.2"),
    Rule("FAC-SUM-002", "BT-115", "/totals/due", "Net à payer", "error", "BR-CO-16", sums.due_wrong, "Le net à payer ({due}) n'est pas égal au total TTC ({with_vat}) moins le déjà payé ({prepaid}), arrondi compris : {expected} attendu.", "Corrigez le net à payer ou le montant déjà payé.", None, "§3.2"),
    Rule("FAC-SUM-003", "BT-109", "/totals/without_vat", "Total HT", "error", "BR-CO-13", sums.without_vat_wrong, "Le total HT ({without_vat}) n'est pas égal au total des lignes ({lines}) moins les remises plus les frais : {expected} attendu.", "Corrigez le total HT, les remises ou les frais.", None, "§3.2"),
    Rule("FAC-SUM-004", "BT-106", "/totals/lines", "Total des lignes", "warning", "BR-CO-10", sums.lines_wrong, "Le total des lignes ({lines}) n'est pas la somme des lignes ({expected}).", "Vérifiez les montants des lignes.", None, "§3.2"),
    Rule("FAC-SUM-005", "BT-110", "/totals/vat", "Total TVA", "warning", "BR-CO-14", sums.vat_wrong, "La TVA ({vat}) n'est pas la somme du récapitulatif par taux ({expected}).", "Vérifiez le récapitulatif de TVA.", None, "§3.2"),
    Rule("FAC-SUM-006", "BT-117", "/vat_breakdown", "Récapitulatif de TVA", "error", "BR-CO-17", sums.row_wrong, "La TVA du taux {rate} ({vat}) n'est pas {base} × {rate} % : {expected} attendu.", "Vérifiez la base et le montant de TVA de ce taux.", None, "BR-CO-17"),
    Rule("FAC-SUM-011", "BT-117", "/vat_breakdown", "Récapitulatif de TVA", "warning", "BR-CO-17", sums.row_wrong_in_chorus_dialect, "La TVA du taux {rate} ({vat}) n'est pas {base} × {rate} % : {expected} attendu.", "Vérifiez la base et le montant de TVA de ce taux.", None, "§3.2"),
    Rule("FAC-SUM-007", "BT-112", "/totals/with_vat", "Total TTC", "error", "BR-14", sums.with_vat_missing, "Le total TTC est absent.", "Renseignez le total TTC.", "1200.00", "BR-14"),
    Rule("FAC-SUM-008", "BT-115", "/totals/due", "Net à payer", "error", "BR-15", sums.due_missing, "Le net à payer est absent.", "Renseignez le net à payer.", "1200.00", "BR-15"),
    Rule("FAC-SUM-009", "BT-109", "/totals/without_vat", "Total HT", "error", "BR-13", sums.without_vat_missing, "Le total HT est absent.", "Renseignez le total HT.", "1000.00", "BR-13"),
    Rule("FAC-SUM-010", "BT-112", "/totals", "Montants", "error", None, sums.out_of_bounds, "Le montant {amount} n'est pas plausible pour une facture.", "Vérifiez les montants.", None, "§3.2"),
    Rule("FAC-CONF-007", "BT-1", "/number", "Numéro de facture", "warning", "BR-FR-02", demands.number_with_space, "Le numéro de facture « {number} » contient une espace : admis ici, refusé par les plateformes de la réforme.", "Préférez un numéro sans espace.", "F2026-0042", "BR-FR-02"),
    Rule("FAC-CONF-008", "BT-24", "/profile", "Profil", "warning", None, demands.lines_in_minimum, "Le profil MINIMUM ne prévoit pas de lignes ; la facture en contient {count}.", "Déclarez le profil qui correspond au contenu.", "urn:cen.eu:en16931:2017", "Factur-X 1.0"),
    Rule("FAC-CONF-009", "BT-24", "/profile", "Profil", "warning", None, demands.profile_unknown, "Le profil « {profile} » n'est ni la norme EN 16931 ni un de ses profils.", "Déclarez le profil que suit la facture.", "urn:cen.eu:en16931:2017", "EN 16931"),
)
# fmt: on


def check(facts: Draft | Header) -> list[Finding]:
    """Everything that is wrong with an invoice, all at once, in the order of the table."""
    draft = facts if isinstance(facts, Draft) else Draft.of(facts)
    return [finding(rule, broken) for rule in RULES if (broken := rule.broken(draft)) is not None]


def finding(rule: Rule, quoted: dict[str, object]) -> Finding:
    """The finding of a broken rule, its sentence filled with what the invoice says."""
    return Finding(
        code=rule.code,
        severity=rule.severity,
        rule=rule.rule,
        pointer=rule.pointer,
        bt=rule.bt,
        label=rule.label,
        message=rule.message.format(**quoted),
        hint=rule.hint,
        example=rule.example,
    )
