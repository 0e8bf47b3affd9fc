"""Owns nothing: pages over the public APIs, with the visitor's own token.
Listens to nothing.
Tells nothing.
"""
