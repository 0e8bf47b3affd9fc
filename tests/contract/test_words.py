"""One word per thing: the words of EN 16931 inside, French only in what people read.

Names and docstrings are looked at; other strings are not, since French texts, element names of
formats and patterns live there.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTEAD = {
    "customer": "buyer",
    "vendor": "seller",
    "supplier": "seller",
    "bill": "invoice",
    "bills": "invoices",
    "fournisseur": "seller",
    "destinataire": "buyer",
    "acheteur": "buyer",
    "vendeur": "seller",
    "facture": "invoice",
    "factures": "invoices",
    "avoir": "credit note",
    "statut": "status",
    "statuts": "statuses",
    "engagement": "order reference",
    "depot": "deposit",
}
"""A banned word and what is said instead."""
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "impl", "misc"}
"""Names of modules that say nothing."""
FOLDERS = ("services", "shared", "deploy", "docs", "tests")
FILES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if "chorus" not in path.relative_to(ROOT).parts
)
PROSE = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if "generated" not in path.parts and path.name != "0003-english-inside.md"
)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(text: str) -> set[str]:
    """The words of a text or of a name in any case."""
    return {word.lower() for word in WORD.findall(text)}


def names(code: str) -> Iterator[tuple[int, str]]:
    """The names that a module uses, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string


def docstrings(code: str) -> Iterator[tuple[int, str]]:
    """The texts that stand alone in a module, without what is quoted in them, with their lines."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, unquoted(text)


def unquoted(text: str) -> str:
    """A text without what it quotes."""
    return re.sub(r"`[^`]*`|«[^»]*»|\"[^\"]*\"|\([^)]*\)", " ", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_thing_has_its_one_name(path: Path) -> None:
    code = path.read_text()
    for line, said in (*names(code), *docstrings(code)):
        for word in words(said) & set(INSTEAD):
            pytest.fail(f"{path.relative_to(ROOT)}:{line} says {word}; say {INSTEAD[word]}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_named_after_what_it_does(path: Path) -> None:
    assert not words(path.stem) & {*INSTEAD, *SAY_NOTHING}


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_says_the_same_words_as_the_code(path: Path) -> None:
    assert not words(unquoted(path.read_text())) & set(INSTEAD)


def test_a_banned_word_is_seen_in_a_name_and_in_a_docstring() -> None:
    assert "supplier" in words("SupplierName") & words("the_supplier_name") & words("SUPPLIER")
    (said,) = (text for _, text in docstrings('"""Tell the customer, never the `vendor`."""'))
    assert words(said) & set(INSTEAD) == {"customer"}
