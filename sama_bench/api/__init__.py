"""The functions behind `import sama_bench as sb`; the commands parse options, call these, and print."""
