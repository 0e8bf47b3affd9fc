"""The configuration of the public origin in containers: `python -m deploy.containers.origin`.

Made from the template and the table of the local stack. Each service is looked up anew every few
seconds, so that replicas come and go without a word to nginx; `origin.sh` fills in the name server.
"""

import re
from pathlib import Path

from deploy.local.servers import DEPLOY, PROBLEMS, locations, problem
from deploy.local.stack import MAILBOX_PATH, SERVICES

HERE = Path(__file__).resolve().parent
FILE = HERE / "nginx.conf"
PORT, SERVICE_PORT = 8080, 8000
MADE = "# Made by `python -m deploy.containers.origin` from deploy/nginx.conf and the local stack."
NAMESERVER = "NAMESERVER"
"""What `origin.sh` replaces."""


def configuration(domain: str = "") -> str:
    """The text of the file; `domain` follows the name of each service."""
    paths = {service.name: service.paths for service in SERVICES} | {"mailbox": (MAILBOX_PATH,)}
    words = {
        "USER": "",
        "FOLDER": "/tmp",
        "LISTEN": str(PORT),
        "UPSTREAMS": "\n".join(
            (
                f"  resolver {NAMESERVER} valid=5s ipv6=off;",
                *(address(name, domain) for name in paths),
            )
        ),
        "LOCATIONS": "\n".join(locations({f"${name}": of for name, of in paths.items()})),
        "PROBLEMS": "\n".join(problem(status) for status in PROBLEMS),
    }
    template = (DEPLOY / "nginx.conf").read_text()
    filled = re.sub(r"\$\{([A-Z]+)\}", lambda match: words[match[1]], template)
    return f"{MADE}\n{filled}"


def address(name: str, domain: str) -> str:
    """A variable: only an address in a variable is looked up again while nginx runs."""
    return f'  map "" ${name} {{ default {name}{domain}:{SERVICE_PORT}; }}'


if __name__ == "__main__":
    FILE.write_text(configuration())
