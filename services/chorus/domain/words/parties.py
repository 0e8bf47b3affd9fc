"""Who an invoice is between (Appendix A)."""

from services.chorus.domain.words.kinds import Flag, Text, Whole, Word


class CadreDeFacturationOutput(Word):
    codeCadreFacturation: Text = None
    idValideur1: Whole = None
    typeIdentifiantValideur1: Text = None
    codeValideur1: Text = None
    raisonSocialeValideur1: Text = None
    nomValideur1: Text = None
    prenomValideur1: Text = None
    dateValidation1: Text = None
    idValideur2: Whole = None
    typeIdentifiantValideur2: Text = None
    codeValideur2: Text = None
    raisonSocialeValideur2: Text = None
    nomValideur2: Text = None
    prenomValideur2: Text = None
    dateValidation2: Text = None
    idMoe: Whole = None
    typeIdentifiantMoe: Text = None
    identifiantMoe: Text = None
    raisonSocialeMoe: Text = None
    nomMoe: Text = None
    prenomMoe: Text = None
    idServiceMoe: Whole = None
    codeServiceMoe: Text = None
    nomServiceMoe: Text = None
    idMoa: Whole = None
    typeIdentifiantMoa: Text = None
    identifiantMoa: Text = None
    raisonSocialeMoa: Text = None
    idServiceMoa: Whole = None
    codeServiceMoa: Text = None
    nomServiceMoa: Text = None
    designationValideur2: Text = None
    designationMoe: Text = None
    designationMoa: Text = None


class Affactureur(Word):
    affactureurId: Whole = None
    affactureurCode: Text = None
    affactureurTypeIdentifiant: Text = None
    affactureurRaisonSociale: Text = None
    affactureurCodePays: Text = None


class DestinataireDeFacture(Word):
    """What every party reads of the buyer."""

    idDestinataire: Whole = None
    codeDestinataire: Text = None
    libelleDestinataire: Text = None
    idServiceExecutant: Whole = None
    codeServiceExecutant: Text = None
    libelleServiceExecutant: Text = None
    adresseDestinataireId: Whole = None
    adresseDestinataireDetail: Text = None
    adresseDestinataireComplement1: Text = None
    adresseDestinataireComplement2: Text = None
    adresseDestinataireCodePostal: Text = None
    adresseDestinataireVille: Text = None
    adresseDestinataireCodePays: Text = None
    adresseDestinataireLibellePays: Text = None


class Destinataire(DestinataireDeFacture):
    destinataireEtat: Text = None


class DestinataireFactureEmise(DestinataireDeFacture):
    miseEnPaiementDestinataire: Flag = None
    designationDestinataire: Text = None


class Fournisseur(Word):
    idFournisseur: Whole = None
    typeIdentifiantFournisseur: Text = None
    codeFournisseur: Text = None
    designationFournisseur: Text = None
    idServiceFournisseur: Whole = None
    codeServiceFournisseur: Text = None
    libelleServiceFournisseur: Text = None
    adresseFournisseurId: Whole = None
    adresseFournisseurDetail: Text = None
    adresseFournisseurComplement1: Text = None
    adresseFournisseurComplement2: Text = None
    adresseFournisseurCodePostal: Text = None
    adresseFournisseurVille: Text = None
    adresseFournisseurCodePays: Text = None
    adresseFournisseurLibellePays: Text = None
    numeroRcsFournisseur: Text = None
    coordBancairesFournisseurCleIban: Text = None
    coordBancairesFournisseurCleRib: Text = None
    coordBancairesFournisseurCodeBanque: Text = None
    coordBancairesCodeGuichet: Text = None
    coordBancairesBicSwift: Text = None
    coordBancairesFournisseurCodePays: Text = None
    coordBancairesFournisseurCompteBancaire: Text = None
    coordBancairesFournisseurId: Whole = None
    coordBancairesFournisseurType: Text = None
    coordBancairesFournisseurLibelle: Text = None
    affactureur: Affactureur | None = None


class FournisseurFactureEmise(Fournisseur):
    raisonSocialeFournisseur: Text = None
    nomFournisseur: Text = None
    prenomFournisseur: Text = None
