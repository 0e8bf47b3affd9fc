"""The rules of an invoice's life and of its way to the buyer; pure."""
