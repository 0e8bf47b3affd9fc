"""What a message is: a past-tense fact, immutable, under a versioned topic `owner.fact.vN`.

Within a version only optional fields may be added, and words to a vocabulary that grows; readers
ignore fields they do not know. Anything else is a new class with the next version; the
frozen schema in `schemas/` decides.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A value that travels: immutable, tolerant of fields added by a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Message(Shape):
    """A fact that one service tells and others may hear."""

    TOPIC: ClassVar[str]
    TOGETHER: ClassVar[int] = 50
    """How many may travel in one parcel: one, where each is long work that any process may take."""


class Depositor(Shape):
    """Who handed a file in: the technical client or person, and the structure it acts for."""

    subject: str
    structure: str | None = None
    structures: tuple[str, ...] = ()
    """Every structure it may issue for; in a sandbox it may issue for any."""
    email: str | None = None
    treats: tuple[str, ...] = ()
    """For which buyers it may give statuses: a structure, or a structure and a department."""
