"""HELP: the help, one row a question; the assistant answers from the same rows; pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A question and its answer, in paragraphs; `path` is where to do it."""

    name: str
    title: str
    text: tuple[str, ...]
    words: str
    path: str = ""
    label: str = ""


HELP = (
    Topic("demarrer", "Comment démarrer ?", ("Ouvrez un compte avec votre adresse électronique et votre SIRET, suivez le lien reçu par courriel et choisissez un mot de passe.", "Rattachez-vous ensuite à votre entreprise, ou créez sa fiche : elle est remplie d'après le registre officiel.", "L'espace « Factures émises » est ouvert d'office ; vous pouvez déposer votre première facture aussitôt."), "demarrer commencer inscription compte ouvrir creer premier", "/inscription", "Ouvrir un compte"),
    Topic("espace-manquant", "Je n'ai pas l'espace « Factures émises »", ("Cet espace dépend de votre rattachement à une structure. Sans rattachement, demandez-en un ; s'il est en attente, son gestionnaire doit l'accepter.", "Si vous êtes rattaché, le gestionnaire principal de votre structure peut vous ouvrir l'espace. Le changement est immédiat : inutile de vous reconnecter."), "espace manquant menu absent droits rattachement gestionnaire", "/rattachements", "Voir mes rattachements"),
    Topic("rattachement", "À quelle structure demander un rattachement ?", ("À votre propre entreprise, jamais à l'entité publique que vous facturez : elle sera le destinataire de la facture.", "Le premier à créer la fiche d'une entreprise en devient le gestionnaire principal ; il décide des demandes suivantes."), "rattachement structure entreprise entite publique demander rejoindre", "/rattachements", "Demander un rattachement"),
    Topic("deposer", "Comment déposer une facture ?", ("Choisissez « Déposer factures » et donnez le PDF. Ses champs sont lus et montrés à côté de la page ; vérifiez ceux qui sont marqués « À vérifier ».", "Pour corriger, tapez la valeur, choisissez une autre lecture sous « Pourquoi ? », ou sélectionnez le texte sur la page.", "« Valider et envoyer » montre un récapitulatif ; rien ne part sans votre confirmation. Vous recevez alors un certificat de dépôt."), "deposer depot envoyer pdf facture fichier televerser", "/depot", "Déposer des factures"),
    Topic("saisir", "Je n'ai pas de logiciel de facturation", ("Choisissez « Saisir facture » : vous tapez les lignes, les montants sont calculés, un PDF lisible et un Factur-X sont faits pour vous.", "La saisie est enregistrée au fur et à mesure ; le numéro reste « Provisoire » jusqu'à l'envoi."), "saisir saisie taper logiciel sans brouillon provisoire", "/saisie", "Saisir une facture"),
    Topic("engagement", "Où trouver le code service et le numéro d'engagement ?", ("Ils figurent sur le bon de commande. Le formulaire dit si l'entité les exige et montre la liste de ses services et un exemple d'engagement.", "Sans bon de commande, demandez-les au service qui a passé la commande."), "code service numero engagement bon commande marche exige obligatoire"),
    Topic("refus", "Ma facture est refusée au dépôt", ("Chaque faute est nommée avec son remède. Corrigez puis déposez à nouveau : le numéro de la facture reste libre, puisque rien n'est parti.",), "refus refusee rejet depot faute erreur anomalie corriger"),
    Topic("recycler", "Ma facture est « À recycler »", ("L'entité la renvoie parce qu'elle est mal adressée. Ouvrez-la, corrigez le SIRET, le code service ou l'engagement selon le commentaire, puis renvoyez-la sous le même numéro.", "Une facture « Rejetée » demande au contraire une nouvelle facture, sous un nouveau numéro : « Créer une facture corrigée » en reprend le contenu."), "recycler a recycler rejetee corriger acheminement nouvelle numero", "/factures", "Voir ce qui est à faire"),
    Topic("suspendue", "Ma facture est « Suspendue »", ("Il manque une pièce ou une information à l'entité ; le motif est écrit sur la facture. Joignez la pièce, puis « Compléter ».", "Le délai de paiement est en pause jusque-là, et reprend dès que vous avez complété."), "suspendue suspension completer piece manquante justificatif bon livraison", "/factures", "Voir ce qui est à faire"),
    Topic("mise-a-disposition", "Ma facture reste « Mise à disposition »", ("L'entité peut la récupérer mais ne l'a pas encore fait, ou n'a pas encore constaté le service fait. La page de la facture dit depuis quand.", "Au-delà du délai habituel, posez une question à l'entité depuis la facture."), "mise a disposition toujours attente bloquee longtemps recuperee"),
    Topic("question", "Comment poser une question ?", ("À une entité publique : ouvrez la facture, puis « Poser une question ». L'entité voit la facture et vous répond dans le même fil.", "Au support : « Assistance », puis « Poser une question ». Vous êtes prévenu par courriel de chaque réponse ; des pièces peuvent être jointes."), "question demande assistance support ecrire repondre reponse fil sollicitation entite", "/assistance", "Ouvrir l'assistance"),
    Topic("statuts", "Que veulent dire les statuts ?", ("Déposée, En cours d'acheminement, Mise à disposition : la facture va chez son destinataire.", "Service fait, Mandatée, Mise à disposition du comptable, Comptabilisée, Mise en paiement : le paiement avance.", "Suspendue et À recycler attendent quelque chose de vous ; Rejetée veut une nouvelle facture."), "statut statuts etat signification vouloir dire deposee mandatee comptabilisee"),
    Topic("paiement", "Quand serai-je payé ?", ("La page de chaque facture montre le délai légal, ce qui en est écoulé et la date limite. Une suspension le met en pause ; un rejet n'efface pas l'histoire.", "Ces dates sont indicatives."), "paiement paye payer delai quand virement argent date retard", "/factures/tableau-de-bord", "Voir l'argent attendu"),
    Topic("certificat", "À quoi sert le certificat de dépôt ?", ("Il prouve que ce fichier, et nul autre, a été déposé à cette date. Chacun peut vérifier son numéro sans compte.",), "certificat depot preuve verifier numero", "/certificat", "Vérifier un certificat"),
    Topic("mot-de-passe", "J'ai oublié mon mot de passe", ("Demandez un lien : il sert une fois et vaut quelques minutes. Après cinq essais faux, la page dit quand réessayer.",), "mot passe oublie perdu connexion bloque lien", "/recuperation", "Recevoir un lien"),
    Topic("second-facteur", "Comment protéger mon compte ?", ("Ajoutez une application de codes dans « Connexion et sécurité ». Rangez les codes de secours : ils servent si vous perdez votre téléphone.",), "second facteur double securite proteger application codes telephone", "/compte/securite", "Connexion et sécurité"),
    Topic("sous-traitant", "Je suis sous-traitant ou cotraitant", ("Choisissez le cadre de facturation A9 (sous-traitant) ou A12 (cotraitant). Votre demande va d'abord à la validation : le titulaire a quinze jours, et sans réponse elle passe.",), "sous traitant cotraitant titulaire mandataire cadre a9 a12 validation quinze jours"),
)  # fmt: skip
AGENT = {"agent", "humain", "conseiller", "quelqu", "personne", "contacter", "support"}
SMALL = (
    "a au aux ce ces comment dans de des du elle en est et faire il j je l la le les ma mes "
    "mon ne ou par pas pour puis quand que quel quelle qui sa se ses son sur un une votre vos y ai suis c d n s"
)
STOP = frozenset(SMALL.split())
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{2,49}")


def plain(text: str) -> list[str]:
    """The words of a text without accents, capitals and small words."""
    flat = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return [word for word in re.findall(r"[a-z0-9]+", flat) if word not in STOP and len(word) > 1]


def answers(question: str, most: int = 3) -> Sequence[Topic]:
    """The topics nearest to a question, best first."""
    asked = set(plain(question))
    scored = [(_score(asked, topic), topic) for topic in HELP]
    found = sorted((one for one in scored if one[0] > 0), key=lambda one: -one[0])
    return [topic for _, topic in found[:most]]


def _score(asked: set[str], topic: Topic) -> int:
    known = set(plain(topic.words)) | set(plain(topic.title))
    return sum(
        2 if word in known else any(word[:5] == one[:5] for one in known if len(word) > 4)
        for word in asked
    )


def numbers(question: str) -> Sequence[str]:
    """What in a question looks like the number of an invoice."""
    return [
        found.rstrip(".-/") for found in NUMBER.findall(question) if any(c.isdigit() for c in found)
    ][:3]


def wants_somebody(question: str) -> bool:
    """Whether a question asks for a person."""
    return bool(AGENT & set(plain(question)))
