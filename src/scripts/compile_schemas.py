"""Compiles the schemas of poetry-core to Python.

    python3 -I compile_schemas.py TOOLS

TOOLS is the directory with poetry-core. It would compile them anew for each wheel, which takes longer than a small wheel.
"""

import json
import os
import sys


def main(tools):
    sys.path.insert(0, tools)
    import poetry.core  # Its packages can be imported from now on.
    from fastjsonschema import compile_to_code

    directory = os.path.join(poetry.core.__path__[0], "json", "schemas")
    compiled = os.path.join(tools, "compiled_schemas")
    os.mkdir(compiled)
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            code = compile_to_code(json.load(file))
        module = os.path.splitext(name)[0].replace("-", "_")
        with open(os.path.join(compiled, f"{module}.py"), "w", encoding="utf-8") as file:
            file.write(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
