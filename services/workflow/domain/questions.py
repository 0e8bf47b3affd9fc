"""The questions that the routing rules ask about an invoice on its way: each is true of a fault."""

from services.workflow.domain.case import RESERVED, Case, has_form, is_open
from services.workflow.domain.parties import Member
from shared.contracts.workflow import Role


def buyer_is_missing(case: Case) -> bool:
    """The invoice does not say to whom it goes."""
    return case.parties.buyer is None


def buyer_is_unknown(case: Case) -> bool:
    """The directory has no such structure."""
    return case.live and case.parties.buyer is not None and case.body is None


def buyer_is_private(case: Case) -> bool:
    """The structure is no public body."""
    return case.live and case.body is not None and not case.body.public


def buyer_is_closed(case: Case) -> bool:
    """The structure receives nothing any more."""
    return case.body is not None and not case.body.active


def department_is_missing(case: Case) -> bool:
    """The body wants a department code."""
    return case.body is not None and case.body.requirements.department_required and not case.code


def department_is_reserved(case: Case) -> bool:
    """The code is the one for public sellers, and the seller is none."""
    issuer = case.parties.issuer
    return case.code == RESERVED and not (issuer and issuer.structure.public)


def department_is_unknown(case: Case) -> bool:
    """The body has no such department."""
    return bool(
        case.body
        and case.body.departments
        and case.code
        and case.code != RESERVED
        and case.department is None
    )


def department_is_closed(case: Case) -> bool:
    """The department receives nothing on this day."""
    return case.department is not None and not is_open(case.department, case.on)


def order_is_missing(case: Case) -> bool:
    """The body wants an order reference."""
    return case.body is not None and case.body.requirements.order_required and not case.order


def order_is_missing_for_department(case: Case) -> bool:
    """The department wants an order reference."""
    return (
        case.department is not None
        and case.department.order_required
        and not case.order
        and not order_is_missing(case)
    )


def department_or_order_is_missing(case: Case) -> bool:
    """The body wants one of both."""
    return (
        case.body is not None
        and case.body.requirements.department_or_order_required
        and not case.code
        and not case.order
    )


def order_is_malformed(case: Case) -> bool:
    """The order reference has not the form that the body gave."""
    pattern = case.body and case.body.requirements.order_pattern
    return bool(pattern and case.order and not has_form(pattern, case.order))


def seller_is_missing(case: Case) -> bool:
    """The invoice does not say from whom it comes."""
    return case.parties.seller is None


def seller_is_foreign(case: Case) -> bool:
    """The depositor may not issue for this seller."""
    return (
        case.live
        and case.frame.by == "seller"
        and case.parties.seller is not None
        and case.parties.seller_key not in case.issues_for
    )


def seller_is_buyer(case: Case) -> bool:
    """Both have one SIRET, mostly the seller's own; a VAT number may be that of a group."""
    seller = case.parties.seller
    return seller is not None and seller.kind == "siret" and seller == case.parties.buyer


def seller_is_closed(case: Case) -> bool:
    """The seller's structure is closed in the directory."""
    issuer = case.parties.issuer
    return issuer is not None and not issuer.structure.active


def validator_is_missing(case: Case) -> bool:
    """The frame wants the visa of a validator, and none is named."""
    return case.frame.validated and case.parties.member("validator") is None


def validator_is_unknown(case: Case) -> bool:
    """The directory has no such validator."""
    return _is_unknown(case, "validator")


def validator_is_closed(case: Case) -> bool:
    """The validator's structure is closed in the directory."""
    return _is_closed(case.parties.member("validator"))


def validator_is_seller(case: Case) -> bool:
    """The seller would give the visa to itself."""
    member = case.parties.member("validator")
    return member is not None and member.identity == case.parties.seller


def project_manager_is_unknown(case: Case) -> bool:
    """The directory has no such project manager."""
    return _is_unknown(case, "project_manager")


def project_manager_is_closed(case: Case) -> bool:
    """The project manager's structure is closed in the directory."""
    return _is_closed(case.parties.member("project_manager"))


def project_owner_is_unknown(case: Case) -> bool:
    """The directory has no such project owner."""
    return _is_unknown(case, "project_owner")


def depositor_is_foreign(case: Case) -> bool:
    """The frame is for the project manager or the project owner, and the depositor is neither."""
    match case.frame.by:
        case "project_manager":
            key = case.parties.key_of("project_manager")
        case "project_owner":
            key = case.parties.key_of("project_owner") or case.parties.buyer_key
        case _:
            return False
    return case.live and bool(key) and key not in case.issues_for


def credit_note_is_alone(case: Case) -> bool:
    """A credit note does not say which invoice it corrects."""
    return case.header.is_credit_note and not case.header.preceding_invoice


def credited_invoice_is_unknown(case: Case) -> bool:
    """No invoice of this seller has the number that the credit note refers to."""
    return case.header.is_credit_note and case.preceding == "unknown"


def piece_is_unknown(case: Case) -> bool:
    """A works piece follows a piece that is not here, or that it may not follow."""
    return case.frame.works and case.preceding == "unknown"


def paid_invoice_is_due(case: Case) -> bool:
    """The frame says that it was paid already, and there is something left to pay."""
    return case.frame.code == "A2" and bool(case.header.totals.due)


def _is_unknown(case: Case, role: Role) -> bool:
    member = case.parties.member(role)
    return case.live and member is not None and member.known is None


def _is_closed(member: Member | None) -> bool:
    return member is not None and member.known is not None and not member.known.structure.active
