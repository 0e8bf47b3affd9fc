"""Owns the numbers under which Chorus Pro clients know our invoices, structures, flows and files.

Everything else is translated: each call is one of the native APIs, with the rights of the technical
account that was shown. Listens to nothing. Tells nothing.
"""
