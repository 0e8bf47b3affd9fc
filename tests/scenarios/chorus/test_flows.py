"""Flows in every syntax, alone and packed: read, or refused with the name of what they are."""

import asyncio
import base64
import io
import tarfile
from dataclasses import replace
from typing import Any

import aiohttp

from deploy.local import markup, paper
from deploy.local.handle import Stack
from deploy.local.samples import Sample
from services.chorus.domain.flows import STATES, SYNTAXES, Syntax
from shared.contracts.ingest import DepositState
from tests.scenarios.chorus.shop import Software, shops
from tests.scenarios.steps import eventually, scene
from tests.scenarios.test_seller_is_paid import SAMPLE

FORMS = {"ubl": markup.ubl, "cii": markup.cii, "pdf": paper.facturx_pdf}
UNREAD = {
    "IN_DP_E1_PES_FACTURE": b"<PES_Facture><Id>1</Id></PES_Facture>",
    "IN_DP_E2_PES_FACTURE_MIN": b"<PES_Facture><Id>2</Id></PES_Facture>",
    "IN_DP_E1_XCBL": b"<xcbl><InvoiceNumber>1</InvoiceNumber></xcbl>",
    "IN_DP_E2_CPP_FACTURE_MIN": b"<CPPFactureMixte><Id>1</Id></CPPFactureMixte>",
}
"""What no public schema tells how to read."""
VERDICTS = {STATES[state] for state in DepositState if state.final}


def packed(files: dict[str, bytes]) -> bytes:
    """A `tar.gz` of files."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return whole.getvalue()


async def report(shop: Software, name: str, data: bytes, syntax: str) -> tuple[str, Any]:
    """Hand a flow in; its number, and its report when there is a verdict."""
    sent = {
        "fichierFlux": base64.b64encode(data).decode(),
        "nomFichier": name,
        "syntaxeFlux": syntax,
        "avecSignature": False,
    }
    number = (await shop.call("factures/v1/deposer/flux", sent))["numeroFluxDepot"]

    async def verdict() -> Any:
        asked = {"numeroFluxDepot": number, "syntaxeFlux": syntax}
        told = await shop.call("transverses/v1/consulterCRDetaille", asked)
        return told if told["etatCourantDepotFlux"] in VERDICTS else None

    return number, await eventually(verdict, f"the verdict of {syntax}")


async def numbers(shop: Software, flow: str) -> set[str]:
    """The invoices of a flow."""
    found = await shop.call("factures/v1/rechercher/fournisseur", {"numeroFluxDepot": flow})
    return {row["numeroFacture"] for row in found["listeFactures"]}


async def test_a_flow_comes_in_every_syntax_alone_and_packed(stack: Stack) -> None:
    async def alone_and_packed(shop: Software, place: int, row: Syntax) -> None:
        one, first, second = (replace(SAMPLE, number=f"S{place}-{n}") for n in range(3))
        form = FORMS[row.kind]
        end = "pdf" if row.kind == "pdf" else "xml"
        flow, told = await report(shop, f"f.{end}", form(one), row.code)
        assert flow.startswith(f"CPP001{row.interface}"), row.code
        assert told["codeInterfaceDepotFlux"] == f"FSO{row.interface}A"
        assert (told["etatCourantDepotFlux"], told["listeErreurDP"]) == ("IN_INTEGRE", []), told
        assert told["dateHeureEtatCourantFlux"] > told["dateDepotFlux"], "its verdict came later"
        lot = {f"{n}.{end}": form(sample) for n, sample in enumerate((first, second))}
        flow, told = await report(shop, "lot.tar.gz", packed(lot), row.code)
        assert told["etatCourantDepotFlux"] == "IN_INTEGRE", told
        assert await numbers(shop, flow) == {first.number, second.number}

    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        read = [row for row in SYNTAXES if row.kind in FORMS]
        await asyncio.gather(*(alone_and_packed(seller, n, row) for n, row in enumerate(read)))
        unread = {row.code for row in SYNTAXES if row not in read}
        assert unread == set(UNREAD)
        for syntax, data in UNREAD.items():
            _, told = await report(seller, "f.xml", data, syntax)
            (fault,) = told["listeErreurTechnique"]
            assert told["etatCourantDepotFlux"] == "IN_REJETE" and fault["libelleErreur"]


async def test_of_a_flow_that_is_partly_right_the_wrong_invoice_is_named(stack: Stack) -> None:
    async with scene(stack) as play, aiohttp.ClientSession() as session:
        seller, _ = await shops(play, session)
        wrong: Sample = replace(SAMPLE, number="FAUX-1", department="NULLE-PART")
        lot = {"1.xml": markup.cii(SAMPLE), "2.xml": markup.cii(wrong)}
        flow, told = await report(seller, "lot.tar.gz", packed(lot), "IN_DP_E1_CII_16B")
        assert told["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
        (fault,) = told["listeErreurDP"]
        assert fault["numeroDP"] == "FAUX-1" and len(fault["libelleErreurDP"]) <= 200
        assert await numbers(seller, flow) == {SAMPLE.number}
