"""notifications owns who is told what, by mail or by a queue of their own, and the proof of it.

Listens: ActivationRequested, ContactsChanged, DepositRefused, StatusChanged, DeliveryDue.
Tells: DeliveryDue, ConnectorOpened.
"""
