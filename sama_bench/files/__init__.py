"""Files: opened safely, read within bounds, checked for their shape, and written whole or not at all."""
