"""Every answer that any test is served is one of the contract's words, no field more or less."""

from typing import Any

from services.chorus.api.operations import OPERATIONS
from services.chorus.domain.words.kinds import Refusal

SHAPES = {operation.path: operation.answers for operation in OPERATIONS}


def held(path: str, status: int, said: Any) -> None:
    """Hold an answer to its shape."""
    if status in (401, 403):
        assert set(said) == {"httpCode", "httpMessage", "moreInformation"}, said
        return
    shape = Refusal if said.get("codeRetour") and "explication" in said else SHAPES[path]
    assert shape.model_validate(said).model_dump(mode="json") == said
    assert (said["codeRetour"] == 0) or shape is Refusal
