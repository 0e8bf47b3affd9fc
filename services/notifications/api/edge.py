"""What every route of notifications shares."""

from pydantic import Field

from services.notifications.adapters import Adapters
from services.notifications.store import Store
from shared.contracts.message import Shape
from shared.web import Call

Here = Call[Store, Adapters]


class ListQuery(Shape):
    """Which page of a list, and of which structure."""

    structure: str | None = Field(None, max_length=120)
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)
