"""Recevoir : lire le flux, télécharger, répondre : python receive.py dossier

La place dans le flux est gardée dans dossier/curseur.
"""

import json
import sys
from pathlib import Path

from chorale import call

folder = Path(sys.argv[1])
place = folder / "curseur"
cursor = place.read_text() if place.exists() else "0"
page = json.loads(call(f"/v1/events?limit=100&cursor={cursor}"))
arrived = [one["subject"] for one in page["items"] if one["data"].get("status") == "MADE_AVAILABLE"]
for id in arrived:
    (folder / f"{id}.xml").write_bytes(call(f"/v1/invoices/{id}/documents/pivot"))
if arrived:
    moves = [{"invoice_id": id, "action": "service_done"} for id in arrived]
    key = f"service-fait-{cursor}-{page['next_cursor']}"
    body = json.dumps({"items": moves}).encode()
    print(call("/v1/moves", body, Content_Type="application/json", Idempotency_Key=key).decode())
place.write_text(page["next_cursor"])  # en dernier : une coupure relit la page
