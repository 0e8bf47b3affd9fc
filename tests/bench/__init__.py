"""Figures over time: each prints JSON lines, and a ratio against a bare twin measured in the same
run.
"""
