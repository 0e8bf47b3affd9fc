"""workflow owns the invoice and its life, and requests for help; nobody else writes a status.

Listens: InvoiceRead, StructureChanged, ConnectorOpened.
Tells: InvoiceOpened, InvoiceReaddressed, InvoiceRefused, StatusChanged, ActionAwaited, PartyMet,
RequestChanged and public status events.
"""
