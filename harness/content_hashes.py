"""Prints the content hashes that the Poetry of this Python computes: python content_hashes.py FILE..."""

import json
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from poetry.packages.locker import Locker

hashes = {}
for name in sys.argv[1:]:
    data = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    if version("poetry").startswith("1."):
        data = data.get("tool", {}).get("poetry", {})
    hashes[Path(name).stem] = Locker(Path("poetry.lock"), data)._get_content_hash()
json.dump(hashes, sys.stdout, indent=1, sort_keys=True)
print()
