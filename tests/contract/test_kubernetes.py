"""The manifests: whole, careful, and told what every service must be told."""

from pathlib import Path
from typing import Any

import yaml

from deploy.dead_letters import queues
from deploy.local.place import ROOT
from deploy.local.stack import INGEST, SERVICES
from docs.house import declared
from services.ingest.handlers import WAITING

FOLDER = ROOT / "deploy/kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())


def documents() -> list[dict[str, Any]]:
    return [
        document
        for name in KUSTOMIZATION["resources"]
        for document in yaml.safe_load_all((FOLDER / name).read_text())
    ]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {d["metadata"]["name"]: d for d in documents() if d["kind"] == kind}


def variables(path: Path) -> set[str]:
    return {line.partition("=")[0] for line in path.read_text().splitlines()}


def _example(name: str) -> Path:
    return FOLDER / name.replace(".env", ".example.env")


def env_files() -> dict[str, str]:
    made = KUSTOMIZATION["configMapGenerator"] + KUSTOMIZATION["secretGenerator"]
    return {one["name"]: one["envs"][0] for one in made if "envs" in one}


def test_every_service_runs_and_ingest_reads_texts_archives_and_scans_apart() -> None:
    running = set(of_kind("Deployment"))
    others = {service.name for service in SERVICES} - {INGEST}
    assert running == others | {"ingest-texts", "ingest-archives", "ingest-scans", "origin"}
    assert set(of_kind("Service")) == {service.name for service in SERVICES} | {"origin"}


def test_every_file_that_is_named_is_there_or_has_an_example() -> None:
    for generated in KUSTOMIZATION["configMapGenerator"]:
        for name in generated.get("files", ()):
            assert (FOLDER / name).exists(), name
    for name in env_files().values():
        assert (FOLDER / name).exists() or _example(name).exists(), name


def test_every_service_is_told_what_it_must_know() -> None:
    told = {
        name: variables(example if (example := _example(file)).exists() else FOLDER / file)
        for name, file in env_files().items()
    }
    for service in SERVICES:
        name = "ingest-texts" if service.name == INGEST else service.name
        (container,) = of_kind("Deployment")[name]["spec"]["template"]["spec"]["containers"]
        known = {variable["name"] for variable in container.get("env", ())}
        for source in container["envFrom"]:
            known |= told[next(iter(source.values()))["name"]]
        settings = next(s for s in declared() if s.name == service.name).settings.model_fields
        needed = {f"CHORALE_{field.upper()}" for field, of in settings.items() if of.is_required()}
        assert needed <= known, service.name


def test_nothing_runs_as_root_or_without_a_limit_of_memory() -> None:
    for name, deployment in of_kind("Deployment").items():
        pod = deployment["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            assert container["resources"]["limits"]["memory"], name
            assert container["securityContext"]["readOnlyRootFilesystem"], name
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert "readinessProbe" in container, name


def test_what_grows_with_its_queue_names_a_queue_and_a_deployment_that_exist() -> None:
    scaled = of_kind("ScaledObject")
    triggers = [one for each in scaled.values() for one in each["spec"]["triggers"]]
    assert set(WAITING) <= {trigger["metadata"]["queueName"] for trigger in triggers}
    for name, one in scaled.items():
        spec = one["spec"]
        assert spec["scaleTargetRef"]["name"] in of_kind("Deployment"), name
        assert spec["minReplicaCount"] >= 1, name
        for trigger in spec["triggers"]:
            assert trigger["metadata"]["queueName"] in queues(), name
            assert trigger["authenticationRef"]["name"] in of_kind("TriggerAuthentication"), name
