"""The parties of a works piece (CCAG), whose places in a file other invoices use for others."""

from services.ingest.domain.codes import VALIDATED_PROCESSES, WORKS_PROCESSES
from shared.contracts.invoice import Party, Works


def cast(
    process: str | None, addressee: Party | None, works: Works
) -> tuple[Party | None, Works | None]:
    """The validator and the works of an invoice in this process, from what its file names.

    The addressee of an invoice (EXT-FR-FE-BG-04) validates it; where nobody does, State samples
    name the project manager there (dossier §2.5).
    """
    if process not in WORKS_PROCESSES:
        return addressee, None
    if process not in VALIDATED_PROCESSES:
        manager = works.project_manager or addressee
        addressee, works = None, works.model_copy(update={"project_manager": manager})
    return addressee, works if works != Works() else None
