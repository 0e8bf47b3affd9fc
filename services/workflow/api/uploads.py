"""A file that comes in, and one that goes out."""

from services.workflow.api.edge import Doors
from services.workflow.domain.enclosures import LARGEST
from shared import uploads
from shared.web import Answer


async def uploaded(call: Doors) -> tuple[str, bytes]:
    """The file of a form: its name and its bytes, within the limit."""
    given, data = await uploads.uploaded(call.request, LARGEST)
    name = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in given)
    return name.strip(" ."), data


def download(data: bytes, sha256: str, name: str) -> Answer:
    """A file as a download that no browser runs."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return Answer(
        data,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{plain}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "ETag": f'"{sha256}"',
        },
    )
