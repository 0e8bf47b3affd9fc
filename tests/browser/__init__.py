"""Journeys in a real browser on the real stack; every screen is looked at."""
