"""Heads one after another: each signed, each over the one before, each over its own leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.workflow.domain.heads import climbed, root
from services.workflow.domain.journal import START, Entry, Fault, check, digest
from shared.contracts.proof import HEAD, HeadView, JournalPage
from shared.signing import Doubtful, signed

Keys = Sequence[Mapping[str, Any]]
WHY = {
    "unknown-key": "no known key has signed it",
    "wrong-signature": "its signature is wrong",
    "other-type": "it is signed as something else",
    "compromised-key": "its key was stolen, and no later head vouches for it",
    "outside-key": "its key was not in use then",
}


@dataclass
class Heads:
    """Reads heads in their order; `faults` says what is wrong, the first false one first.

    A head whose key was stolen counts once a head with a good key follows it in the chain: whoever
    has the stolen key cannot put another one in its place.
    """

    keys: Keys
    last: HeadView | None = None
    faults: list[Fault] = field(default_factory=list)
    doubted: list[int] = field(default_factory=list)
    vouched: set[int] = field(default_factory=set)

    def read(self, head: HeadView, leaves: Sequence[str] | None = None) -> None:
        """One more head; with its leaves when they are at hand."""
        place = f"head {head.number}"
        try:
            content = signed(head.jws, HEAD, self.keys, "at", stolen=True)
        except Doubtful as doubt:
            self.faults.append(Fault(place, WHY[doubt.why]))
            content = {}
        shown = head.model_dump(mode="json", exclude={"jws"})
        if content and content != _told(shown, content):
            self.faults.append(Fault(place, "it says something else than what is signed"))
        self._follow(head, place)
        if leaves is not None and (len(leaves), root(leaves)) != (head.count, head.root):
            self.faults.append(Fault(place, "it does not seal these entries"))
        self._believe(head)
        self.last = head

    def _follow(self, head: HeadView, place: str) -> None:
        if self.last is None:
            if head.number == 1 and head.previous != START:
                self.faults.append(Fault(place, "it does not begin the chain"))
            return
        if head.number != self.last.number + 1:
            self.doubted.clear()
            return
        if head.previous != digest(self.last.jws):
            self.doubted.clear()
            self.faults.append(Fault(place, f"it does not follow head {self.last.number}"))

    def _believe(self, head: HeadView) -> None:
        try:
            signed(head.jws, HEAD, self.keys, "at")
        except Doubtful as doubt:
            if doubt.why == "compromised-key":
                self.doubted.append(head.number)
            return
        self.vouched |= {head.number, *self.doubted}
        self.doubted.clear()

    def end(self, numbers: Iterable[int]) -> list[Fault]:
        """Everything wrong, those of these heads included that nothing vouches for."""
        told = {fault.place for fault in self.faults}
        lonely = [n for n in sorted(numbers) if n not in self.vouched and f"head {n}" not in told]
        return [*self.faults, *(Fault(f"head {n}", WHY["compromised-key"]) for n in lonely)]


def _told(shown: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown, with the time as it is signed if both mean the same."""
    return {**shown, "at": content.get("at")} if _same_time(shown, content) else dict(shown)


def _same_time(shown: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    view = HeadView.model_validate({**shown, "jws": ""})
    said = HeadView.model_validate({**shown, "at": content.get("at"), "jws": ""})
    return view.at == said.at


def check_heads(heads: Iterable[HeadView], keys: Keys) -> list[Fault]:
    """What is wrong with heads that were downloaded."""
    ordered = sorted(heads, key=lambda head: head.number)
    reading = Heads(keys)
    for head in ordered:
        reading.read(head)
    return reading.end(head.number for head in ordered)


def check_chain(pages: Sequence[JournalPage], keys: Keys, heads: Iterable[HeadView]) -> list[Fault]:
    """What is wrong with the chain of an invoice that was downloaded, page by page."""
    invoice = pages[0].invoice_id
    entries = sorted((e for page in pages for e in page.entries), key=lambda entry: entry.n)
    chain = [Entry(invoice, entry.n, entry.content, entry.hash) for entry in entries]
    faults = list(check(chain, invoice))
    known = {head.number: head for page in pages for head in page.heads}
    known |= {head.number: head for head in heads}
    faults += check_heads(known.values(), keys)
    for entry, one in zip(entries, chain, strict=True):
        if (sealed := entry.sealed) is None:
            continue
        head = known.get(sealed.head)
        reached = climbed(entry.hash, sealed.index, sealed.count, sealed.path)
        if head is None or (head.root, head.count) != (reached, sealed.count):
            faults.append(Fault(one.id, f"head {sealed.head} does not seal it"))
            break
    return faults
