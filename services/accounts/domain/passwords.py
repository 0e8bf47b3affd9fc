"""What a password must be: long, varied, not the address, not obvious."""

import unicodedata

from shared.contracts.finding import Finding

SHORTEST = 12
CLASSES = 3
MIXED = "PWD-CLASSES"
"""The one rule that chance, drawing a long password, may break without harm."""
OBVIOUS = (
    "administrateur",
    "azertyuiop",
    "bienvenue",
    "changeme",
    "choruspro",
    "chouchou",
    "iloveyou",
    "marseille",
    "motdepasse",
    "motdepass",
    "password",
    "qwertyuiop",
    "superman",
    "bonjour",
    "chorale",
    "facture",
    "factures",
    "jetaime",
    "letmein",
    "toulouse",
    "welcome",
    "azerty",
    "chorus",
    "doudou",
    "dragon",
    "france",
    "loulou",
    "master",
    "qwerty",
    "secret",
    "soleil",
    "abcdef",
    "admin",
    "test",
)
"""Words that alone, however dressed up, do not make a password; longer ones first."""
DISGUISES = str.maketrans("0134578@$€!", "oieastbasei")
FEWEST_DIFFERENT = 6


def normal(password: str) -> str:
    """The password as it is hashed: the same letters from every keyboard."""
    return unicodedata.normalize("NFC", password)


def missing(password: str, email: str) -> tuple[Finding, ...]:
    """Every rule that the password breaks, in French; empty when it is good."""
    rules = (
        (len(password) >= SHORTEST, "PWD-LENGTH", f"Il faut au moins {SHORTEST} caractères.", None),
        (
            _classes(password) >= CLASSES,
            MIXED,
            "Il faut au moins trois sortes de caractères parmi : "
            "minuscules, majuscules, chiffres, autres signes.",
            None,
        ),
        (
            not _holds(password, email),
            "PWD-ADDRESS",
            "Il ne doit pas contenir votre adresse électronique.",
            None,
        ),
        (
            not _obvious(password),
            "PWD-OBVIOUS",
            "Il est trop facile à deviner.",
            "Prenez par exemple plusieurs mots sans rapport entre eux.",
        ),
    )
    return tuple(
        Finding(code=code, pointer="/password", label="Mot de passe", message=message, hint=hint)
        for kept, code, message, hint in rules
        if not kept
    )


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
    for word in OBVIOUS:
        letters = letters.replace(word, "")
    return len(letters)
