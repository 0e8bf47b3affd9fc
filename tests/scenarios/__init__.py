"""Whole stories on the whole stack."""
