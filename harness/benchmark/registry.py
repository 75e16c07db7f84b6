"""What a push uploads, as the registry tells."""

import json
import urllib.request
from typing import Any

from .docker import docker
from .errors import Failure

_TYPES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)


class Repository:
    """A repository in which every blob is counted once: the first push that brings it uploads it."""

    def __init__(self, registry: str, name: str) -> None:
        self._registry = registry
        self._name = name
        self._there: set[str] = set()

    @property
    def image(self) -> str:
        """The reference under which images are built and pushed."""
        return f"{self._registry}/{self._name}"

    def push(self) -> int:
        """Pushes the image, and gives the bytes of its layers and its config that were not there yet."""
        docker("push", "--quiet", self.image)
        manifest = self._manifest()
        new = {
            blob["digest"]: blob["size"]
            for blob in (manifest["config"], *manifest["layers"])
            if blob["digest"] not in self._there
        }
        self._there.update(new)
        return sum(new.values())

    def push_as_well(self, image: str) -> None:
        """Pushes another image, whose layers are then there already."""
        docker("tag", image, self.image)
        self.push()

    def _manifest(self) -> dict[str, Any]:
        url = f"http://{self._registry}/v2/{self._name}/manifests/latest"
        request = urllib.request.Request(url, headers={"Accept": ", ".join(_TYPES)})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                manifest: dict[str, Any] = json.load(response)
        except OSError as error:
            raise Failure(f"the registry gave no manifest of {self._name}: {error}") from error
        return manifest
