"""The text of our languages: grammars in Lark, and the loader that keeps their parse tables."""
