"""A drawn archive whose truth is known: vehicles in landscapes, keywords with honest noise.

Everything is made by this package from a seed; no photograph and no foreign drawing is used.
"""
