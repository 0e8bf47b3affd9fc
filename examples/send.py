"""Déposer un fichier et attendre son rapport : python send.py facture.xml"""

import hashlib
import json
import secrets
import sys
from pathlib import Path

from chorale import call

file = Path(sys.argv[1])
data, border = file.read_bytes(), secrets.token_hex(16)
form = (
    f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
)
deposit = call(
    "/v1/deposits",
    form.encode() + data + f"\r\n--{border}--\r\n".encode(),
    Content_Type=f"multipart/form-data; boundary={border}",
    Idempotency_Key=hashlib.sha256(data).hexdigest(),  # refait, l'envoi reste un seul dépôt
)
print(call(f"/v1/deposits/{json.loads(deposit)['id']}?wait=30").decode())
