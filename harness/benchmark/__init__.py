"""Measures rebuilds after the same edits with the frontend, with the Dockerfile of uv's Docker guide and with those of an
article.

`__main__` is the command line, `run` the sequence of measurements on one engine. `approaches`, `projects` and `edits` define
what is measured, and `uv` makes the service a project of uv; `docker` and `registry` build, push and count bytes; `results`
stores the figures of all engines; `targets`, `report` and `chart` evaluate them.
"""
