"""What a predicate of the rules is."""

from collections.abc import Callable

from services.ingest.domain.draft import Draft

Broken = dict[str, object] | None
"""Nothing when the rule holds, else the values that its sentence quotes."""

Predicate = Callable[[Draft], Broken]
