"""The stack on one machine, with real servers."""
