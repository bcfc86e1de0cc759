"""Dialogues with script modules: messages in, messages out."""
