"""A project with one dependency."""
