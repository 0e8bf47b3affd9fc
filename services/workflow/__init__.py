"""workflow owns the invoice, its life and journal, and requests; nobody else writes a status.

Listens: InvoiceRead, DocumentFetched, DocumentPickedUp, StructureChanged,
ConnectorOpened, ConnectorClosed.
Tells: InvoiceOpened, InvoiceReaddressed, InvoiceRefused, StatusChanged, ActionAwaited, PartyMet,
RequestChanged and public status events.
"""
