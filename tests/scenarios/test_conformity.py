"""A sender asks which norms a file follows: before handing it in, and of a deposit."""

import asyncio
from typing import Any

import aiohttp
import pytest

from deploy.local.door import Refused
from deploy.local.handle import Stack
from tests.bench.documents import ubl
from tests.faults.flow import BUYER, SELLER
from tests.fixtures.make_pdf import draw_invoice
from tests.fixtures.pdf.layouts import LAYOUTS
from tests.scenarios.steps import Party, scene

INVOICE = ubl("NORM-1", seller=SELLER.siret, buyer=BUYER.siret, lines=1)


async def tried(party: Party, data: bytes) -> Any:
    """The answer to a file that is only tried."""
    form = aiohttp.FormData()
    form.add_field("file", data, filename="trial.xml")
    return await party.program.call("POST", "/v1/validations", data=form)


async def test_a_file_is_compared_with_the_norms_on_trial_and_as_a_deposit(stack: Stack) -> None:
    async with scene(stack) as play:
        seller = await play.party(SELLER)
        stranger = await play.party(BUYER, public=True)
        trial = await tried(seller, INVOICE)
        assert trial["accepted"] is True
        assert trial["conforms"] == {"xsd": True, "en16931": True, "br-fr": False}

        report = await play.deposit(seller, "trial.xml", INVOICE)
        assert report["state"] == "INTEGRATED"
        path = f"/v1/deposits/{report['id']}/conformity"
        first, again = await asyncio.gather(seller.program.get(path), seller.program.get(path))
        assert first == again == trial
        with pytest.raises(Refused, match="404"):
            await stranger.program.get(path)

        page = await play.deposit(seller, "page.pdf", draw_invoice(3, LAYOUTS[0])[0])
        judged = await seller.program.get(f"/v1/deposits/{page['id']}/conformity")
        assert judged["conforms"] == {"xsd": None, "en16931": None, "br-fr": None}
