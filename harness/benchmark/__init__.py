"""Measures rebuilds after the same edits with the frontend and with the Dockerfiles of an article.

`__main__` is the command line, `run` the sequence of measurements. `approaches`, `projects` and `edits` define what is
measured; `docker` and `registry` build and push; `results` stores the figures; `targets`, `report` and `chart` evaluate
them.
"""
