"""Déposer par AMQP et lire son accusé : python amqp.py facture.xml, l'URL dans CHORALE_AMQP_URL."""

import json
import os
import secrets
import sys
from pathlib import Path

import pika

parameters = pika.URLParameters(os.environ["CHORALE_AMQP_URL"])
name = parameters.credentials.username.removeprefix("partner.")
file, reference = Path(sys.argv[1]), secrets.token_hex(16)
with pika.BlockingConnection(parameters) as connection:
    channel = connection.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(
        delivery_mode=2, message_id=reference, headers={"filename": file.name}
    )
    channel.basic_publish("deposits", name, file.read_bytes(), properties, mandatory=True)
    for method, _, body in channel.consume(f"events.{name}", inactivity_timeout=60):
        if method is None:
            sys.exit("pas encore d'accusé : relancez la lecture plus tard")
        event = json.loads(body)
        channel.basic_ack(method.delivery_tag)  # une fois l'événement traité, et pas avant
        if event["data"].get("reference") == reference:
            print(json.dumps(event["data"], ensure_ascii=False))
            break
    channel.cancel()
