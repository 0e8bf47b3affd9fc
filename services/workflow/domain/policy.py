"""The policy of correction: what becomes of an invoice that was sent to the wrong place.

`recycling` lets the seller correct the address under the same number; `reissue` refuses the
invoice, so that a new one is made. The instance has a policy, a body may have its own, each from a
day on.
"""

from collections.abc import Iterable
from datetime import date

from shared.contracts.structures import CorrectionPolicy, CorrectionRule, Structure

DEFAULT: CorrectionPolicy = "recycling"


def policy(
    on: date, instance: Iterable[CorrectionRule], body: Structure | None
) -> CorrectionPolicy:
    """The policy of this day: the body's own, else the instance's, else recycling."""
    own = body.requirements.corrections if body else ()
    return _latest(on, own) or _latest(on, instance) or DEFAULT


def _latest(on: date, rules: Iterable[CorrectionRule]) -> CorrectionPolicy | None:
    begun = [rule for rule in rules if rule.since is None or rule.since <= on]
    latest = max(begun, key=lambda rule: rule.since or date.min, default=None)
    return latest.policy if latest else None
