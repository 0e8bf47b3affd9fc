"""notifications owns who is told what, by mail, queue, feed or webhook, and the proof of it.

Listens: ActivationRequested, RecoveryRequested, AddressChangeRequested, SecurityChanged,
ContactsChanged, DepositRefused, DraftExpiring, InvoiceOpened, StatusChanged, WebhookSwitchedOff,
ActionAwaited, MembershipChanged, RequestChanged, BankDetailsChanged, StructureReplaced,
KeyExpiring, ProgramRevoked, AddressBounced, DeliveryDue, DepositSettled, DocumentMade,
EventsUnfetched, InvoicesUnfetched.
Tells: DeliveryDue, ConnectorOpened, ConnectorClosed, EventsUnfetched, InvoicesUnfetched,
WebhookSwitchedOff, FileHandedIn, AddressBounced, DocumentWanted, DocumentPickedUp.
"""
