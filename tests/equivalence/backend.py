"""A build backend that needs nothing but `buildhelper`, whose version it writes into the wheel."""

import base64
import hashlib
import zipfile
from importlib.metadata import version
from pathlib import Path

STEM = "@STEM@"
VERSION = "@VERSION@"
METADATA = """@METADATA@"""
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    info = f"{STEM}-{VERSION}.dist-info"
    files = {
        f"{STEM}/__init__.py": f'BUILT_WITH = "buildhelper {version("buildhelper")}"\n',
        f"{info}/METADATA": METADATA,
        f"{info}/WHEEL": WHEEL,
    }
    record = ""
    for path, text in files.items():
        digest = (
            base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        )
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    name = f"{STEM}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(zipfile.ZipInfo(path), text)
    return name
