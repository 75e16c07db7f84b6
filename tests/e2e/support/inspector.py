"""A build backend (PEP 517) that puts into its wheel what the step that builds it sees."""

import json
import os
import resource
import zipfile


def read(path):
    with open(path) as file:
        return file.read()


def seen():
    memory = os.statvfs("/dev/shm")
    return {
        "hostname": os.uname().nodename,
        "hosts": read("/etc/hosts"),
        "interfaces": sorted(os.listdir("/sys/class/net")),
        "files": list(resource.getrlimit(resource.RLIMIT_NOFILE)),
        "shared_memory": memory.f_frsize * memory.f_blocks,
        "cgroup": read("/proc/self/cgroup") + read("/proc/self/mountinfo"),
        "environment": dict(os.environ),
    }


def build_wheel(directory, config_settings=None, metadata_directory=None):
    report = json.dumps(seen())
    info = "inspector-1.0.dist-info"
    files = {
        "inspector.py": f"REPORT = {report!r}\ndef main():\n    print(REPORT)\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: inspector\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\ninspector = inspector:main\n",
        f"{info}/RECORD": "",
    }
    name = "inspector-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
