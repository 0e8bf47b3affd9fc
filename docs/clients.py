"""The page that says which operation of Chorus Pro is answered, by what, and who has called it."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from docs.markdown import code, page, sentence, table
from docs.openapi import TEMPLATE, version
from services.chorus.api.operations import OPERATIONS
from services.chorus.domain.words.kinds import Refusal

PLAIN = "plain HTTP"
CALLS: dict[str, tuple[str, ...]] = {
    "chorus-api 1.0.6": (
        *("factures/v1/deposer/flux", "factures/v1/rechercher/fournisseur"),
        *("structures/v1/consulter", "structures/v1/rechercher"),
        *("structures/v1/rechercher/services", "transverses/v1/consulter/information/siret"),
        *("transverses/v1/consulterCR", "transverses/v1/consulterCRDetaille"),
        *("transverses/v1/recuperer/devises", "transverses/v1/telecharger/annuaire/destinataire"),
    ),
    "Odoo, OCA l10n_fr_chorus_account": (
        *("factures/v1/deposer/flux", "factures/v1/rechercher/fournisseur"),
        *("factures/v1/consulter/historique", "transverses/v1/consulterCRDetaille"),
        *("structures/v1/rechercher", "structures/v1/consulter"),
        *("structures/v1/rechercher/services", "structures/v1/consulter/service"),
        "engagementsJuridiques/v1/rechercher",
    ),
    "Tryton account_fr_chorus": ("factures/v1/deposer/flux", "transverses/v1/consulterCR"),
    "Pastell": (
        *("factures/v1/rechercher/recipiendaire", "factures/v1/consulter/historique"),
        *("factures/v1/telecharger/groupe", "factures/v1/traiter/recue"),
        *("facturesTravaux/v1/rechercher", "transverses/v1/recuperer/tauxtva"),
        "transverses/v1/recuperer/structures/actives/destinataire",
        *("structures/v1/rechercher", "structures/v1/rechercher/services"),
    ),
    "go-choruspro": (
        *("factures/v1/rechercher/fournisseur", "factures/v1/rechercher/valideur"),
        *("factures/v1/rechercher/demandePaiement", "structures/v1/consulter"),
        "structures/v1/lister/rattachementsutilisateur",
        "transverses/v1/recuperer/structures/actives/fournisseur",
        "transverses/v1/recuperer/typeidentifiant/structure",
        *("transverses/v1/rechercher/pj/moncompte", "transverses/v1/rechercher/pj/structure"),
        *("transverses/v1/ajouter/fichier", "transverses/v1/telecharger/pieceJointe"),
    ),
    "PHP and Python libraries": (
        *("factures/v1/soumettre", "factures/v1/consulter/historique"),
        *("factures/v1/consulter/fournisseur", "structures/v1/rechercher"),
        "transverses/v1/ajouter/fichier",
    ),
}
"""What the tests call as each client does; over plain HTTP every operation is called."""
CLIENTS = (
    (
        "chorus-api 1.0.6",
        "PyPI",
        "the package itself, unchanged, every method that it has",
        "",
    ),
    (
        "Odoo, OCA l10n_fr_chorus_account",
        "PyPI, GitHub (14.0, 18.0)",
        "its requests word for word; the module's own functions have run against Chorale unchanged",
        "asks for the services 10,000 on a page; names its own structure by number, as a text,"
        " when it looks for an order",
    ),
    (
        "Tryton account_fr_chorus",
        "PyPI, Debian (8.2.0)",
        "its requests word for word; its own scenario has run against Chorale up to the verdict",
        "shows id and secret as HTTP Basic, without a scope; reads `IN_RECU` and"
        " `IN_TRAITE_SE_CPP` as success; the invoice of its scenario, without profile (BT-24) and"
        " VAT number of its seller, is refused here",
    ),
    (
        "Pastell",
        "GitHub (libriciel/pastell)",
        "its requests word for word",
        "wants 999,999 results; sends `motif` and `numeroDPMandat` empty; 20000 and 20007 are"
        " an empty list to it",
    ),
    (
        "go-choruspro",
        "GitHub (antoine2116/go-choruspro)",
        "its requests word for word",
        "sends zeros, nulls and empty objects for what is not set, `triSense` for `triSens`; does"
        " not decode an answer with a time in another form than its own",
    ),
    (
        "PHP and Python libraries",
        "Packagist and PyPI (osimatic, facture-electronique)",
        "the calls that they make, with amounts and dates as PHP and JavaScript may write them",
        "keep the number of an invoice as a text; amounts may carry binary dust, and a day may be"
        " midnight in Paris told in universal time",
    ),
)
"""A client, where it is published, what of it the tests run, and where it deviates."""
ABSENT = (
    ("sollicitations/v1/…", "questions are asked in the portal; no API of them is known"),
    ("factures/v1/travaux/…", "the paths of 2017, whose shapes are lost"),
    ("transverses/v1/rechercher/categorieSollicitation", "as the first"),
    ("transverses/v1/rechercher/sousCategorieSollicitation", "as the first"),
    ("transverses/v1/recuperer/services/…", "use structures/v1/rechercher/services"),
    ("transverses/v1/rechercher/serviceexecutant", "the same; its shapes are lost"),
    ("transverses/v1/recuperer/utilisateurs/service", "its shapes are lost"),
    ("organisations/v1/…", "no client is known that works with it"),
    ("structures/v1/saisir/…", "sheets are edited in the portal, by people"),
)
"""What is known to exist elsewhere and is refused here as the State refuses it."""


def operations() -> str:
    """Every operation, done or not."""
    return page(
        "Operations of Chorus Pro",
        "From `OPERATIONS` in `services/chorus/api/operations.py`. How they are called:"
        " [clients written for Chorus Pro](../chorus.md).",
        table(["Operation", "Done", "What it does", "Native calls", "Called in tests by"], _rows()),
        "## Clients\n\n"
        + table(["Client", "Published on", "In the tests", "Where it deviates"], CLIENTS),
        "## Not there\n\nAnswered with 403, as an application that is not subscribed.\n\n"
        + table(["Operation", "Done", "Why"], ((code(p), "no", why) for p, why in ABSENT)),
    )


def swagger() -> dict[str, Any]:
    """The operations as OpenAPI, printed from the words that they take and give."""
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((row.asks, "validation") for row in OPERATIONS),
        *((row.answers, "serialization") for row in OPERATIONS),
        (Refusal, "serialization"),
    ]
    known, schemas = models_json_schema(list(dict.fromkeys(modes)), ref_template=TEMPLATE)
    refused = _told("Refused", known[Refusal, "serialization"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chorale, in the words of Chorus Pro", "version": version()},
        "servers": [{"url": "/cpro"}],
        "security": [{"application": [], "account": []}],
        "paths": {
            f"/{row.path}": {
                "post": {
                    "operationId": row.path.replace("/", "."),
                    "summary": sentence(row.do),
                    "requestBody": {"content": _content(known[row.asks, "validation"])},
                    "responses": {
                        "200": _told("Done", known[row.answers, "serialization"]),
                        "400": refused,
                        "401": {"description": "A proof is not valid"},
                        "403": {"description": "No such operation"},
                    },
                }
            }
            for row in OPERATIONS
        },
        "components": {
            "schemas": bare(dict(sorted(schemas["$defs"].items()))),
            "securitySchemes": {
                "application": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/api/oauth/token", "scopes": {}}},
                },
                "account": {"type": "apiKey", "in": "header", "name": "cpro-account"},
            },
        },
    }


def bare(part: Any) -> Any:
    """A schema without what says nothing: titles made of names, and nulls by default."""
    if isinstance(part, list):
        return [bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: bare(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and not value)
    }


def _told(what: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": what, "content": _content(schema)}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _rows() -> Iterator[tuple[str, ...]]:
    first, every = next(iter(CALLS)), ", ".join(CALLS)
    yield ("`POST /api/oauth/token`", "yes", "A token.", code("POST /oauth2/token"), every)
    yield ("`GET transverses/v1/health-check`", "yes", "Whether it answers.", "", first)
    for row in OPERATIONS:
        names = ", ".join([*(name for name, paths in CALLS.items() if row.path in paths), PLAIN])
        yield (code(row.path), "yes", sentence(row.do), code(row.native), names)
