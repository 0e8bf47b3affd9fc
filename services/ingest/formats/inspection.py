"""What travels inside a document is looked at, never run."""

import io
import zipfile
from zlib import error as ZlibError

from services.ingest.formats.unreadable import Unreadable

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ACTIVE = {
    "exe",
    "dll",
    "scr",
    "com",
    "bat",
    "cmd",
    "ps1",
    "vbs",
    "js",
    "jse",
    "wsf",
    "hta",
    "jar",
    "msi",
}
"""Extensions of attachments that run when opened."""


def inspect(name: str, content: bytes) -> None:
    """Refuse an attachment that is a virus or a program, also inside a ZIP."""
    if EICAR in content:
        raise Unreadable.because("FAC-SAFE-001")
    if name.rpartition(".")[2].lower() in ACTIVE or content.startswith((b"MZ", b"\x7fELF")):
        raise Unreadable.because("FAC-SAFE-005", f"« {name[:60]} »")
    if not content.startswith(b"PK\x03\x04"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > 500:
                raise Unreadable.because(
                    "FAC-SAFE-005", f"« {name[:60]} » compte {len(members)} fichiers"
                )
            for member in members:
                if member.filename.rpartition(".")[2].lower() in ACTIVE:
                    raise Unreadable.because("FAC-SAFE-005", f"« {member.filename[:60]} »")
                with archive.open(member) as stream:
                    if EICAR in stream.read(4096):
                        raise Unreadable.because("FAC-SAFE-001")
    except (
        zipfile.BadZipFile,
        ZlibError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ):
        return  # a damaged archive is the reader's matter: it is served as a download only
