"""Owns deposits and their reports: any file becomes a readable invoice, or a clear refusal.

Owns drafts too: what people type becomes a file, and so a deposit.

Listens to its own DepositReceived, PageReceived, ArchiveReceived, BulkReceived, ScanFound and
BulkScanFound, to FileHandedIn and DocumentWanted of notifications, to StructureChanged of
structures, and of workflow to InvoiceOpened, InvoiceReaddressed, InvoiceRefused and StatusesTaken.
Tells the same six, InvoiceRead, StatusesReported, DepositRefused, DepositSettled, DocumentFetched,
DocumentMade and DraftExpiring.
"""
