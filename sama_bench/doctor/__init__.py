"""Looks at what is installed and which data are there, and says what is missing and what to type next."""
