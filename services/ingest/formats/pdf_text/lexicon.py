"""The words of invoices and what they mean, in French, English and German.

A label is not looked up as a sentence: each of its words stands for a concept, and the set of
concepts says what the label announces (`rules.py`). So a wording nobody foresaw has a meaning too.
Little words are skipped, but a phrase after `!` needs them, and one before `!` stands alone.
"""

_LITTLE = (
    "de d du des la le l les un une a au aux en et pour par sur ce cette s n est sont "
    "of the for to and on by in is der die das den dem im von und zu zum zur am vom"
)
STOP_WORDS = frozenset(_LITTLE.split())

CONCEPTS: dict[str, str] = {
    "invoice": "facture; factures; fact; invoice; rechnung; handelsrechnung; bill; note "
    "honoraires; mémoire; fac",
    "credit": "avoir; facture avoir; note crédit; credit note; credit memo; gutschrift; "
    "rechnungskorrektur; stornorechnung; note avoir; annulation",
    "document": "document; pièce; beleg; justificatif; titre",
    "no": "n°; numéro; numéros; num; nr; no; number; nummer; #; nos",
    "ref": "réf; référence; références; reference; referenz; ref",
    "code": "code; codes",
    "date": "date; dates; datum; dated",
    "emit": "facturé; facturée; émission; émise; émis; édition; éditée; établie; établi; "
    "facturation; issue; issued; ausstellung; création; invoicing; billing",
    "due": "échéance; échéances; date limite; due; fällig; fälligkeit; exigible; date limite "
    "paiement; payable avant; payer avant; régler avant; payable jusqu; zahlbar bis; "
    "maturity; payable le; !à payer le; !à payer pour le; !à payer avant le; !à régler le; "
    "!à régler pour le; !à régler avant le; !payable au; exigibilité; plus tard; "
    "!attendu le; !attendue le",
    "pay": "payer; régler; paiement; règlement; payable; pay; payment; zahlung; versement; "
    "virement",
    "paid": "payé; payée; payés; réglé; réglée; versé; versée; versés; versées; perçu; "
    "encaissé; reçu; reçus; reçue; paid; bezahlt; déjà facturé; erhaltene; received",
    "deposit": "acompte; acomptes; avance; avances; arrhes; prepaid; prepayment; advance; "
    "anzahlung; anzahlungen; vorauszahlung; provision; deposit; déduire",
    "balance": "reste; solde; restant; dû; balance; residual; outstanding; zahlbetrag; "
    "restbetrag; fälliger betrag; zu zahlen; zahlungsbetrag",
    "total": "total; totaux; montant; montants; somme; gesamt; gesamtbetrag; summe; amount; "
    "totals; betrag; gesamtsumme; global; sum",
    "subtotal": "sous total; subtotal; sub total; zwischensumme; positionssumme; warenwert",
    "without": "ht; hors taxe; hors taxes; hors tva; htva; hors tax; netto; nettobetrag; "
    "nettosumme; excl; excluding; excl vat; excl tax; w/o tax; without tax; without "
    "vat; before tax; ohne mwst; ohne ust; ohne umsatzsteuer; untaxed; taxable; tax "
    "exclusive; excluding vat; excluding tax; vat excluded; zzgl mwst",
    "with": "ttc; toutes taxes comprises; tvac; brutto; bruttobetrag; bruttosumme; incl; "
    "including; inkl; incl vat; incl tax; including vat; including tax; inkl mwst; "
    "inkl ust; gross; tax inclusive; taxes incluses; tva incluse; tva comprise; vat "
    "included; endbetrag; rechnungsbetrag; rechnungssumme; all taxes",
    "vat": "tva; taxe; taxes; vat; tax; ust; mwst; umsatzsteuer; mehrwertsteuer; steuer; "
    "gst; steuerbetrag; t v a; ust betrag",
    "net": "net; nets",
    "base": "base; bases; assiette; basis; basisbetrag; imposable; taxable base",
    "rate": "taux; rate; satz; steuersatz",
    "discount": "remise; remises; rabais; escompte; ristourne; discount; rabatt; skonto; "
    "abschlag; abschläge; allowance",
    "charge": "frais; port; éco; participation; shipping; zuschläge; versandkosten; timbre; "
    "pénalité; pénalités; indemnité; retard; retenue; garantie; intérêts",
    "unit": "unitaire; unitaires; unité; pu; prix; price; unit; einzelpreis; nettopreis; "
    "bruttopreis; preis; p u; tarif",
    "quantity": "quantité; quantités; qté; qte; qty; quantity; menge; anzahl; nombre; nb; hours; "
    "heures",
    "item": "désignation; description; libellé; article; articles; prestation; prestations; "
    "beschreibung; bezeichnung; item; produit; produits; détail; pos; intitulé; "
    "nature; objet; désignations",
    "line": "ligne; lignes; line; lines; position; positionen; zeilenbetrag; positionsbetrag",
    "capital": "capital; kapital; share capital",
    "registry": "rcs; rm; registre; greffe; handelsregister; amtsgericht; registergericht; hrb; "
    "ape; naf; code ape; code naf; stammkapital; geschäftsführer; vorstand",
    "customer": "client; clients; cliente; acheteur; acheteuse; destinataire; débiteur; adressé "
    "à; !facture à!; !à!; customer; buyer; !bill to!; !billed to; sold to; invoiced; "
    "käufer; kunde; kunden; leistungsempfänger; rechnungsempfänger; rechnungsadresse; "
    "preneur; maître ouvrage; adresse facturation; billing address; recipient; "
    "acquéreur; pouvoir adjudicateur; commanditaire; attention; doit; collectivité; "
    "facture adressée à; !établie pour; kundennr; entité publique; structure "
    "destinataire; administration; adressée à; établissement facturé; organisme facturé; "
    "entité facturée; entité destinataire; organisme destinataire; établissement destinataire; "
    "structure facturée; collectivité facturée; !facturation!; "
    "!facturé à; !facturer à; !facturée à; !invoice to!",
    "vendor": "fournisseur; vendeur; émetteur; prestataire; créancier; seller; vendor; "
    "supplier; verkäufer; lieferant; from; titulaire; issuer; entreprise; expéditeur; "
    "rechnungssteller; sold by; !émise par; !émis par; cocontractant; société; "
    "artisan",
    "your": "votre; vos; your; ihre; ihr; v/réf",
    "our": "notre; nos; our; unsere; n/réf",
    "delivery": "leistung; leistungsdatum; livraison; livré; livrée; delivery; shipping; ship to; "
    "expédition; lieferung; lieferdatum; lieferadresse; liefer; exécution; bl; "
    "chantier; bon livraison; intervention",
    "period": "période; period; zeitraum; mois; début; fin; start; end; from to; semaine",
    "siret": "siret; sirets",
    "siren": "siren",
    "iban": "iban",
    "bank": "bic; swift; rib; banque; bank; compte; account; domiciliation; konto",
    "phone": "tél; téléphone; fax; mobile; phone; tel; portable; télécopie; telefon",
    "service": "service; services; service exécutant; département; svc; department; dept; "
    "abteilung",
    "executing": "exécutant; gestionnaire; destinataire service; facturier; prescripteur",
    "engagement": "engagement; ej; engagement juridique; eng; numéro ej; engagements",
    "order": "commande; commandes; bc; bon commande; bdc; purchase order; po; order; "
    "bestellung; bestellnummer; bestell; auftrag; cde; lettre commande; ordre "
    "service; bon cde; auftragsnummer",
    "contract": "marché; marchés; contrat; contract; vertrag; vertragsnummer; accord cadre; "
    "convention; agreement; mapa; marché public",
    "lot": "lot; lots; tranche",
    "process": "cadre facturation; cadre; processus; bt 23",
    "origin": "origine; initiale; liée; lié; rectifiée; rectificative; corrigée; originale; "
    "annulée; original; concernée; précédente; relative; ursprungsrechnung; "
    "antérieure; linked; relatif",
    "cited": "référence facture; référence de facture",
    "quote": "devis; proforma; offre; quote; angebot; proposition",
    "carried": "report; reporter; à reporter; übertrag; carried",
    "page": "page; pages; seite",
    "currency": "devise; monnaie; currency; währung; rechnungswährung",
    "person": "contact; interlocuteur; dossier; vendeuse; commercial; affaire; projet; suivi; "
    "abonnement; compteur; pdl; pce",
    "payee": "bénéficiaire; factor; affactureur; affacturage; représentant fiscal; mandataire; "
    "subrogation; cessionnaire; sous traitant; payee; tax representative; "
    "steuerbevollmächtigter; abweichender; zahlungsempfänger",
    "exempt": "exonération; exonéré; exonérée; franchise; autoliquidation; reverse charge; non "
    "applicable; steuerfrei; exempt; exemption",
    "words": "arrêté; arrêtée; lettres",
    "name": "raison sociale; nom; dénomination; nom commercial; name",
}

COMPOUNDS: dict[str, str] = {
    "rechnungsnummer": "invoice no",
    "rechnungsnr": "invoice no",
    "rechnungs nr": "invoice no",
    "belegnummer": "document no",
    "rechnungsdatum": "invoice date",
    "belegdatum": "document date",
    "ausstellungsdatum": "emit date",
    "fälligkeitsdatum": "due date",
    "bestelldatum": "order date",
    "kundennummer": "customer no",
    "bestellnr": "order no",
    "po number": "order no",
    "net à payer": "net pay balance",
    "total à payer": "total pay balance",
    "montant à payer": "total pay balance",
    "somme à payer": "total pay balance",
    "reste à payer": "pay balance",
    "solde à payer": "pay balance",
    "à payer": "pay balance",
    "à régler": "pay balance",
    "amount due": "total balance",
    "total due": "total balance",
    "balance due": "balance",
    "amount payable": "total balance",
    "amount paid": "paid",
    "already paid": "paid",
    "numéro tva": "vat no",
    "n° tva": "vat no",
    "tva intracommunautaire": "vat no",
    "tva intracom": "vat no",
    "tva intra": "vat no",
    "id tva": "vat no",
    "ust id": "vat no",
    "ustid": "vat no",
    "ust id nr": "vat no",
    "umsatzsteuer id": "vat no",
    "vat id": "vat no",
    "vat number": "vat no",
    "vat no": "vat no",
    "tax id": "vat no",
    "steuernummer": "tax_no",
    "steuer nr": "tax_no",
    "gesamtbetrag ohne": "total without",
    "rechnungssumme ohne ust": "total without",
    "summe netto": "total without",
    "code service": "service code",
    "code service exécutant": "service code executing",
    "service exécutant": "service executing",
    "numéro service": "service code",
    "leitweg id": "service code",
    "leitweg": "service code",
    "buyer reference": "service code",
    "référence acheteur": "service code",
    "code client": "customer no",
    "numéro client": "customer no",
    "réf client": "customer ref",
    "bon livraison": "delivery",
    "bon commande": "order",
    "net total": "total without",
    "tax total": "total vat",
    "conditions paiement": "terms",
    "conditions règlement": "terms",
    "mode paiement": "terms",
    "mode règlement": "terms",
    "modalités paiement": "terms",
    "délai paiement": "terms",
    "payment terms": "terms",
    "zahlungsbedingungen": "terms",
    "date facture": "invoice date",
    "invoice date": "invoice date",
    "due date": "due date",
    "acompte déduire": "deposit paid",
    "facture acompte": "invoice prepayment_title",
    "facture rectificative": "invoice correction_title",
    "facture situation": "invoice",
    "facture solde": "invoice",
    "facture finale": "invoice",
    "facture définitive": "invoice",
    "bon n°": "order no",
    "prix total": "total",
    "après remise": "net",
    "après remises": "net",
    "après escompte": "net",
    "facture vente": "invoice",
    "facture prestation": "invoice",
    "facture prestations": "invoice",
    "facture travaux": "invoice",
    "facture service": "invoice",
    "autofacture": "invoice selfbilling_title",
    "facture autofacturation": "invoice selfbilling_title",
    "self billed invoice": "invoice selfbilling_title",
}

ENDINGS: dict[str, str] = {
    "rechnung": "invoice",
    "nummer": "no",
    "datum": "date",
    "betrag": "total",
    "summe": "total",
}
"""The last part of a German word, when the whole is not known."""
