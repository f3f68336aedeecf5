"""What makes mask tracks of boxes: one module per way."""
