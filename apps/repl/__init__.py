"""The interactive prompt: try routes of a script, hold them in the middle, go back, save what was typed as a test."""
