"""A build backend (PEP 517) whose wheel has one module: the text that `payload.module` returns."""

import base64
import hashlib
import os
import sys
import zipfile

NAME = "@NAME@"
VERSION = "@VERSION@"

sys.path.insert(0, os.getcwd())


def build_wheel(directory, config_settings=None, metadata_directory=None):
    import payload

    info = f"{NAME}-{VERSION}.dist-info"
    files = {
        f"{NAME}/__init__.py": payload.module(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if "def main(" in files[f"{NAME}/__init__.py"]:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{NAME} = {NAME}:main\n"
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{path},sha256={digest.rstrip('=')},{len(text.encode())}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    name = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
