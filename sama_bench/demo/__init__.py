"""The demo benchmark: nine short scenes that the program draws itself, with dialogues that are true of them."""
