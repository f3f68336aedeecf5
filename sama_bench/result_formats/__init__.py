"""A run's numbers in the forms that others collect: Hugging Face's `.eval_results`, Every Eval Ever's JSON."""
