"""XML is written part by part; a part without content is not written at all."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lxml import etree

from services.ingest.formats.walk import Element

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FINEST = Decimal("1e-12")
"""As many decimals as the readers take."""

Part = Element | str | None


class Pen:
    """Writes elements of some namespaces, named by their prefixes."""

    def __init__(self, namespaces: Mapping[str, str], default: str | None = None) -> None:
        self._namespaces: dict[str | None, str] = dict(namespaces.items())
        if default is not None:
            self._namespaces[None] = default

    def tag(self, name: str, *parts: Part, **attributes: str | None) -> Element | None:
        """An element of the parts that there are; nothing when there is none."""
        return None if all(p is None for p in parts) else self.always(name, *parts, **attributes)

    def always(self, name: str, *parts: Part, **attributes: str | None) -> Element:
        """An element that its schema demands, even when it is empty."""
        prefix, _, local = name.rpartition(":")
        element = etree.Element(
            f"{{{self._namespaces[prefix or None]}}}{local}", nsmap=self._namespaces
        )
        for key, value in attributes.items():
            if value is not None:
                element.set(key, clean(value))
        for part in parts:
            if isinstance(part, str):
                element.text = clean(part)
            elif part is not None:
                element.append(part)
        return element


def clean(text: str) -> str:
    """The text without the characters that XML does not know."""
    return ILLEGAL.sub("\ufffd", text)


def plain(amount: Decimal | None) -> str | None:
    """A decimal number without exponent."""
    if amount is None:
        return None
    exponent = amount.as_tuple().exponent
    return (
        f"{amount.quantize(FINEST) if isinstance(exponent, int) and exponent < -12 else amount:f}"
    )


def iso(day: date | None) -> str | None:
    """A date as the XML schema writes it."""
    return day.isoformat() if day else None


def serialised(root: Element) -> bytes:
    """The document, indented for who looks at it."""
    etree.cleanup_namespaces(root, keep_ns_prefixes=[prefix for prefix in root.nsmap if prefix])
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
