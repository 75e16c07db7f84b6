"""Measures what a push uploads."""

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
        manifest = self._manifest()
        new = {
            blob["digest"]: blob["size"]
            for blob in (manifest["config"], *manifest["layers"])
            if blob["digest"] not in self._there
        }
        self._there.update(new)
        return sum(new.values())

    def push_as_well(self, image: str) -> None:
        """Pushes another image, so that its layers no longer count."""
        docker("tag", image, self.image)
        self.push()

    def _manifest(self) -> dict[str, Any]:
        url = f"http://{self._registry}/v2/{self._name}/manifests/latest"
        request = urllib.request.Request(url, headers={"Accept": ", ".join(_TYPES)})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                manifest: dict[str, Any] = json.load(response)
        except OSError as error:
            raise Failure(f"cannot read the manifest of {self._name}: {error}") from error
        return manifest
