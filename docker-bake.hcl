# The frontend image of a release: `VERSION=1.2.3 docker buildx bake --push`. `docker buildx bake --print` shows it.

variable "IMAGE" {
  default = "org/poetry-frontend"
}

# Of the release, without `v`. Empty for an image that is none.
variable "VERSION" {
  default = ""
}

# The commit that the image is built from.
variable "REVISION" {
  default = ""
}

# 1.2.3 is also 1.2, 1 and latest. 0.x makes no promise, so it is never 0; a pre-release is only itself.
function "tags" {
  params = [version]
  result = compact(concat(
    [version == "" ? "dev" : version],
    [for tag in regexall("^([0-9]+[.][0-9]+)[.][0-9]+$", version) : tag[0]],
    [for tag in regexall("^([1-9][0-9]*)[.][0-9]+[.][0-9]+$", version) : tag[0]],
    [for tag in regexall("^[0-9]+[.][0-9]+[.][0-9]+$", version) : "latest"],
  ))
}

group "default" {
  targets = ["frontend"]
}

target "frontend" {
  context    = "."
  dockerfile = "Dockerfile.frontend"
  platforms  = ["linux/amd64", "linux/arm64"]
  args = {
    REVISION = REVISION
  }
  labels = {
    "org.opencontainers.image.version" = VERSION
  }
  tags   = [for tag in tags(VERSION) : "${IMAGE}:${tag}"]
  attest = ["type=sbom", "type=provenance,mode=max"]
}

# The static binaries of the image: dist/binaries/linux_amd64/poetry-frontend and so on.
target "binaries" {
  inherits = ["frontend"]
  tags     = []
  attest   = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
  output   = ["type=local,dest=dist/binaries,platform-split=true"]
}
