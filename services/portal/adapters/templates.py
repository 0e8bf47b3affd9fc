"""The templates, once in each language, with what they may use."""

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.portal import domain
from services.portal.domain.words import status_words

LANGUAGES = ("fr", "en")
CATALOGUE = "en.po"


def environments(templates: Path, static: Path) -> Mapping[str, Environment]:
    """The templates in French, and with the words of the English catalogue."""
    english = catalogue(templates / CATALOGUE)
    words = {"fr": {}, "en": english}
    return {lang: _environment(templates, static, words[lang]) for lang in LANGUAGES}


def catalogue(path: Path) -> dict[str, str]:
    """The English words by the French ones."""
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def _environment(templates: Path, static: Path, words: Mapping[str, str]) -> Environment:
    made = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["_"] = lambda text: words.get(text, text)
    made.filters |= {
        "amount": domain.amount,
        "money": domain.money,
        "size": domain.size,
        "plain_amount": domain.plain_amount,
        "day": domain.day,
        "moment": domain.moment,
        "anchor": domain.anchor,
        "identifier": domain.identifier,
        "status_words": lambda view: status_words(view.code),
        "without": without,
        "code_label": lambda reason: (reason.code, reason.label),
        "asset": partial(asset, _stamps(static)),
    }
    return made


def asset(stamps: Mapping[str, str], name: str) -> str:
    """The address of a static file, which changes with its content.

    A module keeps its name: under two addresses it would run twice.
    """
    return f"/static/{name}" if name.endswith(".js") else f"/static/{name}?v={stamps[name]}"


def _stamps(static: Path) -> Mapping[str, str]:
    files = (path for path in static.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}


def without(query: Mapping[str, Any], *names: str, **more: str) -> str:
    """A query string without some of its parameters and with others."""
    kept = {name: value for name, value in query.items() if name not in names and value}
    return urlencode(kept | more)
