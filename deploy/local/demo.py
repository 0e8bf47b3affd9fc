"""The demo: seeded through the public API."""

from deploy.local.place import Place


async def load(place: Place) -> None:
    """Load the demo."""
