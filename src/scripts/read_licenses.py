"""Reads what the installed distributions say about their licences.

    python3 -I -S read_licenses.py REPORT ENVIRONMENT...

Each ENVIRONMENT is the directory of one layer. REPORT gets a JSON object for each distribution, sorted: its name and version,
and as far as it has them, the fields License-Expression and License, and the classifiers of licences. Nothing is interpreted.
"""

import glob
import json
import os
import sys
from email.parser import HeaderParser

# More than the name or the expression of any licence takes. Some fields have the whole text of the licence.
LONGEST = 200
MOST_BYTES = 4 << 20
PREFIX = "License :: "


def short(text):
    return " ".join(text.split())[: LONGEST + 1]


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        metadata = HeaderParser().parsestr(file.read(MOST_BYTES))
    classifiers = metadata.get_all("Classifier") or []
    found = {
        "name": short(metadata["Name"] or ""),
        "version": short(metadata["Version"] or ""),
        "expression": short(metadata["License-Expression"] or ""),
        "license": short(metadata["License"] or ""),
        "classifiers": [short(text) for text in classifiers if text.startswith(PREFIX)][:LONGEST],
    }
    return {key: value for key, value in found.items() if value}


def packages(environment):
    """Yields the metadata of the distributions below a directory, with their paths."""
    for directory, names, _ in os.walk(environment):
        if os.path.basename(directory) == "site-packages":
            names.clear()
            yield from glob.glob(os.path.join(glob.escape(directory), "*.dist-info", "METADATA"))


def main(report, *environments):
    found = set()
    for environment in environments:
        for path in packages(environment):
            found.add(json.dumps(read(path), sort_keys=True))
    with open(report, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in sorted(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
