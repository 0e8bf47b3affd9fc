"""Compares the verdicts of the official rules with a manifest's and with the norm's own unit tests.

`python -m tests.corpus_conformity` prints the table and fails on any difference that is not one of
`EXPLAINED`; with `--write` it also puts the table into docs/conformity.md. The rules run in this
process, behind the same guards as in the service.
"""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree

from services.ingest.adapters import judge
from services.ingest.adapters.judge import RULES
from services.ingest.domain.conformity import ADVICE, STOPPED, Conformity
from services.ingest.formats import Document
from services.ingest.formats.reading import Unreadable
from services.ingest.formats.source import source_of

PAGE = Path(__file__).parents[1] / "docs" / "conformity.md"
TABLE = re.compile(r"(?<=<!-- counts -->\n).*?(?=<!-- end -->)", re.DOTALL)
VEFA = "{http://difi.no/xsd/vefa/validator/1.0}"
NORMS = {"en16931": "EN16931", "br_fr": "BR-FR"}
"""A norm in the manifest, and how the name of its rules begins there."""
MENDED = "reference stopped"
EXPLAINED = {("BR-FR", "pdf_hybrid/043_zugferd_2p0_EXTENDED_Fremdwaehrung.pdf"): MENDED}
"""Where verdicts agree but the rules behind them cannot be compared, and why."""

Entry = Mapping[str, Any]
Counts = dict[tuple[str, str], Counter[str]]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the counts; 0 when all verdicts agree or are explained."""
    corpus = Path(os.environ.get("CORPUS", "../shared/corpus"))
    if not (corpus / "manifest.json").exists():
        print(f"No corpus at {corpus}: nothing to compare.")
        return 0
    faults = compare(corpus, write="--write" in arguments)
    print("\n".join(faults) or "All verdicts of the official rules agree or are explained.")
    return 1 if faults else 0


def compare(corpus: Path, *, write: bool = False) -> list[str]:
    """Print the counts; what differs, and whether the page that shows them is stale."""
    counts: Counts = {}
    with engine_unheard():
        faults = [*files(corpus, counts), *unit_tests(corpus, counts)]
    print(table := printed(counts))
    page = PAGE.read_text()
    fresh = TABLE.sub(lambda _: table, page)
    if write:
        PAGE.write_text(fresh)
    elif fresh != page:
        faults.append(f"{PAGE.name} is stale: run `python -m tests.corpus_conformity --write`")
    return faults


@contextmanager
def engine_unheard() -> Iterator[None]:
    """Without what the engine prints about values that stop the rules."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def files(corpus: Path, counts: Counts) -> Iterator[str]:
    """Compare every file that has a reference; yield what differs without an explanation."""
    for entry in json.loads((corpus / "manifest.json").read_text())["entries"]:
        if not entry.get("conforms"):
            continue
        try:
            source = source_of(Document(entry["file"], (corpus / entry["file"]).read_bytes()))
        except Unreadable:
            source = None
        opinion = judge.judged(source) if source else None
        for norm, name in NORMS.items():
            count = counts.setdefault((name, entry["category"]), Counter())
            verdict = compared(entry, norm, name, opinion)
            count[verdict] += 1
            if verdict not in {"equal", EXPLAINED.get((name, entry["file"]))}:
                yield f"{entry['file']}: {name}: {verdict}"


def compared(entry: Entry, norm: str, name: str, opinion: Conformity | None) -> str:
    """How our verdict on one norm, and the rules behind it, compare with the reference."""
    if opinion is None:
        return "guarded"
    wanted = next(
        said for rules, said in entry["reference_validation"].items() if rules.startswith(name)
    )
    ours = opinion.verdicts[norm.replace("_", "-")]
    if ours is not entry["conforms"][norm]:
        return "verdict differs"
    stopped = any(one.code == STOPPED for one in opinion.findings)
    if "error" in wanted:
        return "equal" if stopped else MENDED
    return "equal" if fired(opinion, norm) == said_by(wanted) else "rules differ"


def said_by(wanted: Mapping[str, Sequence[str]]) -> dict[bool, set[str]]:
    """The rules of a reference: those that break, under False those that advise."""
    return {
        breaks: {
            rule
            for flag, rules in wanted.items()
            if (flag not in ADVICE) == breaks
            for rule in rules
        }
        for breaks in (True, False)
    }


def fired(opinion: Conformity, norm: str) -> dict[bool, set[str]]:
    """The rules that our findings name."""
    codes = {"en16931": ("FAC-CONF-001", "FAC-CONF-002"), "br_fr": ("FAC-CONF-003", "FAC-CONF-004")}
    return {
        breaks: {one.rule or "" for one in opinion.findings if one.code == code}
        for breaks, code in zip((True, False), codes[norm], strict=True)
    }


def unit_tests(corpus: Path, counts: Counts) -> Iterator[str]:
    """Run the norm's own tests; yield those whose assertion does not hold."""
    for path in sorted((corpus / "rule_testsets").glob("*.xml")):
        root = etree.parse(path).getroot()
        syntax = "cii" if root.get("configuration") == "tc434-cii" else "ubl"
        count = counts.setdefault(("EN16931", f"unit tests of {syntax}"), Counter())
        for number, test in enumerate(root.iter(f"{VEFA}test"), 1):
            wrong = list(broken(test, syntax))
            count["verdict differs" if wrong else "equal"] += 1
            if wrong:
                yield f"{path.name}: test {number}: {', '.join(wrong)}"


def broken(test: etree._Element, syntax: str) -> Iterator[str]:
    """The assertions of a test that do not hold."""
    wanted, document = (part for part in test if isinstance(part.tag, str))
    node = judge.engine().parse_xml(xml_text=etree.tostring(document, encoding="unicode"))
    (_, path), *_ = RULES[syntax]
    failures = list(judge.failures(judge.compiled(path), node))
    flags = {one.rule: one.flag for one in failures}
    expected = {"success": None, "error": "fatal", "warning": "warning"}
    for said in wanted:
        kind = etree.QName(said).localname
        if kind in expected and flags.get((said.text or "").strip()) != expected[kind]:
            yield f"{kind} {said.text} wanted, {flags.get((said.text or '').strip())} found"


def printed(counts: Counts) -> str:
    """The counts as a Markdown table."""
    head = ["Rules", "Files", "Judged", "Same verdict", "Same rules"]
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head))]
    total: Counter[str] = Counter()
    for (name, category), count in sorted(counts.items()):
        total += count
        lines.append(row(name, f"`{category}`", count))
    return "\n".join([*lines, row("all", "", total)]) + "\n"


def row(name: str, category: str, count: Counter[str]) -> str:
    """One line of the table."""
    same = count["equal"] + count["rules differ"] + count[MENDED]
    return f"| {name} | {category} | {count.total()} | {same} | {count['equal']} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
