"""The script modules: each file declares and implements one of them."""
