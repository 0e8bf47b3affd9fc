"""The words of the Chorus Pro API, field by field: what clients send and what they are answered.

Names and shapes are the contract's own (dossier, Appendix A and §1.6 to §1.8), artefacts of its
generator included. Clients send nulls, empty texts and fields of their own: all of it is taken.
"""
