"""Asks an index where it has locked wheels, and downloads none of them.

    python3 -I -S find_wheels.py ADDRESSES WANTED [INDEX]

WANTED is a list in JSON: packages, each with its version and the names of its files by hash. A name is empty if only the index
knows it. ADDRESSES becomes a list of what the index has of them: hash, name and URL. INDEX is the address of a simple index
(PEP 503, PEP 691); without it, it is pip's default one.

INDEX_AUTHORIZATION in the environment is the header that the index asks for. Nobody else gets it.

The exit code says why it failed, as in `explain-failure.sh`.
"""

import gzip
import http.client
import json
import os
import re
import ssl
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

UNREACHABLE, UNAUTHORIZED, NO_PACKAGE = 91, 92, 93
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
WHEEL = re.compile(r"[A-Za-z0-9._+!-]+\.whl")
# As many as a server likes.
AT_ONCE = 8
TRIES = 4
TIMEOUT = 30


class Failed(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def without_credentials(address):
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def add_pip():
    """Makes pip importable: that of this Python, or else the one that it brings for new environments."""
    import ensurepip
    import glob
    import site
    import sysconfig

    own = [sysconfig.get_path("purelib"), *site.getsitepackages()]
    bundled = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
    places = [bundled, sysconfig.get_config_var("WHEEL_PKG_DIR") or "/usr/share/python-wheels"]
    wheels = [wheel for place in places for wheel in sorted(glob.glob(f"{place}/pip-*.whl"))]
    sys.path.extend(own + wheels)


def default_index():
    try:
        add_pip()
        from pip._internal.models.index import PyPI
    except ImportError:
        message = "this Python has no pip, whose default index is the default one"
        raise Failed(1, f"{message}; set `mirror` in `[poetry]`") from None
    return PyPI.simple_url


def certificates():
    """The path of the certificates; `None` for those of this Python."""
    for path in os.environ.get("SSL_CERT_FILE"), SYSTEM_CERTIFICATES:
        if path and os.path.exists(path):
            return path
    try:
        add_pip()
        from pip._vendor import certifi
    except ImportError:
        return None
    path = certifi.where()
    return path if os.path.exists(path) else None


def origin(address):
    """Scheme, host and port."""
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class Authorization(urllib.request.BaseHandler):
    """Sends a header to the index alone, also after a redirection."""

    def __init__(self, index, header):
        self.index = index
        self.header = header

    def http_request(self, request):
        if origin(request.full_url) == origin(self.index):
            request.add_unredirected_header("Authorization", self.header)
        return request

    https_request = http_request


def authorization(index):
    """What sends the header that the index asks for, if there is one."""
    header = os.environ.get("INDEX_AUTHORIZATION")
    if header is None:
        return []
    shown = without_credentials(index)
    if header != header.rstrip("\r\n"):
        message = f"the header for {shown} ends with a newline, which the engine would send as well"
        raise Failed(UNAUTHORIZED, message)
    if not re.fullmatch(r"[\x21-\x7e]+ [\x20-\x7e]+", header):
        message = f"the header for {shown} is not a scheme, a space and credentials"
        raise Failed(UNAUTHORIZED, message)
    return [Authorization(index, header)]


def client(index):
    """Opens addresses of web servers, and nothing else."""
    proxies = urllib.request.getproxies()
    if "all" in proxies:
        proxies = {"http": proxies["all"], "https": proxies["all"], **proxies}
    opener = urllib.request.OpenerDirector()
    context = ssl.create_default_context(cafile=certificates())
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        *authorization(index),
    ):
        opener.add_handler(handler)
    return opener


class Links(HTMLParser):
    """The links of a page, as addresses and names."""

    def __init__(self, address):
        super().__init__()
        self.base = address
        self.links = []

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href")
        if href is None:
            return
        if tag == "base":
            self.base = urljoin(self.base, href.strip())
        elif tag == "a":
            self.links.append(urljoin(self.base, href.strip()))


def from_html(text, address):
    """Each file as its name, its hash or an empty string, and its address."""
    page = Links(address)
    page.feed(text)
    page.close()
    for link in page.links:
        url, fragment = urldefrag(link)
        found = re.search(r"(?:^|&)sha256=([0-9A-Fa-f]{64})(?:&|$)", fragment)
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        yield name, f"sha256:{found[1].lower()}" if found else "", url


def from_json(text, address):
    for file in json.loads(text)["files"]:
        digest = file.get("hashes", {}).get("sha256", "").lower()
        url = urldefrag(urljoin(address, file["url"]))[0]
        yield file["filename"], f"sha256:{digest}" if digest else "", url


def read(opener, address):
    """The files on the page of a package."""
    headers = {"Accept": ACCEPT, "Accept-Encoding": "gzip", "User-Agent": "poetry-frontend"}
    request = urllib.request.Request(address, headers=headers)
    with opener.open(request, timeout=TIMEOUT) as response:
        body = response.read()
        if response.headers.get("Content-Encoding", "").lower() == "gzip":
            body = gzip.decompress(body)
        kind = response.headers.get_content_type()
        address = response.geturl()
    parse = from_json if kind.endswith("json") else from_html
    return list(parse(body.decode("utf-8", "replace"), address))


def page(opener, address, package):
    """The same, or the reason why there is no such page."""
    shown = without_credentials(address)
    for again in range(TRIES):
        if again:
            time.sleep(2**again / 4)
        try:
            return read(opener, address)
        except urllib.error.HTTPError as error:
            failure = Failed(
                1, f"{shown} answers for {package} with HTTP error {error.code} {error.reason}"
            )
            if error.code in (401, 403):
                raise Failed(UNAUTHORIZED, str(failure)) from None
            if error.code in (404, 410):
                raise Failed(NO_PACKAGE, f"the index has no {package}: {failure}") from None
            if error.code < 500 and error.code not in (408, 429):
                raise failure from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error or type(error).__name__
            failure = Failed(UNREACHABLE, f"{shown} cannot be reached for {package}: {reason}")
        except (ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
            raise Failed(1, f"{shown} is not the page of a package: {error!r}") from None
    raise failure


def checked(name, url, index):
    """The address of a wheel, which other people's files contain."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise Failed(1, f"{index} has {name} at an address that is neither http:// nor https://")
    if "@" in parts.netloc:
        raise Failed(1, f"{index} has {name} at an address with credentials")
    if not (url.isascii() and url.isprintable() and " " not in url):
        raise Failed(1, f"{index} has {name} at an address that is no URL")
    return url


def find(opener, index, wanted):
    """What the index has of a package."""
    package, files = wanted["package"], wanted["files"]
    name = re.sub(r"[-_.]+", "-", package).lower()
    found = {}
    names = {name: digest for digest, name in files.items() if name}
    for file, digest, url in page(opener, f"{index}/{name}/", package):
        # Not all indexes know hashes. The engine verifies what it downloads.
        digest = digest or names.get(file, "")
        if digest in files and digest not in found and WHEEL.fullmatch(files[digest] or file):
            url = checked(file, url, without_credentials(index))
            found[digest] = {"hash": digest, "name": files[digest] or file, "url": url}
    if not found:
        locked = ", ".join(sorted(filter(None, files.values()))) or "its wheels"
        shown = without_credentials(index)
        message = (
            f"the index {shown} does not have {package} {wanted['version']} as locked: {locked}"
        )
        raise Failed(NO_PACKAGE, message)
    return [found[digest] for digest in sorted(found)]


def main(output, wanted, index=""):
    with open(wanted, encoding="utf-8") as file:
        wanted = json.load(file)
    try:
        index = (index or default_index()).rstrip("/")
        opener = client(index)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            found = list(threads.map(lambda one: find(opener, index, one), wanted))
    except Failed as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.status)
    wheels = [wheel for package in found for wheel in package]
    with open(output, "w", encoding="utf-8") as file:
        json.dump(wheels, file, indent=1)
    print(f"{without_credentials(index)} has {len(wheels)} of these files")


if __name__ == "__main__":
    main(*sys.argv[1:])
