"""The models that are asked, one module or package each."""
