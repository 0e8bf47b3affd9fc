"""The processes that a test's own code has started; those of the session's servers are not its."""

import psutil


def children(word: str) -> list[psutil.Process]:
    """The children of this process whose command has the word."""
    return [child for child in psutil.Process().children() if word in " ".join(child.cmdline())]
