"""Compiles the extension module `digest._digest`. Poetry runs this script when it builds the wheel."""

from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

extension = Extension("digest._digest", ["src/digest/_digest.c"], libraries=["sodium"])
command = build_ext(Distribution({"package_dir": {"": "src"}, "ext_modules": [extension]}))
command.inplace = True  # where `include` in pyproject.toml finds it
command.ensure_finalized()
command.run()
