"""The journal as its readers download it, checked offline."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.builders import an_invoice_read
from tests.component.neighbours import House
from tests.component.test_certificates import verified
from tests.component.test_workflow import BUYER, ask, opened, workflow

__all__ = ["workflow"]


@pytest.fixture(autouse=True)
def _seal_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORALE_SEAL_SECONDS", "1")


async def test_a_downloaded_chain_is_whole_and_sealed_and_a_changed_one_is_not(
    workflow: House, tmp_path: Path
) -> None:
    (told,) = await opened(workflow, an_invoice_read())
    path, who = f"/v1/invoices/{told.invoice_id}/journal", workflow.token(BUYER)
    sealed = {"head": {"$gt": 0}}
    await workflow.until(partial(workflow.db["journal"].find_one, sealed), "it is sealed")
    assert (await ask(workflow, "GET", path, workflow.token("live/siret/0")))[0] == 404
    names = {}
    for name, asked in (
        ("chain", path),
        ("keys", "/v1/journal/keys"),
        ("heads", "/v1/journal/heads"),
    ):
        status, body, _ = await ask(workflow, "GET", asked, who)
        assert status == 200, body
        names[name] = tmp_path / f"{name}.json"
        names[name].write_text(json.dumps(body))
    code, said = verified(names["chain"], names["heads"], "--keys", names["keys"])
    assert (code, said.count("✓")) == (0, 2), said
    chain = json.loads(names["chain"].read_text())
    chain["entries"][0]["content"] = chain["entries"][0]["content"].replace("DEPOSITED", "PAID")
    names["chain"].write_text(json.dumps(chain))
    code, said = verified(names["chain"], "--keys", names["keys"])
    assert code == 1 and f"{told.invoice_id}/000001" in said
