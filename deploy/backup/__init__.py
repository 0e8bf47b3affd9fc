"""The whole platform in a folder and back: databases at one instant, and what was on its way."""
