"""Text made comparable: lower case, no accents, plain spaces, and as long as it was."""

import re
import unicodedata

_SPACES = "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\t"
_PLAIN = {
    **dict.fromkeys(map(ord, _SPACES), " "),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201b\u0060\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    ord("\u00ba"): "°",
    ord("\u02da"): "°",
    ord("\u00ad"): "",
    ord("\u200b"): "",
    ord("\ufeff"): "",
    ord("\ufb00"): "ff",
    ord("\ufb01"): "fi",
    ord("\ufb02"): "fl",
    ord("\ufb03"): "ffi",
    ord("\ufb04"): "ffl",
}


def _accents() -> dict[int, str]:
    table: dict[int, str] = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFKD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[code] = base.lower()
    return table | {0xDF: "s", 0x153: "o", 0x152: "o", 0xE6: "a", 0xC6: "a", 0xF8: "o", 0xD8: "o"}


_BARE = _accents()


def plain(text: str) -> str:
    """The text with ordinary spaces, quotes, dashes and letters."""
    if text.isascii():
        return text
    if max(text) >= "\u0300" and any("\u0300" <= c <= "\u036f" for c in text):
        text = unicodedata.normalize("NFC", text)
    return text.translate(_PLAIN)


def fold(text: str) -> str:
    """The plain text in lower case without accents, character for character."""
    lowered = text.lower() if text.isascii() else text.translate(_BARE).lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower()[:1] for c in text)


def squeeze(text: str) -> str:
    """The letters and digits of a text only, folded, to compare names."""
    return re.sub(r"[^a-z0-9]", "", fold(plain(text)))
