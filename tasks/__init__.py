"""The tasks' descriptions: one YAML file each, in lmms-eval's form."""
