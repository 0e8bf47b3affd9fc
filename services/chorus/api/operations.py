"""OPERATIONS: every operation of Chorus Pro that is answered here, one row each."""

from typing import Any

from services.chorus.api import (
    belonging,
    deciding,
    files,
    flows,
    lists,
    reading,
    registers,
    structures,
    submitting,
)
from services.chorus.api.catalogues import CATALOGUES
from services.chorus.api.edge import Operation
from services.chorus.domain.refusals import (
    FILE_TOO_LARGE,
    FLOW_TOO_LARGE,
    NO_FILE,
    NO_FLOW,
    NO_INVOICE,
    NO_STRUCTURE,
    NOT_SUSPENDED,
    PAGE_TOO_LARGE,
    Words,
)
from services.chorus.domain.words import asking as a
from services.chorus.domain.words import depositing as d
from services.chorus.domain.words import finding as f
from services.chorus.domain.words import history as h
from services.chorus.domain.words import reading as r
from services.chorus.domain.words import structures as s
from services.chorus.domain.words import transverses as t
from services.chorus.domain.words import treating as x
from services.chorus.domain.words import works as w
from services.chorus.domain.words.kinds import Outcome, Word
from shared.errors import Conflict, NotFound, TooLarge

BIG = 44 * 1024 * 1024
FLOW: Words = {NotFound: NO_FLOW}
INVOICE: Words = {NotFound: NO_INVOICE}
STRUCTURE: Words = {NotFound: NO_STRUCTURE}
SUSPENDED: Words = {NotFound: NO_INVOICE, Conflict: NOT_SUSPENDED}
GROUP: Words = {NotFound: NO_INVOICE, TooLarge: PAGE_TOO_LARGE}
Row = tuple[Any, ...]
"""The arguments of an Operation."""
READ, MOVE, LIST = "GET /v1/invoices/{id}", "POST /v1/invoices/{id}/moves", "GET /v1/invoices"
DEPOSIT, SHEET, DIRECTORY = "/v1/deposits", "GET /v1/structures/{siret}", "GET /v1/structures"
DRAFTED = f"/v1/drafts · POST {DEPOSIT}"

FACTURES: tuple[Row, ...] = (
    ("deposer/flux", d.DeposerFluxFactureParam, d.WsRetourDeposerFluxFacture, flows.deposer_flux, f"POST {DEPOSIT}", {TooLarge: FLOW_TOO_LARGE}, BIG),
    ("deposer/pdf", d.DeposerPdfFactureParam, d.WsRetourDeposerPdfFacture, submitting.deposer_pdf, "POST /v1/extractions", {TooLarge: PAGE_TOO_LARGE}, BIG),
    ("soumettre", d.SoumettreFactureParam, d.WsRetourSoumettreFacture, submitting.soumettre, DRAFTED),
    ("completer", d.CompleterFactureParam, d.WsRetourCompleterFacture, deciding.complete, MOVE, SUSPENDED),
    ("recycler", d.RecyclerFactureParam, d.WsRetourRecyclerFacture, deciding.recycle, MOVE, INVOICE),
    ("corriger/valideur/facture", d.CorrigerValideurFactureParam, d.WsRetourCorrigerValideurFacture, deciding.correct_validator, MOVE, INVOICE),
    ("consulter/fournisseur", r.ConsulterFactureParam, r.WsRetourFacturesEmises, reading.by_seller, READ, INVOICE),
    ("consulter/recipiendaire", r.ConsulterFactureParam, r.WsRetourFacturesRecues, reading.by_buyer, READ, INVOICE),
    ("consulter/valideur", r.ConsulterFactureParam, r.WsRetourFacturesEmises, reading.by_seller, READ, INVOICE),
    ("consulter/historique", h.ConsulterHistoriqueFactureParam, h.WsRetourConsulterHistoriqueFacture, reading.get_history, f"{READ}/history", INVOICE),
    ("rechercher/fournisseur", a.RechercherFactureParFournisseurParam, f.WsRetourRechercherFactureParFournisseur, lists.by_seller, LIST),
    ("rechercher/recipiendaire", a.RechercherFactureRecipiendaireParam, f.WsRetourRechercheFactureRecipiendaireRest, lists.by_buyer, LIST),
    ("rechercher/valideur", a.RechercherFactureParValideurParam, f.WsRetourRechercherFactureParValideur, lists.by_validator, LIST),
    ("rechercher/demandePaiement", a.RechercherDemandePaiementParam, f.WsRetourRechercherDemandePaiement, lists.requests, LIST),
    ("rechercher/atraiter/fournisseur", a.RechercherFactureATraiterParFournisseurParam, f.WsRetourRechercherFactureATraiterParFournisseur, lists.to_treat_by_seller, LIST),
    ("rechercher/atraiter/recipiendaire", a.RechercherFactureATraiterParRecipiendaireParam, f.WsRetourRechercheFactureRecipiendaire, lists.to_treat_by_buyer, LIST),
    ("rechercher/aTraiter/valideur", a.RechercherFactureATraiterParValideurParam, f.WsRetourRechercherFactureATraiterParValideur, lists.to_treat_by_validator, LIST),
    ("traiter/recue", x.TraiterUneFactureRecueParam, x.WsRetourTraiterFacture, deciding.treat, MOVE, INVOICE),
    ("traiter/factureAValider", x.TraiterFactureAValiderParam, x.WsRetourTraiterFactureAValider, deciding.validate, MOVE, INVOICE),
    ("traiterRejet", x.TraiterFacturesRejeteesParam, Outcome, deciding.deal_with, MOVE, INVOICE),
    ("telecharger/groupe", x.TelechargerGroupeFactureParam, x.WsRetourTelechargerGroupeFacture, files.download, f"{READ}/documents/readable", GROUP),
    ("recuperer/statutsFactureVisibles/valideur", x.RecupererStatutsFactureVisiblesParValideurParam, x.WsRetourRecupererStatutsFactureVisiblesParValideur, reading.visible_statuses, ""),
)  # fmt: skip
"""The 22 operations of the published contract."""
OTHERS: tuple[Row, ...] = (
    ("transverses/v1/consulterCR", t.ConsulterCRParam, t.WsRetourConsulterCR, flows.consulter_cr, f"GET {DEPOSIT}/{{id}}", FLOW),
    ("transverses/v1/consulterCRDetaille", t.ConsulterCRParam, t.WsRetourConsulterCRDetaille, flows.consulter_cr_detaille, f"GET {DEPOSIT}/{{id}}", FLOW),
    ("transverses/v1/ajouter/fichier", t.AjouterFichierParam, t.WsRetourAjouterFichier, files.add, "", {TooLarge: FILE_TOO_LARGE}, BIG),
    ("transverses/v1/telecharger/pieceJointe", t.TelechargerPieceJointeParam, t.WsRetourTelechargerPieceJointe, files.fetch, f"{READ}/attachments/{{sha256}}", {NotFound: NO_FILE}),
    ("transverses/v1/rechercher/pj/moncompte", t.RechercherPJParam, t.WsRetourRechercherPJ, files.own_files, ""),
    ("transverses/v1/rechercher/pj/structure", t.RechercherPJParam, t.WsRetourRechercherPJ, files.sheet_files, SHEET, STRUCTURE),
    ("transverses/v1/telecharger/annuaire/destinataire", Word, s.WsRetourAnnuaire, registers.directory, DIRECTORY),
    ("transverses/v1/rechercher/destinataire", s.RechercherDestinataireParam, s.WsRetourRechercherDestinataire, structures.search_buyers, DIRECTORY),
    ("transverses/v1/consulter/information/siret", s.InformationSiretParam, s.WsRetourInformationSiret, registers.official, "GET /v1/structures/official/{siret}", STRUCTURE),
    *((f"transverses/v1/recuperer/structures/actives/{part}", Word, s.WsRetourStructuresActives, belonging.active, SHEET) for part in ("fournisseur", "destinataire", "facturetravaux")),
    ("structures/v1/rechercher", s.RechercherStructureParam, s.WsRetourRechercherStructure, structures.search, DIRECTORY, STRUCTURE),
    ("structures/v1/consulter", s.ConsulterStructureParam, s.WsRetourConsulterStructure, structures.consult, SHEET, STRUCTURE),
    ("structures/v1/rechercher/services", s.RechercherServicesParam, s.WsRetourRechercherServices, structures.services, "GET /v1/structures/{siret}/departments", STRUCTURE),
    ("structures/v1/consulter/service", s.ConsulterServiceParam, s.WsRetourConsulterService, structures.service, "GET /v1/structures/{siret}/departments", STRUCTURE),
    ("structures/v1/lister/rattachementsutilisateur", s.ListerRattachementsParam, s.WsRetourListerRattachements, belonging.attachments, SHEET, STRUCTURE),
    ("utilisateurs/v1/monCompte/recuperer/rattachements", s.MonCompteParam, s.WsRetourMonCompte, belonging.own_account, "GET /v1/me", STRUCTURE),
    ("engagementsJuridiques/v1/rechercher", w.RechercherEngagementParam, w.WsRetourRechercherEngagement, registers.orders, LIST),
    ("facturesTravaux/v1/rechercher", w.RechercherFacturesTravauxParam, w.WsRetourRechercherFacturesTravaux, lists.works_pieces, LIST),
)  # fmt: skip
OPERATIONS: tuple[Operation[Any, Any], ...] = (
    *(Operation(f"factures/v1/{path}", *row) for path, *row in FACTURES),
    *(Operation(*row) for row in OTHERS),
    *CATALOGUES,
)
