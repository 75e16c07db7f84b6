//! System packages: the lists of `apt-get install` and `apk add`, and what each is for.

/// Packages that only compile, download or unpack.
const TOOLS: [&str; 27] = [
    "autoconf",
    "automake",
    "bison",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "dpkg-dev",
    "flex",
    "g++",
    "gcc",
    "gfortran",
    "git",
    "libtool",
    "llvm",
    "make",
    "musl-dev",
    "ninja-build",
    "patch",
    "pkg-config",
    "pkgconf",
    "pipx",
    "python3-dev",
    "python3-pip",
    "python3-venv",
    "rustc",
    "swig",
];
/// Packages that Dockerfiles install for installing something else.
const DOWNLOADERS: [&str; 7] = [
    "apt-transport-https",
    "curl",
    "gnupg",
    "gnupg2",
    "lsb-release",
    "software-properties-common",
    "wget",
];
/// Debian packages with the headers of libraries, and the libraries, whose names are the same in all releases; empty for those
/// that every image of Python has.
const LIBRARIES: [(&str, &str); 16] = [
    ("default-libmysqlclient-dev", "libmariadb3"),
    ("freetds-dev", "libsybdb5"),
    ("libcairo2-dev", "libcairo2"),
    ("libffi-dev", "libffi8"),
    ("libfreetype6-dev", "libfreetype6"),
    ("libjpeg-dev", "libjpeg62-turbo"),
    ("libmariadb-dev", "libmariadb3"),
    ("libpango1.0-dev", "libpango-1.0-0"),
    ("libpq-dev", "libpq5"),
    ("libsasl2-dev", "libsasl2-2"),
    ("libsodium-dev", "libsodium23"),
    ("libsqlite3-dev", "libsqlite3-0"),
    ("libssl-dev", ""),
    ("libxml2-dev", "libxml2"),
    ("libxslt1-dev", "libxslt1.1"),
    ("zlib1g-dev", ""),
];
/// Packages of Alpine with those of Debian; empty for those that Debian's images have, or that nobody needs there.
const ALPINE: [(&str, &str); 29] = [
    ("bash", ""),
    ("build-base", "build-essential"),
    ("ca-certificates", "ca-certificates"),
    ("cargo", "cargo"),
    ("curl", "curl"),
    ("dumb-init", "dumb-init"),
    ("ffmpeg", "ffmpeg"),
    ("freetype-dev", "libfreetype6-dev"),
    ("g++", "g++"),
    ("gcc", "gcc"),
    ("gettext", "gettext"),
    ("git", "git"),
    ("jpeg-dev", "libjpeg-dev"),
    ("libc-dev", "libc6-dev"),
    ("libffi-dev", "libffi-dev"),
    ("libpq", "libpq5"),
    ("libxml2-dev", "libxml2-dev"),
    ("libxslt-dev", "libxslt1-dev"),
    ("linux-headers", "linux-libc-dev"),
    ("make", "make"),
    ("mariadb-dev", "libmariadb-dev"),
    ("musl-dev", "libc6-dev"),
    ("openssl-dev", "libssl-dev"),
    ("postgresql-dev", "libpq-dev"),
    ("postgresql-libs", "libpq5"),
    ("python3-dev", ""),
    ("rust", "rustc"),
    ("tini", "tini"),
    ("tzdata", "tzdata"),
];

/// What a package manager does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Install(Vec<String>),
    /// Removes packages that were installed to build something.
    Remove(Vec<String>),
    /// Installs updates.
    Upgrade,
    /// Lists, caches and settings, which the frontend takes care of.
    Nothing,
}

/// Options of apt with a separate value.
const WITH_VALUE: [&str; 5] = ["-o", "--option", "-t", "--target-release", "-c"];

/// What a command of apt does; `None` for other commands.
pub(super) fn apt(words: &[&str]) -> Option<Action> {
    let (program, rest) = words.split_first()?;
    if !["apt-get", "apt", "aptitude"].contains(program) {
        return None;
    }
    let mut plain = Vec::new();
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        if WITH_VALUE.contains(word) {
            rest.next();
        } else if !word.starts_with('-') {
            plain.push((*word).to_owned());
        }
    }
    let mut plain = plain.into_iter();
    Some(match plain.next().as_deref() {
        Some("install") => Action::Install(plain.collect()),
        Some("remove" | "purge") => Action::Remove(plain.collect()),
        Some("upgrade" | "dist-upgrade" | "full-upgrade") => Action::Upgrade,
        _ => Action::Nothing,
    })
}

/// What a command of apk does, in packages of Debian, and the packages that are not known there.
pub(super) fn apk(words: &[&str]) -> Option<(Action, Vec<String>)> {
    let rest = words.strip_prefix(&["apk"])?;
    let mut plain = Vec::new();
    let mut options = rest.iter();
    while let Some(word) = options.next() {
        if matches!(*word, "-t" | "--virtual" | "-X" | "--repository") {
            options.next();
        } else if !word.starts_with('-') {
            plain.push(*word);
        }
    }
    let mut plain = plain.into_iter();
    if plain.next() != Some("add") {
        return Some((Action::Nothing, Vec::new()));
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for name in plain {
        let name = name
            .split(['=', '<', '>', '~', '@'])
            .next()
            .unwrap_or_default();
        match ALPINE.iter().find(|(alpine, _)| *alpine == name) {
            Some((_, "")) => {}
            Some((_, debian)) => known.push((*debian).to_owned()),
            None => unknown.push(name.to_owned()),
        }
    }
    Some((Action::Install(known), unknown))
}

/// The name without a version.
pub(super) fn name(package: &str) -> &str {
    package.split('=').next().unwrap_or_default()
}

/// Whether the package is only good for building.
pub(super) fn is_for_building(package: &str) -> bool {
    let name = name(package);
    TOOLS.contains(&name) || name.ends_with("-dev")
}

/// Whether the package may be there only to install something else.
pub(super) fn is_downloader(package: &str) -> bool {
    DOWNLOADERS.contains(&name(package))
}

/// The library whose headers a package has; `Some("")` if the image has it anyway.
pub(super) fn library(package: &str) -> Option<&'static str> {
    let name = name(package);
    let known = LIBRARIES.iter().find(|(headers, _)| *headers == name);
    known.map(|(_, library)| *library)
}

/// Whether Debian's own image of Python has it.
pub(super) fn is_part_of_python(package: &str) -> bool {
    let name = name(package);
    [
        "python3",
        "python3-pip",
        "python3-venv",
        "python3-dev",
        "pipx",
        "python3-setuptools",
    ]
    .contains(&name)
}
