"""What a file must be like to complete an invoice. Source: dossier §3.5."""

from shared.contracts.finding import Finding

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 50
MOST = 20
"""Files that complete one invoice."""
EXTENSIONS = frozenset(
    {
        *("bmp", "gif", "fax", "odt", "ppt", "tiff", "xls", "bz2", "gz", "jpeg", "p7s", "rtf"),
        *("txt", "xml", "csv", "gzip", "jpg", "pdf", "svg", "xhtml", "xlsx", "doc", "htm", "odp"),
        *("png", "tgz", "xlc", "zip", "docx", "html", "ods", "pps", "tif", "xlm", "pptx"),
        *("xsd", "xsl"),
    }
)
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "zip": "application/zip",
    "csv": "text/csv",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "gif": "image/gif",
}
UNKNOWN = "application/octet-stream"


def extension(name: str) -> str:
    """What stands after the last dot, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def media_type(name: str) -> str:
    """The media type that a name stands for."""
    return MEDIA_TYPES.get(extension(name), UNKNOWN)


def faults(name: str, size: int, already: int) -> list[Finding]:
    """Everything that keeps a file from completing an invoice."""
    found = []
    if size == 0:
        found.append(("Le fichier est vide.", "Choisissez le bon fichier."))
    if size > LARGEST:
        found.append(("Le fichier dépasse 10 Mo.", "Réduisez-le, ou répartissez-le en plusieurs."))
    if len(name) > LONGEST_NAME:
        long = f"Le nom du fichier compte {len(name)} caractères."
        found.append((long, f"Raccourcissez-le à {LONGEST_NAME} caractères, extension comprise."))
    if extension(name) not in EXTENSIONS:
        listed = ", ".join(sorted(EXTENSIONS)).upper()
        found.append(("Ce type de fichier n'est pas admis.", f"Extensions admises : {listed}."))
    if already >= MOST:
        found.append((f"La facture a déjà {MOST} pièces ajoutées.", "Réunissez-les en un ZIP."))
    return [
        Finding(
            code="FAC-MOVE-004",
            pointer="/file",
            label="Pièce jointe",
            message=message,
            hint=hint,
            example="bon-de-livraison.pdf",
        )
        for message, hint in found
    ]
