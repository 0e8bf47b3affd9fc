"""Owns people, technical clients, their secrets and the key that signs tokens.
Listens to StructureChanged, to know which structures are public bodies.
Tells ActivationRequested and ContactsChanged.
"""
