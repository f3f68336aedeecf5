"""The interface of every model (`base`) and one module per model, found by entry points."""
