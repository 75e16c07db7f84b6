"""A preprocessor of mdBook: makes links from a page to files outside of `docs/` lead to the repository."""

import json
import posixpath
import re
import sys

LINK = re.compile(r"\]\((\.\./[^)#]*)(#[^)]*)?\)")


def rewritten(text: str, page: str, repository: str) -> str:
    def replace(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), match[1]))
        if path.startswith("docs/"):
            return match[0]
        return f"]({repository}/blob/main/{path}{match[2] or ''})"

    return LINK.sub(replace, text)


def rewrite(items: list, repository: str) -> None:
    """Rewrites all chapters below these items of the book."""
    for item in items:
        # Separators and titles of parts are no chapters.
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            page = chapter["source_path"] or ""
            chapter["content"] = rewritten(chapter["content"], page, repository)
            rewrite(chapter["sub_items"], repository)


def main() -> None:
    if sys.argv[1:2] == ["supports"]:
        return
    context, book = json.load(sys.stdin)
    settings = context["config"]["preprocessor"]["repository-links"]
    rewrite(book["items"], settings["repository"])
    json.dump(book, sys.stdout)


main()
