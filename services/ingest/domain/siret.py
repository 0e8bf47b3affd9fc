"""The key of a SIRET."""

LA_POSTE = "356000000"
LA_POSTE_HEAD_OFFICE = "35600000000048"


def siret_is_valid(siret: str) -> bool:
    """Luhn on fourteen digits; La Poste's offices add up to a multiple of five instead."""
    if len(siret) != 14 or not siret.isascii() or not siret.isdigit():
        return False
    if siret.startswith(LA_POSTE) and siret != LA_POSTE_HEAD_OFFICE:
        return sum(map(int, siret)) % 5 == 0
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in siret[0::2])
    return (sum(doubled) + sum(map(int, siret[1::2]))) % 10 == 0
