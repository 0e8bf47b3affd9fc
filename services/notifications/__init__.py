"""notifications owns who is told what, by mail or by a queue of their own, and the proof of it.

Listens: ActivationRequested, RecoveryRequested, AddressChangeRequested, SecurityChanged,
ContactsChanged, DepositRefused, StatusChanged, ActionAwaited,
MembershipChanged, BankDetailsChanged, StructureReplaced, DeliveryDue.
Tells: DeliveryDue, ConnectorOpened.
"""
