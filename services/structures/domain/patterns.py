"""Patterns that a public body writes for its order references: none can be slow to match; pure.

A pattern is read here before it is ever given to `re`. It may hold characters, classes, groups,
alternatives and repetitions, and nothing that looks around or back. The ways in which it can match
a reference of the greatest length are counted, and too many are refused: a matcher that goes back
tries each way once at most.
"""

import re
from dataclasses import dataclass

LONGEST_PATTERN = 200
LONGEST_ORDER = 50
MOST_WAYS = 20_000
DEEPEST = 10
CLASSES = frozenset("dDwWsS")
SPECIAL = frozenset("\\^$.|?*+()[]{}")


class Refused(ValueError):
    """A pattern that is not taken, and why, in French."""


def fault(pattern: str, example: str | None) -> str | None:
    """Why a pattern is not taken; None when it is good."""
    if not 0 < len(pattern) <= LONGEST_PATTERN:
        return f"Une forme compte 1 à {LONGEST_PATTERN} caractères."
    try:
        ways = _Reader(pattern).read()
    except Refused as refused:
        return str(refused)
    if ways > MOST_WAYS:
        return "Cette forme peut se lire de trop de façons : bornez ses répétitions."
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return "Cette expression est mal formée."
    if example is None:
        return "Donnez un exemple de numéro d'engagement qui a cette forme."
    if len(example) > LONGEST_ORDER or not compiled.fullmatch(example):
        return "L'exemple n'a pas cette forme."
    return None


@dataclass
class _Reader:
    """Reads a pattern once, from left to right, and counts the ways in which it can match."""

    pattern: str
    at: int = 0
    depth: int = 0

    def read(self) -> int:
        ways = self._alternatives()
        if self.at < len(self.pattern):
            raise Refused("Une parenthèse se ferme sans s'être ouverte.")
        return ways

    def _alternatives(self) -> int:
        ways = self._sequence()
        while self._take("|"):
            ways += self._sequence()
        return ways

    def _sequence(self) -> int:
        ways = 1
        self._take("^")
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            if self._take("$"):
                if self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
                    raise Refused("Le signe $ ne se met qu'à la fin.")
                break
            ways = _capped(ways * self._repeated(self._atom()))
        return ways

    def _atom(self) -> int:
        sign = self.pattern[self.at]
        self.at += 1
        if sign == "(":
            return self._group()
        if sign == "[":
            self._class()
        elif sign == "\\":
            self._escape()
        elif sign in SPECIAL and sign != ".":
            raise Refused(f"Le signe {sign} n'a pas sa place ici.")
        return 1

    def _group(self) -> int:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused("Trop de parenthèses les unes dans les autres.")
        if self._take("?") and not self._take(":"):
            raise Refused("Une parenthèse ne commence par ? que dans (?: … ).")
        ways = self._alternatives()
        if not self._take(")"):
            raise Refused("Une parenthèse ne se ferme pas.")
        self.depth -= 1
        return ways

    def _escape(self) -> None:
        sign = self.pattern[self.at : self.at + 1]
        if not sign or (sign.isalnum() and sign not in CLASSES):
            raise Refused("Après \\, seuls d, w, s et les signes de ponctuation sont admis.")
        self.at += 1

    def _class(self) -> None:
        self._take("^")
        start = self.at
        while True:
            sign = self.pattern[self.at : self.at + 1]
            if not sign:
                raise Refused("Un crochet ne se ferme pas.")
            self.at += 1
            if sign == "\\":
                self._escape()
            elif sign == "[":
                raise Refused("Un crochet s'ouvre dans un autre : écrivez \\[.")
            elif sign == "]" and self.at > start + 1:
                return

    def _repeated(self, ways: int) -> int:
        bounds = self._bounds()
        if bounds is None:
            return ways
        if self.pattern[self.at : self.at + 1] in ("?", "*", "+", "{"):
            raise Refused("Une répétition ne se répète pas.")
        least, most = bounds
        return _capped(sum(_capped(ways**times) for times in range(least, most + 1)))

    def _bounds(self) -> tuple[int, int] | None:
        for sign, bounds in (("?", (0, 1)), ("*", (0, LONGEST_ORDER)), ("+", (1, LONGEST_ORDER))):
            if self._take(sign):
                return bounds
        if not self._take("{"):
            return None
        found = re.compile(r"(\d{1,3})(,(\d{0,3}))?}").match(self.pattern, self.at)
        if not found:
            raise Refused("Une répétition s'écrit {2} ou {1,3}.")
        self.at = found.end()
        least = int(found[1])
        most = least if found[2] is None else int(found[3] or LONGEST_ORDER)
        if least > most or most > LONGEST_ORDER:
            raise Refused(f"Une répétition va de 0 à {LONGEST_ORDER}, la moindre d'abord.")
        return least, most

    def _take(self, sign: str) -> bool:
        if self.pattern.startswith(sign, self.at):
            self.at += 1
            return True
        return False


def _capped(ways: int) -> int:
    return min(ways, MOST_WAYS + 1)
