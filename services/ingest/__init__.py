"""Owns deposits and their reports: any file becomes a readable invoice, or a clear refusal.

Owns drafts too: what people type becomes a file, and so a deposit.

Listens to its own DepositReceived and ScanFound, to FileHandedIn and DocumentWanted of
notifications, to StructureChanged of structures, and of workflow to InvoiceOpened,
InvoiceReaddressed and InvoiceRefused.
Tells DepositReceived, ScanFound, InvoiceRead, DepositRefused, DepositSettled, DocumentFetched,
DocumentMade and DraftExpiring.
"""
