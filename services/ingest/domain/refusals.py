"""REFUSALS: what makes a file unreadable or unsafe, one row each, in words that its sender understands."""

from typing import NamedTuple

from shared.contracts.finding import Finding, Severity


class Refusal(NamedTuple):
    """One reason: its stable code, how grave it is, and the French words for it."""

    code: str
    severity: Severity
    label: str
    message: str
    hint: str


# fmt: off
REFUSALS = (
    Refusal("FAC-SAFE-001", "error", "Virus", "Le fichier contient un virus ou la signature de test d'un antivirus.", "Analysez votre poste, retirez la pièce concernée et déposez à nouveau."),
    Refusal("FAC-SAFE-002", "error", "DOCTYPE interdit", "Le fichier XML contient une déclaration DOCTYPE, interdite dans une facture.", "Supprimez la ligne « <!DOCTYPE … > » et déposez à nouveau."),
    Refusal("FAC-SAFE-003", "error", "Fichier XML démesuré", "Le fichier XML dépasse les limites d'une facture : {detail}.", "Répartissez les lignes sur plusieurs factures ou allégez les pièces jointes."),
    Refusal("FAC-SAFE-004", "error", "PDF actif", "Le PDF contient {detail}, interdit dans une facture.", "Imprimez la facture vers un nouveau PDF, sans script ni action, puis déposez-le."),
    Refusal("FAC-SAFE-005", "error", "Pièce jointe interdite", "Le fichier contient une pièce jointe dangereuse : {detail}.", "Retirez cette pièce ou remplacez-la par un PDF."),
    Refusal("FAC-SAFE-006", "error", "PDF démesuré", "Le PDF dépasse les limites d'une facture : {detail}.", "Réduisez le document : format A4, moins de pages, sans objets superflus."),
    Refusal("FAC-SAFE-007", "error", "Document trop lourd", "Document trop lourd ou dangereux : sa lecture a été arrêtée.", "Vérifiez le fichier, simplifiez-le et déposez à nouveau."),
    Refusal("FAC-SAFE-008", "error", "Archive démesurée", "L'archive dépasse les limites d'un dépôt : {detail}.", "Répartissez les factures sur plusieurs archives : 1 000 fichiers et 100 Mo au plus."),
    Refusal("FAC-SAFE-009", "error", "Archive dangereuse", "L'archive n'est pas acceptée : {detail}.", "Refaites l'archive avec de simples fichiers, sans lien, sans chemin et sans doublon."),
    Refusal("FAC-READ-001", "error", "Fichier vide", "Le fichier est vide.", "Vérifiez l'export de votre logiciel et déposez à nouveau."),
    Refusal("FAC-READ-002", "error", "Format inconnu", "Le format du fichier n'est pas reconnu{detail}.", "Déposez une facture UBL 2.1, CII, Factur-X ou un PDF."),
    Refusal("FAC-READ-003", "error", "XML mal formé", "Le fichier XML est mal formé{detail}.", "Le fichier est peut-être tronqué : exportez-le à nouveau."),
    Refusal("FAC-READ-004", "error", "Encodage", "L'encodage du fichier XML n'est pas accepté{detail}.", "Enregistrez le fichier en UTF-8."),
    Refusal("FAC-READ-005", "error", "Pas une facture", "Ce document n'est pas une facture : {detail}.", "Déposez une facture UBL 2.1, CII, Factur-X ou un PDF de facture."),
    Refusal("FAC-READ-006", "error", "PDF endommagé", "Le PDF est endommagé ou tronqué et ne peut pas être ouvert.", "Générez le PDF à nouveau et vérifiez qu'il s'ouvre."),
    Refusal("FAC-READ-007", "error", "PDF protégé", "Le PDF est chiffré ou protégé par un mot de passe.", "Déposez le PDF sans aucune protection."),
    Refusal("FAC-READ-008", "error", "PDF sans facture", "Le PDF ne contient ni facture XML ni texte de facture.", "Vérifiez que vous déposez la bonne pièce."),
    Refusal("FAC-READ-009", "error", "XML embarqué absent", "Le PDF se déclare Factur-X mais n'embarque aucune facture XML.", "Générez à nouveau le Factur-X avec sa pièce factur-x.xml."),
    Refusal("FAC-READ-010", "error", "Nom de la pièce XML", "La facture XML embarquée s'appelle « {detail} » ; le nom attendu est factur-x.xml.", "Renommez la pièce embarquée en factur-x.xml."),
    Refusal("FAC-READ-011", "error", "Entrée /AF absente", "Le catalogue du PDF n'a pas d'entrée /AF qui désigne la facture XML.", "Générez le Factur-X avec un outil conforme au PDF/A-3."),
    Refusal("FAC-READ-012", "warning", "Relation de la pièce XML", "La pièce XML est déclarée « {detail} » ; Data ou Alternative est attendu.", "Corrigez AFRelationship dans votre outil."),
    Refusal("FAC-READ-013", "error", "Profil incohérent", "Le profil déclaré dans le PDF ({detail}) n'est pas celui de la facture XML.", "Alignez le niveau de conformité XMP et l'identifiant de profil BT-24."),
    Refusal("FAC-READ-014", "warning", "Plusieurs factures embarquées", "Le PDF embarque plusieurs factures XML ({detail}) ; seule la première reconnue est lue.", "N'embarquez qu'une facture par PDF."),
    Refusal("FAC-READ-015", "warning", "Métadonnées XMP illisibles", "Les métadonnées XMP du PDF sont illisibles.", "Générez à nouveau le PDF avec des métadonnées valides."),
    Refusal("FAC-READ-016", "error", "Lecture impossible", "Le fichier n'a pas pu être lu ({detail}).", "Vérifiez le fichier et déposez à nouveau ; si cela persiste, écrivez à l'assistance."),
    Refusal("FAC-READ-017", "error", "Valeur illisible", "{detail}", "Corrigez la valeur et déposez à nouveau."),
    Refusal("FAC-READ-018", "error", "Image illisible", "Le PDF est une image où aucun texte ne se lit.", "Numérisez la page droite, à 300 points par pouce, ou exportez la facture en PDF depuis votre logiciel."),
    Refusal("FAC-READ-019", "error", "Image non lue", "Le PDF est une image et la reconnaissance de texte n'est pas installée ici.", "Exportez la facture en PDF depuis votre logiciel, ou écrivez à l'assistance."),
    Refusal("FAC-READ-030", "error", "Archive illisible", "L'archive est endommagée ou vide ({detail}).", "Refaites l'archive en ZIP ou en tar.gz et déposez à nouveau."),
    Refusal("FAC-READ-031", "error", "Archive protégée", "L'archive est protégée par un mot de passe (« {detail} »).", "Refaites l'archive sans mot de passe."),
    Refusal("FAC-READ-020", "warning", "Page et XML différents", "La page du PDF ne dit pas la même chose que son XML. {detail}", "Vérifiez la facture : le destinataire lit la page, mais le XML fait foi."),
    Refusal("FAC-READ-032", "error", "Statut de facture", "Ce fichier de statuts n'en donne aucun qu'un destinataire public puisse donner ({detail}).", "Les statuts attendus sont ceux de Chorus Pro, de 03 à 11 ; en CDAR, 203, 208, 210 et 211."),
    Refusal("FAC-READ-033", "error", "Espace « Factures émises »", "Vous ne pouvez pas émettre de factures pour votre structure : seuls des statuts sont attendus de vous.", "Un gestionnaire de votre structure peut vous ouvrir l'espace « Factures émises » en modification."),
    Refusal("FAC-READ-040", "info", "Signature", "Le PDF porte la signature de {detail}.", "Rien à faire : le fichier d'origine est gardé tel quel, avec sa signature."),
    Refusal("FAC-READ-041", "warning", "Signature rompue", "Le PDF a été modifié après la signature de {detail}.", "Déposez le fichier tel qu'il a été signé, sans l'imprimer ni l'enregistrer à nouveau."),
)
# fmt: on

BY_CODE = {row.code: row for row in REFUSALS}


def refusal(code: str, detail: str = "", *, xml_path: str | None = None) -> Finding:
    """The finding of one refusal, with the detail that only the file could tell."""
    row = BY_CODE[code]
    return Finding(
        code=row.code,
        severity=row.severity,
        label=row.label,
        message=row.message.format(detail=detail),
        hint=row.hint,
        xml_path=xml_path,
    )
