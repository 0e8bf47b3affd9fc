"""What a process tells Python's collector of garbage, once everything it keeps is there."""

import gc

COLLECT_AFTER = 20_000
"""New objects between two looks: a batch makes thousands, which go by themselves at its end."""


def settle() -> None:
    """Leave alone what is here to stay, and look less often at the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
