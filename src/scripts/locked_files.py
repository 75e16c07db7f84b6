"""Runs Poetry with index pages filtered down to the locked files.

    /opt/poetry/bin/python locked_files.py ARGUMENT...

An index page lists the files of every release of a project, sometimes thousands, and Poetry examines all of them to
choose one. For a lock of a hundred packages, that takes longer than the installation.

A page is not filtered if it does not list all locked files in the usual way, or if this Poetry differs from the known
releases (`poetry/repositories/legacy_repository.py`, `link_sources/html.py`, `link_sources/json.py`).
"""

import copy
import functools
import sys
import threading

# The files of the package that this thread installs.
wanted = threading.local()


def only_wanted_html(content):
    """The page up to its first link, and the links to the wanted files."""
    kept = [content[: content.index("<a")]]
    for file in sorted(wanted.files):
        end = f">{file}</a>"
        before, found, _ = content.partition(end)
        # The text of a link is the file name (PEP 503), so only one link matches.
        start = before.rindex("<a")
        if not found or "href=" not in before[start:]:
            raise ValueError(file)
        kept.append(before[start:] + end)
    return "\n".join(kept)


def only_wanted_json(content):
    files = [file for file in content["files"] if file["filename"] in wanted.files]
    if len(files) != len(wanted.files):
        raise ValueError(files)
    return {**content, "files": files}


def narrow(page, only_wanted):
    """Filters the content of each page of that class."""
    init = page.__init__

    @functools.wraps(init)
    def narrowed(self, url, content):
        if getattr(wanted, "files", None):
            try:
                content = only_wanted(content)
            except (ValueError, LookupError, TypeError):
                pass  # Keep the whole page.
        init(self, url, content)

    page.__init__ = narrowed


def narrow_all():
    from poetry.repositories.legacy_repository import LegacyRepository
    from poetry.repositories.link_sources.html import HTMLPage
    from poetry.repositories.link_sources.json import SimpleJsonPage

    find = LegacyRepository.find_links_for_package

    def find_links_for_package(self, package):
        # Bypass Poetry's cache of pages: building a package may need other releases of this one.
        alone = copy.copy(self)
        alone.get_page = self._get_page
        wanted.files = {file["file"] for file in package.files}
        try:
            return find(alone, package)
        finally:
            wanted.files = None

    LegacyRepository.find_links_for_package = find_links_for_package
    narrow(HTMLPage, only_wanted_html)
    narrow(SimpleJsonPage, only_wanted_json)


if __name__ == "__main__":
    try:
        narrow_all()
    except (ImportError, AttributeError):
        pass  # An unknown Poetry, which works without the filter.

    from poetry.console.application import main

    sys.exit(main())
