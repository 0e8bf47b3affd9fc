"""Owns deposits and their reports: any file becomes a readable invoice, or a clear refusal.

Listens to its own DepositReceived, to StructureChanged of structures, and of workflow to
InvoiceOpened, InvoiceReaddressed and InvoiceRefused.
Tells DepositReceived, InvoiceRead and DepositRefused.
"""
