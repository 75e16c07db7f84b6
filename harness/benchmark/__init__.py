"""Rebuilds measured side by side: what an article's Dockerfiles and what the frontend make of the same edits.

`__main__` is the command line and `run` the order of things; `approaches`, `projects` and `edits` say what is measured,
`docker` and `registry` do it, `results` keeps it, and `targets`, `report` and `chart` are what becomes of it.
"""
