"""Owns people, memberships, technical clients, their secrets and the key that signs tokens.
Listens to StructureChanged, StructureOpened and StructureReplaced: who may act for whom follows.
Tells ActivationRequested, RecoveryRequested, AddressChangeRequested, SecurityChanged,
ContactsChanged, MembershipChanged and StructureClaimed.
"""
