"""What a password must be: long, varied, not the address, not leaked, and many guesses away."""

import re
import unicodedata
from collections.abc import Sequence

from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from services.accounts.domain.obvious import ALONE, FREQUENT
from shared.contracts.finding import Finding

SHORTEST = 12
CLASSES = 3
LONG = 20
"""From here on length makes up for classes."""
ENOUGH = 3
"""The least score: over 10^8 guesses by whoever knows how people make passwords."""
JUDGED = 40
"""Letters that are judged; what begins well enough is not worse for being longer."""
MOST_DISGUISED = 5
LABELS = ("Très faible", "Faible", "Moyen", "Satisfaisant", "Très satisfaisant")
LEAKED = frozenset(FREQUENCY_LISTS["passwords"])
"""The thirty thousand passwords that people choose most, as leaks have shown."""
MIXED = "PWD-CLASSES"
"""The one rule that chance, drawing a long password, may break without harm."""
DISGUISES = str.maketrans("0134578@$€!", "oieastbasei")
DISGUISED = frozenset("@4([{<3690!1|78$5+2%")
"""Signs that stand for letters."""
FEWEST_DIFFERENT = 6


def normal(password: str) -> str:
    """The password as it is hashed: the same letters from every keyboard."""
    return unicodedata.normalize("NFC", password)


def answer(text: str) -> str:
    """The answer to a secret question as it is hashed: case, accents and spaces do not count."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())


def missing(password: str, email: str, *names: str | None) -> tuple[Finding, ...]:
    """Every rule that the password breaks, in French; empty when it is good."""
    return judge(password, email, *names)[1]


def judge(password: str, email: str, *names: str | None) -> tuple[int, tuple[Finding, ...]]:
    """What a password is worth, from 0 to 4, and every rule that it breaks."""
    known = [word for text in (email, *names) if text for word in re.findall(r"\w{3,}", text)]
    score = strength(password, known)
    weak = score < ENOUGH and len(password) >= SHORTEST
    obvious = weak or _obvious(password) or normal(password).casefold() in LEAKED
    rules = (
        (len(password) >= SHORTEST, "PWD-LENGTH", f"Il faut au moins {SHORTEST} caractères.", None),
        (
            _classes(password) >= CLASSES or (len(password) >= LONG and not obvious),
            MIXED,
            "Il faut au moins trois sortes de caractères parmi : minuscules, majuscules, "
            f"chiffres, autres signes ; ou bien {LONG} caractères.",
            None,
        ),
        (
            not _holds(password, email),
            "PWD-ADDRESS",
            "Il ne doit pas contenir votre adresse électronique.",
            None,
        ),
        (
            not any(_holds_name(password, name) for name in names),
            "PWD-NAME",
            "Il ne doit pas contenir votre nom.",
            None,
        ),
        (
            not obvious,
            "PWD-OBVIOUS",
            "Il est trop facile à deviner.",
            "Prenez par exemple plusieurs mots sans rapport entre eux.",
        ),
    )
    faults = tuple(
        Finding(code=code, pointer="/password", label="Mot de passe", message=message, hint=hint)
        for kept, code, message, hint in rules
        if not kept
    )
    return (min(score, 1) if obvious else score), faults


def strength(password: str, known: Sequence[str] = ()) -> int:
    """How far a password is from being guessed, from 0 to 4, in bounded time.

    The estimate tries every reading of every disguised letter, so only a few kinds are left in.
    """
    seen: list[str] = []
    kept = []
    for letter in normal(password)[:JUDGED]:
        if letter in DISGUISED and letter not in seen:
            seen.append(letter)
        if letter not in seen[MOST_DISGUISED:]:
            kept.append(letter)
    if not kept:
        return 0
    judged: int = zxcvbn("".join(kept), user_inputs=[*known, *FREQUENT])["score"]
    return judged


def _classes(password: str) -> int:
    kinds = (
        any(c.islower() for c in password),
        any(c.isupper() for c in password),
        any(c.isdigit() for c in password),
        any(not c.isalnum() for c in password),
    )
    return sum(kinds)


def _holds(password: str, email: str) -> bool:
    held, address = password.casefold(), email.casefold()
    local = address.partition("@")[0]
    return address in held or (len(local) >= 4 and local in held)


def _holds_name(password: str, name: str | None) -> bool:
    return bool(name) and len(name or "") >= 4 and (name or "").casefold() in password.casefold()


def _obvious(password: str) -> bool:
    """Whether nothing much is left once disguises, digits and obvious words are taken away."""
    if len(set(password)) < FEWEST_DIFFERENT:
        return True
    plain = password.casefold()
    return any(_remainder(letters) < 3 for letters in (plain, plain.translate(DISGUISES)))


def _remainder(text: str) -> int:
    letters = "".join(c for c in text if c.isalpha())
    if not letters:
        return SHORTEST if len(set(text)) >= 2 * FEWEST_DIFFERENT else 0
    for word in ALONE:
        letters = letters.replace(word, "")
    return len(letters)
