"""Markdown: a page, a table, a word of the code."""

from collections.abc import Iterable, Sequence

NOTE = "<!-- Printed by `python -m docs.generate`; change the code, not this page. -->\n\n"


def page(title: str, *parts: str) -> str:
    """A page: note, title, parts."""
    return NOTE + f"# {title}\n\n" + "\n\n".join(part.strip("\n") for part in parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: str) -> str:
    return " ".join(value.split()).replace("|", "\\|")


def code(value: str) -> str:
    """A word of the code; nothing when empty."""
    return f"`{value}`" if value else ""


def sentence(thing: object) -> str:
    """The first paragraph of a docstring."""
    return (thing.__doc__ or "").strip().split("\n\n")[0]
