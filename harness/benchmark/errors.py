"""Errors that end a run."""


class Failure(Exception):
    """A build, a container or a file is not as expected."""
