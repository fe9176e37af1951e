"""What ships besides code: styles, icons, a typeface, the demo encoder."""
