"""Logging, set up once: columns for people at a terminal, one JSON object a line elsewhere.

What identifies people or opens doors is masked here, so that no caller can forget it.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|cookie|iban|amqp_url|mongo_url", re.I
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")
MAIL = re.compile(r"\b([A-Za-z0-9._%+-])[A-Za-z0-9._%+-]*@([A-Za-z0-9.-]+)\b")
URL_PASSWORD = re.compile(r"://([^:/@\s]+):[^@\s]+@")
LONGEST = 2000


def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide secrets and personal data, and cut what is long."""
    for key, value in event.items():
        if SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _masked(value)
    return event


def _masked(text: str) -> str:
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return URL_PASSWORD.sub(r"://\1:***@", MAIL.sub(r"\1***@\2", IBAN.sub("IBAN***", text)))


def set_up(service: str, form: str = "auto", level: str = "info") -> None:
    """Send structlog and the standard library through the same renderer."""
    people = form == "people" or (form == "auto" and sys.stdout.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.getLevelName(level.upper())
    logging.captureWarnings(True)
    for chatty in ("aiormq", "aio_pika", "pymongo", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(
            logging.ERROR if chatty.startswith("aio") else logging.WARNING
        )
    structlog.contextvars.bind_contextvars(service=service)


def logger() -> structlog.stdlib.BoundLogger:
    """The logger of the calling service."""
    log: structlog.stdlib.BoundLogger = structlog.get_logger()
    return log
