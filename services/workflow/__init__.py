"""workflow owns the invoice, its life and journal, and requests; nobody else writes a status.

Listens: InvoiceRead, StatusesReported, DocumentFetched, DocumentPickedUp, StructureChanged,
ConnectorOpened, ConnectorClosed.
Tells: InvoiceOpened, InvoiceReaddressed, InvoiceRefused, StatusChanged, StatusesTaken,
ActionAwaited, PartyMet, RequestChanged and public status events.
"""
