"""The door: what a person can do, for the window and the terminal alike."""
