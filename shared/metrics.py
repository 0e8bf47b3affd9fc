"""Every metric, with its meaning; served at /metrics."""

from prometheus_client import Counter, Gauge, Histogram, generate_latest

MESSAGES = Counter("chorale_messages_total", "Messages handled", ["handler", "result"])
BATCH = Histogram(
    "chorale_batch_size",
    "Changes committed in one transaction",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
COMMIT_SECONDS = Histogram("chorale_commit_seconds", "Time of one transaction")
OUTBOX_PUBLISHED = Counter(
    "chorale_outbox_published_total", "Messages published with confirm", ["way"]
)
OUTBOX_WAITING = Gauge(
    "chorale_outbox_waiting", "Messages saved and not yet confirmed, in this process"
)
REQUESTS = Histogram("chorale_request_seconds", "HTTP requests", ["method", "route", "status"])
DEPOSITS = Counter("chorale_deposits_total", "Deposits by result", ["result"])
READ_SECONDS = Histogram(
    "chorale_read_seconds", "Reading one document, waiting included", ["format"]
)


def text() -> bytes:
    """Everything, as Prometheus reads it."""
    return generate_latest()
