"""What is wrong with a file, in words that its sender understands."""

from typing import Literal

from pydantic import Field

from shared.contracts.message import Shape

Severity = Literal["error", "warning", "info"]


class Finding(Shape):
    """One fault: where it is, what it is, how to mend it.

    `code` is ours and stable, in families: FAC-SAFE, FAC-READ, FAC-XSD, FAC-B2G, FAC-SUM, FAC-
    ROUTE,
    FAC-DUP, FAC-CONF. `label` is the word on the screen, `message` and `hint` are French sentences.
    """

    code: str
    severity: Severity = "error"
    rule: str | None = None
    pointer: str | None = None
    bt: str | None = None
    xml_path: str | None = None
    label: str | None = None
    message: str
    hint: str | None = None
    example: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether this fault alone refuses the invoice."""
        return self.severity == "error"


class Doubt(Shape):
    """Something that does not add up and that a person should look at; never silently mended."""

    field: str
    message: str
    values: tuple[str, ...] = Field(default=())
