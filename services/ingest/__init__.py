"""Owns deposits and their reports: any file becomes a readable invoice, or a clear refusal.

Listens to its own DepositReceived, and to InvoiceOpened and InvoiceRefused of workflow.
Tells DepositReceived, InvoiceRead and DepositRefused.
"""
