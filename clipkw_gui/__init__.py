"""The window: knows everything about windows and nothing about tensors."""
