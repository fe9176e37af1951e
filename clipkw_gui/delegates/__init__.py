"""Paint only: no state, no input and output."""
