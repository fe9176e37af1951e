"""Reusable controls, told what to show by pages."""
