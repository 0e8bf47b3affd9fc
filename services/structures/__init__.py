"""Owns the directory: structures, their departments, what each requires of an invoice.
Listens to PartyMet, to make in a sandbox whom an invoice names.
Tells StructureChanged.
"""
