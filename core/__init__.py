"""Images, keywords and models: everything ClipKW knows, without a window."""
