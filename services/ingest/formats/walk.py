"""One walk over a tree, driven by a table: path to name, names to elements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from lxml import etree

Element = etree._Element  # noqa: SLF001  (its public name is a function)
Paths = Mapping[str, Union[str, "Group"]]


@dataclass(frozen=True)
class Group:
    """A part that may come several times; each time its own paths are read afresh."""

    name: str
    paths: Paths


@dataclass(slots=True)
class Found:
    """What one walk met: the first element of each name, all of a plural name, the groups."""

    first: dict[str, Element] = field(default_factory=dict)
    every: dict[str, list[Element]] = field(default_factory=dict)
    groups: dict[str, list["Found"]] = field(default_factory=dict)
    at: Element | None = None

    def text(self, name: str) -> str | None:
        """The trimmed text of the first element of that name, or nothing."""
        element = self.first.get(name)
        return (element.text or "").strip() or None if element is not None else None

    def texts(self, name: str) -> list[str]:
        """The trimmed texts of all elements of that name."""
        return [
            text for element in self.every.get(name, ()) if (text := (element.text or "").strip())
        ]

    def group(self, name: str) -> list["Found"]:
        """Every occurrence of a group."""
        return self.groups.get(name, [])


@dataclass(slots=True)
class Step:
    """A node of the compiled table."""

    name: str | None = None
    plural: bool = False
    group: str | None = None
    below: dict[str, "Step"] = field(default_factory=dict)


def compiled(paths: Paths, namespaces: Mapping[str, str]) -> Step:
    """The table as a tree of steps; done once, when the module is loaded.

    A name that ends in `*` gathers every element of its path.
    """
    root = Step()
    for path, target in paths.items():
        step = root
        for part in path.split("/"):
            prefix, _, local = part.rpartition(":")
            tag = f"{{{namespaces[prefix]}}}{local}" if prefix else local
            step = step.below.setdefault(tag, Step())
        if isinstance(target, Group):
            step.group = target.name
            step.below |= compiled(target.paths, namespaces).below
        else:
            step.name, step.plural = target.removesuffix("*"), target.endswith("*")
    return root


def walk(element: Element, step: Step, found: Found) -> Found:
    """Meet each child once and note those that the table names."""
    below = step.below
    for child in element:
        known = below.get(str(child.tag))
        if known is None:
            continue
        if known.group is not None:
            part = walk(child, known, Found(at=child))
            found.groups.setdefault(known.group, []).append(part)
            continue
        if known.name is not None:
            if known.plural:
                found.every.setdefault(known.name, []).append(child)
            else:
                found.first.setdefault(known.name, child)
        if known.below:
            walk(child, known, found)
    return found
