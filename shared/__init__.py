"""The kernel: small, boring, and ignorant of every service.

What enters is needed by two services or more and has nothing to do with invoices; promises that
services make to each other live in `shared.contracts`.
"""
