"""Reports to read and to calculate with: HTML pages with plots, and CSV tables."""
