"""Keyword tables in: CSV, TSV and XLSX, however they were written."""
