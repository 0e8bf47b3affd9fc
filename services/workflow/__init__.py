"""workflow owns the invoice and its life; nobody else writes a status.

Listens: InvoiceRead, StructureChanged, ConnectorOpened.
Tells: InvoiceOpened, InvoiceReaddressed, InvoiceRefused, StatusChanged, ActionAwaited, PartyMet,
and public status events.
"""
