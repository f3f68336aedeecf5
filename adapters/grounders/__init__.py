"""Grounders, which make mask tracks of boxes: one module per way."""
