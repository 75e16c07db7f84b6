"""What stops a run."""


class Failure(Exception):
    """A build, a container or a file is not as it should be; the text says which and how."""
