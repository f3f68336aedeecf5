"""Adapters against the real code of their models: one recipe per model, which needs a checkout and no weights."""
