"""The manifests of the services, printed from the table of the local stack."""

from typing import Any

import yaml

from deploy.containers import origin
from deploy.local.stack import INGEST, SERVICES

HEAD = "# Printed by `python -m docs.generate` from the table of the local stack.\n"
NAMESPACE = "chorale"
DOMAIN = f".{NAMESPACE}.svc.cluster.local"
PORT = origin.SERVICE_PORT
SECRETS = {
    "accounts": ("chorale-operator", "chorale-sealing"),
    INGEST: ("chorale-sealing",),
    "workflow": ("chorale-sealing",),
    "notifications": ("chorale-broker", "chorale-sealing"),
}
"""What one service alone may know, beside what all of them know."""
MEMORY = {INGEST: ("320Mi", "1Gi")}
"""Asked for and allowed at most; measured at 150 MB for others, 300 MB for a reading process."""
OTHERS = ("192Mi", "512Mi")
KINDS = {INGEST: ("texts", "archives", "scans")}
"""Deployments of one service that hear different queues and scale apart."""


def services() -> str:
    """A Deployment for each service, three of ingest, and a Service in front of each."""
    documents: list[dict[str, Any]] = []
    for service in SERVICES:
        kinds = KINDS.get(service.name)
        for kind in kinds or (None,):
            documents.append(_deployment(service.name, kind))
        documents.append(_address(service.name))
    return HEAD + yaml.safe_dump_all(documents, sort_keys=False, width=100)


def nginx() -> str:
    """The configuration of the one origin inside a cluster."""
    return origin.configuration(DOMAIN)


def start() -> str:
    """The command of the origin: Kustomize takes files of its own folder only."""
    return (origin.HERE / "origin.sh").read_text()


def _deployment(service: str, hears: str | None) -> dict[str, Any]:
    name = f"{service}-{hears}" if hears else service
    labels = {"app.kubernetes.io/name": service, "app.kubernetes.io/part-of": "chorale"}
    own = labels | ({"chorale/hears": hears} if hears else {})
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": own},
        "spec": {
            "selector": {"matchLabels": own},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {"metadata": {"labels": own}, "spec": _pod(service, hears, own)},
        },
    }


def _pod(service: str, hears: str | None, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": labels},
            }
        ],
        "containers": [_container(service, hears)],
        "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "128Mi"}}],
    }


def _container(service: str, hears: str | None) -> dict[str, Any]:
    asked, most = MEMORY.get(service, OTHERS)
    sources: list[dict[str, Any]] = [
        {"configMapRef": {"name": "chorale"}},
        {"secretRef": {"name": "chorale"}},
        *({"secretRef": {"name": name}} for name in SECRETS.get(service, ())),
    ]
    own = [{"name": "CHORALE_HEARS", "value": hears}] if hears else []
    return {
        "name": service,
        "image": "chorale",
        "command": ["python", "-m", f"services.{service}.main"],
        "ports": [{"name": "http", "containerPort": PORT}],
        "envFrom": sources,
        **({"env": own} if own else {}),
        "startupProbe": _probe("/healthz", 5, 60),
        "livenessProbe": _probe("/healthz", 10, 3),
        "readinessProbe": _probe("/readyz", 5, 2),
        "resources": {
            "requests": {"cpu": "250m", "memory": asked},
            "limits": {"memory": most},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }


def _probe(path: str, seconds: int, times: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": seconds,
        "timeoutSeconds": 4,
        "failureThreshold": times,
    }


def _address(service: str) -> dict[str, Any]:
    selector = {"app.kubernetes.io/name": service}
    if service in KINDS:
        selector["chorale/hears"] = KINDS[service][0]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": service},
        "spec": {"selector": selector, "ports": [{"port": PORT, "targetPort": "http"}]},
    }
