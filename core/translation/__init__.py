"""Norwegian and English names of keywords, from each other: offline, and online where allowed."""
