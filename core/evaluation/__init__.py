"""How good confidences are against the truth."""
