"""Hyper-parameter search: spaces, the optimiser's loop, when to stop."""
