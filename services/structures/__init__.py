"""Owns the directory: structures, their departments, what each requires of an invoice.
Listens to PartyMet and StructureClaimed, to make whom an invoice or a new account names.
Tells StructureChanged, StructureOpened, StructureReplaced and BankDetailsChanged.
"""
