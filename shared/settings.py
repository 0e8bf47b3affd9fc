"""Settings: the only reader of the environment.

Every variable starts with CHORALE_. A wrong or missing one stops the start with all faults at once;
`NAME_FILE` may name a file that holds the value of `NAME`, for secrets.
"""

import os
import sys
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CHORALE_"


class Settings(BaseSettings):
    """What every service needs to know."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    mongo_url: str = Field(description="MongoDB replica set, mongodb://…/?replicaSet=…")
    amqp_url: str = Field(description="RabbitMQ virtual host of the services, amqp://…")
    partner_amqp_url: str | None = Field(
        default=None, description="RabbitMQ virtual host of partners"
    )
    database: str = Field(
        default="chorale", pattern=r"^[a-z0-9_]{1,30}$", description="Prefix of database names"
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(
        default=0, ge=0, le=65535, description="Port to listen on; 0 takes a free one"
    )
    public_url: str = Field(
        default="http://localhost:8080", description="The origin that people and clients see"
    )
    accounts_url: str = Field(
        default="http://127.0.0.1:8080", description="Where tokens are signed: JWKS is read there"
    )
    log: Literal["auto", "json", "people"] = Field(default="auto", description="Log format")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level logged"
    )
    batch: int = Field(
        default=200, ge=1, le=500, description="Most messages or requests in one transaction"
    )
    client_requests: int = Field(
        default=6000, ge=60, description="Requests a minute of one program, to one process"
    )
    stop_seconds: float = Field(default=10.0, gt=0, description="How long a graceful stop may take")

    @classmethod
    def read(cls) -> Self:
        """Read the environment, or say every fault at once and end with status 78."""
        try:
            return cls(**_secrets_from_files(cls))
        except ValidationError as error:
            for fault in error.errors():
                name = PREFIX + "_".join(str(part) for part in fault["loc"]).upper()
                sys.stderr.write(f"{name}: {fault['msg']}\n")
            sys.exit(78)


def _secrets_from_files(settings: type[Settings]) -> dict[str, Any]:
    """The values that stand in files named by `CHORALE_…_FILE`."""
    named = {
        field: os.environ.get(f"{PREFIX}{field.upper()}_FILE") for field in settings.model_fields
    }
    return {field: Path(path).read_text().strip() for field, path in named.items() if path}
