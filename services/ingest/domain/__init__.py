"""What ingest decides: what is wrong with an invoice, what a confirmed page says, how a deposit stands."""
