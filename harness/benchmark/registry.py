"""Measures what a push uploads, and what an engine downloads."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

from .docker import docker
from .errors import Failure

_INDEX_TYPES = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
_TYPES = (
    *_INDEX_TYPES,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)


class Repository:
    """A repository that counts each blob once: at the first push that contains it."""

    def __init__(self, registry: str, name: str) -> None:
        self._registry = registry
        self._name = name
        self._there: set[str] = set()

    @property
    def image(self) -> str:
        """The name to build and push images by."""
        return f"{self._registry}/{self._name}"

    def push(self) -> int:
        """Pushes the image, and returns the size of its new layers and config."""
        docker("push", "--quiet", self.image)
        new = {
            blob["digest"]: blob["size"]
            for manifest in self._manifests()
            for blob in (manifest["config"], *manifest["layers"])
            if blob["digest"] not in self._there
        }
        self._there.update(new)
        return sum(new.values())

    def push_as_well(self, image: str) -> int:
        """Pushes another image, so that its layers no longer count, and returns their size."""
        docker("tag", image, self.image)
        return self.push()

    def _manifests(self) -> list[dict[str, Any]]:
        """The manifests of the image; the containerd store pushes an index of them."""
        manifest = self._manifest("latest")
        if "manifests" not in manifest:
            return [manifest]
        return [self._manifest(one["digest"]) for one in manifest["manifests"]]

    def _manifest(self, reference: str) -> dict[str, Any]:
        url = f"http://{self._registry}/v2/{self._name}/manifests/{reference}"
        request = urllib.request.Request(url, headers={"Accept": ", ".join(_TYPES)})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                manifest: dict[str, Any] = json.load(response)
        except OSError as error:
            raise Failure(f"cannot read the manifest of {self._name}: {error}") from error
        return manifest


class Downloads:
    """Bytes that the engine downloads from now on. The registry's access log has those from the registry."""

    _REQUEST = re.compile(r'"GET /v2/\S+ HTTP/[0-9.]+" 20[06] (\d+) ')

    def __init__(self, log: Path) -> None:
        self._log = log
        self._start = log.stat().st_size
        self._received = _received()

    def pulled(self) -> int:
        """The bytes from the registry."""
        with self._log.open("rb") as log:
            log.seek(self._start)
            text = log.read().decode(errors="replace")
        return sum(int(size) for size in self._REQUEST.findall(text))

    def from_elsewhere(self) -> int:
        """The bytes from the network, which come from the package index, since the registry is on this machine."""
        return _received() - self._received


def _received() -> int:
    """The bytes that the interface of the default route has received; 0 without one."""
    for line in Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]:
        interface, destination, *_ = line.split()
        if destination == "00000000":
            counter = Path("/sys/class/net", interface, "statistics/rx_bytes")
            return int(counter.read_text(encoding="ascii"))
    return 0
