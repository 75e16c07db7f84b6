"""Runs Poetry, which then takes from an index's pages only the files that the lock names.

    /opt/poetry/bin/python locked_files.py ARGUMENT...

A page lists the files of every release, thousands for some projects, and Poetry looks into each before it takes one. For
a lock of a hundred packages that takes longer than to install them.

A page that does not name all the files of a lock in the usual way is read as always, and so are all pages of a Poetry
that is not built as expected (`poetry/repositories/legacy_repository.py`, `link_sources/html.py`, `link_sources/json.py`).
"""

import copy
import functools
import sys
import threading

# The files of the package that this thread looks for.
wanted = threading.local()


def only_wanted_html(content):
    """The page up to its first link, and the links to the files that are wanted."""
    kept = [content[: content.index("<a")]]
    for file in sorted(wanted.files):
        end = f">{file}</a>"
        before, found, _ = content.partition(end)
        # The text of a link is the file's name (PEP 503), so that it is the only one.
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
    """Makes pages of that class take less of what they are made of."""
    init = page.__init__

    @functools.wraps(init)
    def narrowed(self, url, content):
        if getattr(wanted, "files", None):
            try:
                content = only_wanted(content)
            except (ValueError, LookupError, TypeError):
                pass  # All of it, then.
        init(self, url, content)

    page.__init__ = narrowed


def narrow_all():
    from poetry.repositories.legacy_repository import LegacyRepository
    from poetry.repositories.link_sources.html import HTMLPage
    from poetry.repositories.link_sources.json import SimpleJsonPage

    find = LegacyRepository.find_links_for_package

    def find_links_for_package(self, package):
        # What builds a package may need other releases, so the page is not kept.
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
        pass  # Another Poetry than is known: it is as fast as it is.

    from poetry.console.application import main

    sys.exit(main())
