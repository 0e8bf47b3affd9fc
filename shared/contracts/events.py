"""The feed of events over HTTP: the same bodies as on AMQP and by webhook."""

from shared.contracts.message import Shape
from shared.contracts.workflow import CloudEvent


class EventPage(Shape):
    """Events in the order of the feed, and where to go on reading."""

    items: tuple[CloudEvent, ...]
    next_cursor: str
    """Give it back as `cursor` for what comes after, now or later."""
    more: bool
    """Whether there is more at once."""
