"""Which rows of the life cycle hold for a piece: its circuit, from its frame and its parties."""

from collections.abc import Mapping
from functools import lru_cache

from services.workflow.domain.frames import Frame
from services.workflow.domain.lifecycle import Circuit, Feature
from shared.contracts.structures import CorrectionPolicy
from shared.contracts.workflow import Role

TO: Mapping[Role, Feature] = {
    "buyer": "to_buyer",
    "project_manager": "to_project_manager",
    "project_owner": "to_project_owner",
    "seller": "to_seller",
}
BY: Mapping[Role, Feature] = {
    "seller": "by_seller",
    "project_manager": "by_project_manager",
    "project_owner": "by_project_owner",
}


@lru_cache(maxsize=512)
def circuit_of(
    frame: Frame,
    validators: int,
    managed: bool,
    policy: CorrectionPolicy = "recycling",
    paid: bool = False,
) -> Circuit:
    """Which rows of the life cycle hold for a piece in this frame.

    Without a known project manager the project owner stands in.
    """
    to = "project_owner" if frame.to == "project_manager" and not managed else frame.to
    features: list[Feature] = [policy, BY[frame.by], TO[to]]
    if frame.validated and validators:
        features += ["validated", "validated_twice" if validators > 1 else "validated_once"]
    if not paid:
        features.append("unpaid")
    return frozenset(features)
