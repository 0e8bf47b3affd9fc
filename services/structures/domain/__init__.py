"""Identifiers, names, sheets, patterns, official data and changes of identifier; pure."""
