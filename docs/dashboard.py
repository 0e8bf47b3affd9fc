"""The Grafana dashboard, printed from a table: a row is a panel."""

from typing import Any

PANELS = (
    # title, unit, queries with their legends
    ("Dépôts", "ops", (("sum(rate(chorale_deposits_total[5m])) by (result)", "{{result}}"),)),
    (
        "Messages traités",
        "ops",
        (("sum(rate(chorale_messages_total[5m])) by (handler)", "{{handler}}"),),
    ),
    (
        "Mis au rebut",
        "short",
        (('sum(increase(chorale_messages_total{result="dead"}[1h])) by (handler)', "{{handler}}"),),
    ),
    ("Files", "short", (('rabbitmq_queue_messages_ready{vhost="/"} > 0', "{{queue}}"),)),
    ("Faits enregistrés, non publiés", "short", (("chorale_outbox_waiting", "{{instance}}"),)),
    (
        "Lecture d'un document, p99",
        "s",
        (
            (
                "histogram_quantile(0.99,"
                " sum(rate(chorale_read_seconds_bucket[5m])) by (le, format))",
                "{{format}}",
            ),
        ),
    ),
    (
        "Requêtes, p50 et p99",
        "s",
        tuple(
            (
                f"histogram_quantile({q}, sum(rate(chorale_request_seconds_bucket[5m])) by (le))",
                f"p{q * 100:.0f}",
            )
            for q in (0.5, 0.99)
        ),
    ),
    (
        "Requêtes en échec",
        "ops",
        (
            (
                'sum(rate(chorale_request_seconds_count{status=~"5.."}[5m])) by (route)',
                "{{route}}",
            ),
        ),
    ),
    (
        "Transactions, p99",
        "s",
        (
            (
                "histogram_quantile(0.99, sum(rate(chorale_commit_seconds_bucket[5m])) by (le))",
                "p99",
            ),
        ),
    ),
    (
        "Changements par transaction",
        "short",
        (
            (
                "sum(rate(chorale_batch_size_sum[5m])) / sum(rate(chorale_batch_size_count[5m]))",
                "moyenne",
            ),
        ),
    ),
)
WIDTH, HEIGHT, ACROSS = 12, 8, 2


def dashboard() -> dict[str, Any]:
    """The document that Grafana imports."""
    return {
        "title": "Chorale",
        "uid": "chorale",
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus"}],
        },
        "panels": [_panel(n, *panel) for n, panel in enumerate(PANELS)],
    }


def _panel(n: int, title: str, unit: str, queries: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {
        "id": n + 1,
        "type": "timeseries",
        "title": title,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {
            "x": WIDTH * (n % ACROSS),
            "y": HEIGHT * (n // ACROSS),
            "w": WIDTH,
            "h": HEIGHT,
        },
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(65 + position), "expr": query, "legendFormat": legend}
            for position, (query, legend) in enumerate(queries)
        ],
    }
