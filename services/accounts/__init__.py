"""Owns people, memberships, technical clients and accounts with their keys, and the signing key.
Listens to StructureChanged, StructureOpened and StructureReplaced: who may act for whom follows.
Tells ActivationRequested, RecoveryRequested, AddressChangeRequested, SecurityChanged,
ContactsChanged, MembershipChanged, StructureClaimed, KeyExpiring and
ProgramRevoked.
"""
