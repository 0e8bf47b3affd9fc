"""Alarms and the dashboard name metrics that exist."""

import re
from collections.abc import Iterator

import pytest
import yaml
from prometheus_client import REGISTRY

from deploy.local.place import ROOT
from deploy.local.stack import SERVICES
from docs.dashboard import PANELS
from shared import metrics

FOLDER = ROOT / "deploy/monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
OTHERS = {
    "rabbitmq_queue_messages_ready",
    "rabbitmq_queue_consumers",
    "up",
}
"""Of RabbitMQ's own plug-in (per object) and of Prometheus."""
NAME = re.compile(r"\b(?:chorale|rabbitmq)_[a-z_]+\b|\bup\b")


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (query for _, _, several in PANELS for query, _ in several)


def ours() -> set[str]:
    assert metrics.text()
    kinds = ("", "_total", "_bucket", "_sum", "_count")
    return {metric.name + kind for metric in REGISTRY.collect() for kind in kinds}


@pytest.mark.parametrize("query", list(queries()))
def test_a_query_names_metrics_that_are_served(query: str) -> None:
    names = set(NAME.findall(query))
    assert names
    assert names <= ours() | OTHERS


def test_every_alarm_says_what_to_do() -> None:
    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["todo"]


def test_every_service_is_watched() -> None:
    (chorale, _) = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    assert set(chorale["dns_sd_configs"][0]["names"]) == {service.name for service in SERVICES}
