"""Untrusted bytes to pixels: what lies in a folder, safe decoding, thumbnails."""
