"""Owns deposits and their reports: any file becomes a readable invoice, or a clear refusal.

Owns drafts too: what people type becomes a file, and so a deposit.

Listens to its own DepositReceived and ScanFound, to FileHandedIn of notifications, to
StructureChanged of structures, and of workflow to InvoiceOpened, InvoiceReaddressed,
InvoiceRefused and StatusesTaken.
Tells DepositReceived, ScanFound, InvoiceRead, StatusesReported, DepositRefused, DepositSettled,
DocumentFetched and DraftExpiring.
"""
