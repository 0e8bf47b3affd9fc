"""Owns deposits and their reports: any file becomes a readable invoice, or a clear refusal.

Listens to its own DepositReceived and ScanFound, to StructureChanged of structures, and of workflow
to InvoiceOpened, InvoiceReaddressed and InvoiceRefused.
Tells DepositReceived, ScanFound, InvoiceRead and DepositRefused.
"""
