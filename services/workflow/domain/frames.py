"""FRAMES: who deposits what kind of piece, whom it goes to, and which piece it may follow.

The codes and labels are official. Of works (CCAG) the official table of which frame may follow which
was not found: each row says on what it stands. `official` is stated by the operator, `guide` by its
good-practice pages, `ours` is our reading, to be corrected here when the table is found.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from shared.contracts.workflow import Role

Source = Literal["official", "guide", "ours"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A row: a piece in this frame is deposited `by` somebody, for somebody.

    A `validated` one needs the visa of a private validator first; a `works` one belongs to a billing
    file, in which it follows one of the frames of `follows` or comes first.
    """

    code: str
    name: str
    label: str
    by: Role
    to: Role
    source: Source
    validated: bool = False
    works: bool = False
    follows: tuple[str, ...] = ()

    @property
    def chorus(self) -> str:
        """Its name on the Chorus wire."""
        return f"{self.code}_{self.name}"


FRAMES = (
    Frame("A1", "FACTURE_FOURNISSEUR", "Dépôt par un fournisseur d'une facture", "seller", "buyer", "official"),
    Frame("A2", "FACTURE_FOURNISSEUR_DEJA_PAYEE", "Dépôt par un fournisseur d'une facture déjà payée", "seller", "buyer", "official"),
    Frame("A3", "MEMOIRE_JUSTICE", "Dépôt par un fournisseur d'un mémoire de frais de justice", "seller", "buyer", "ours"),
    Frame("A4", "PROJET_DECOMPTE_MENSUEL_FOURNISSEUR", "Dépôt par un fournisseur d'un projet de décompte mensuel", "seller", "project_manager", "guide", works=True),
    Frame("A5", "ETAT_ACOMPTE_FOURNISSEUR", "Dépôt par un fournisseur d'un état d'acompte", "seller", "project_owner", "guide", works=True),
    Frame("A6", "ETAT_ACOMPTE_VALIDE_FOURNISSEUR", "Dépôt par un fournisseur d'un état d'acompte validé", "seller", "buyer", "ours", works=True),
    Frame("A7", "PROJET_DECOMPTE_FINAL_FOURNISSEUR", "Dépôt par un fournisseur d'un projet de décompte final", "seller", "project_manager", "guide", works=True),
    Frame("A8", "DECOMPTE_GENERAL_DEFINITIF_FOURNISSEUR", "Dépôt par un fournisseur d'un décompte général et définitif", "seller", "buyer", "guide", works=True, follows=("A20", "A18")),
    Frame("A9", "FACTURE_SOUSTRAITANT", "Dépôt par un sous-traitant d'une facture", "seller", "buyer", "official", validated=True),
    Frame("A10", "PROJET_DECOMPTE_MENSUEL_SOUSTRAITANT", "Dépôt par un sous-traitant d'un projet de décompte mensuel", "seller", "project_manager", "guide", validated=True, works=True),
    Frame("A11", "PROJET_DECOMPTE_FINAL_SOUSTRAITANT", "Dépôt par un sous-traitant d'un projet de décompte final", "seller", "project_manager", "ours", validated=True, works=True),
    Frame("A12", "FACTURE_COTRAITANT", "Dépôt par un cotraitant d'une facture", "seller", "buyer", "official", validated=True),
    Frame("A13", "PROJET_DECOMPTE_MENSUEL_COTRAITANT", "Dépôt par un cotraitant d'un projet de décompte mensuel", "seller", "project_manager", "guide", validated=True, works=True),
    Frame("A14", "PROJET_DECOMPTE_FINAL_COTRAITANT", "Dépôt par un cotraitant d'un projet de décompte final", "seller", "project_manager", "guide", validated=True, works=True),
    Frame("A15", "ETAT_ACOMPTE_MOE", "Dépôt par une maîtrise d'œuvre d'un état d'acompte", "project_manager", "project_owner", "guide", works=True, follows=("A4", "A10", "A13")),
    Frame("A16", "ETAT_ACOMPTE_VALIDE_MOE", "Dépôt par une maîtrise d'œuvre d'un état d'acompte validé", "project_manager", "buyer", "ours", works=True, follows=("A4", "A10", "A13")),
    Frame("A17", "PROJET_DECOMPTE_GENERAL_MOE", "Dépôt par une maîtrise d'œuvre d'un projet de décompte général", "project_manager", "project_owner", "guide", works=True, follows=("A7", "A11", "A14")),
    Frame("A18", "DECOMPTE_GENERAL_MOE", "Dépôt par une maîtrise d'œuvre d'un décompte général", "project_manager", "seller", "ours", works=True, follows=("A7", "A11", "A14")),
    Frame("A19", "ETAT_ACOMPTE_VALIDE_MOA", "Dépôt par une maîtrise d'ouvrage d'un état d'acompte validé", "project_owner", "buyer", "guide", works=True, follows=("A15", "A5")),
    Frame("A20", "DECOMPTE_GENERAL_MOA", "Dépôt par une maîtrise d'ouvrage d'un décompte général", "project_owner", "seller", "guide", works=True, follows=("A17",)),
    Frame("A21", "DEMANDE_REMBOURSEMENT_TIC", "Dépôt d'une demande de remboursement de la taxe intérieure de consommation", "seller", "buyer", "ours"),
    Frame("A22", "PROJET_DECOMPTE_GENERAL_FOURNISSEUR_PROCEDURE_TACITE", "Dépôt par un fournisseur d'un projet de décompte général (procédure tacite)", "seller", "project_owner", "ours", works=True, follows=("A7", "A14")),
    Frame("A23", "DECOMPTE_GENERAL_DEFINITIF_TACITE_FOURNISSEUR", "Dépôt par un fournisseur d'un décompte général et définitif tacite", "seller", "buyer", "ours", works=True, follows=("A22",)),
    Frame("A24", "DECOMPTE_GENERAL_DEFINITIF_TACITE_MOE", "Dépôt par une maîtrise d'œuvre d'un décompte général et définitif tacite", "project_manager", "buyer", "ours", works=True, follows=("A22",)),
    Frame("A25", "DECOMPTE_GENERAL_DEFINITIF_MOE_PROCEDURE_TACITE", "Dépôt par une maîtrise d'ouvrage d'un décompte général et définitif (procédure tacite)", "project_owner", "buyer", "ours", works=True, follows=("A22",)),
)  # fmt: skip
BY_CODE = {frame.code: frame for frame in FRAMES}
DEFAULT = BY_CODE["A1"]
WRITTEN = re.compile(r"(A[1-9][0-9]?)(_[A-Z_]*)?")
REPLACING = "A22"
"""The frame whose piece replaces the one that it follows, and answers it no further."""


@lru_cache(maxsize=512)
def frame_of(process: str | None) -> Frame:
    """The frame that a piece names, with or without its long name; nothing known means A1."""
    written = WRITTEN.fullmatch((process or "").strip().upper())
    return BY_CODE.get(written[1], DEFAULT) if written else DEFAULT


def may_follow(frame: Frame, before: Frame) -> bool:
    """Whether a piece in this frame may answer a piece in the other."""
    return before.code in frame.follows
