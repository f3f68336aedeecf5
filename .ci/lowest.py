"""Prints the lowest version of each dependency that setup.cfg admits, as pip takes them: name==version."""

import configparser
from pathlib import Path

config = configparser.ConfigParser()
config.read(Path(__file__).parents[1] / "setup.cfg", encoding="utf-8")
for line in config["options"]["install_requires"].split("\n"):
    name, _, bound = line.partition(">=")
    if name.strip() and not line.startswith("#"):
        if not bound.strip().replace(".", "").isdigit():
            raise SystemExit(f"setup.cfg: {line}: expected a lower bound alone, as in numpy >= 1.24")
        print(f"{name.strip()}=={bound.strip()}")
