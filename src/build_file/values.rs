//! Parsers for single values of the file. Each has its own error.

use std::time::Duration;

use super::error::Error;
use super::spec::{AptKey, CaBundle, Owner};
use crate::image::{ImageReference, is_digest};
use crate::paths::{Pattern, clean, has_wildcard, inside};
use crate::project::{has_credentials, split_port};

pub(super) fn user_name(text: String) -> Result<String, Error> {
    if text == "root" {
        return Err(Error::Root("`name` is `root`"));
    }
    let rest = |char: char| {
        char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || char == '_'
    };
    let right = text.len() <= 32
        && text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && text.chars().all(rest);
    if right {
        Ok(text)
    } else {
        Err(Error::UserName(text))
    }
}

pub(super) fn user_id(id: i64) -> Result<u32, Error> {
    if id == 0 {
        return Err(Error::Root("`uid` is 0"));
    }
    group_id(id).map_err(|_| Error::Id("uid", id))
}

/// The group 0 has no rights of its own. `OpenShift` runs containers with it, and with any user id.
pub(super) fn group_id(id: i64) -> Result<u32, Error> {
    u32::try_from(id)
        .ok()
        .filter(|id| *id <= 2_147_483_647)
        .ok_or(Error::Id("gid", id))
}

pub(super) fn mirror(text: &str) -> Result<String, Error> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or(Error::MirrorAddress)?;
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Error::MirrorCredentials);
    }
    if authority.is_empty() || text.contains(|char: char| char.is_whitespace() || char.is_control())
    {
        return Err(Error::MirrorAddress);
    }
    // One spelling per index, so that it has one cache key.
    Ok(format!("{}/", text.trim_end_matches('/')))
}

pub(super) fn absolute_path(text: String) -> Result<String, Error> {
    let plain = |part: &str| !matches!(part, "." | "..");
    if text.contains(char::is_control) {
        return Err(Error::ControlInPath);
    }
    if text.starts_with('/') && text.split('/').all(plain) {
        Ok(clean(&text))
    } else {
        Err(Error::NotAbsolute(text))
    }
}

/// The working directory, which is also the user's home directory.
pub(super) fn working_directory(text: String) -> Result<String, Error> {
    let path = absolute_path(text)?;
    // A field of a line in `/etc/passwd`.
    if path.contains(':') {
        return Err(Error::ColonInHome(path));
    }
    Ok(path)
}

/// The name of a named context, as clients accept it in `--build-context`.
pub(super) fn context_name(name: &str) -> Result<String, Error> {
    match ImageReference::parse(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err(Error::ContextName(name.to_owned())),
    }
}

/// The words of a command.
pub(super) fn command(words: Vec<String>) -> Result<Vec<String>, Error> {
    words.into_iter().map(no_nul).collect()
}

/// A text that a process can receive.
pub(super) fn no_nul(text: String) -> Result<String, Error> {
    if text.contains('\0') {
        Err(Error::Nul)
    } else {
        Ok(text)
    }
}

/// A directory of the step that builds the wheel: absolute, or relative to the project.
pub(super) fn build_directory(text: String) -> Result<String, Error> {
    let path = if text.starts_with('/') {
        absolute_path(text.clone())?
    } else {
        context_path(text.clone())?
    };
    if matches!(path.as_str(), "" | "/" | ".") {
        return Err(Error::WholeCache(text));
    }
    Ok(path)
}

/// A path or pattern in the build context, without leading `./` and trailing `/`; `.` is the whole context.
pub(super) fn context_path(text: String) -> Result<String, Error> {
    if text.contains(char::is_control) {
        return Err(Error::ControlInPath);
    }
    match inside(&text) {
        Some(path) if !text.is_empty() => Ok(path),
        _ => Err(Error::OutsideContext(text)),
    }
}

/// A pattern in the context, as [`context_path`] spells it.
pub(super) fn context_pattern(text: String) -> Result<String, Error> {
    let path = context_path(text)?;
    if Pattern::new(&path).is_well_formed() {
        Ok(path)
    } else {
        Err(Error::MalformedPattern(path))
    }
}

/// What is copied: a pattern if it has a wildcard, and else a path.
pub(super) fn copied(text: String) -> Result<String, Error> {
    if has_wildcard(&text) {
        context_pattern(text)
    } else {
        context_path(text)
    }
}

/// `HOST` or `HOST:PORT`, as in an address.
pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = split_port(text);
    let named = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
    let numbered = |char: char| char.is_ascii_hexdigit() || char == ':';
    let right = match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(address) => !address.is_empty() && address.chars().all(numbered),
        None => {
            host.starts_with(|first: char| first.is_ascii_alphanumeric()) && host.chars().all(named)
        }
    };
    right && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// `TYPE BASE64`. A comment behind it is dropped (sshd(8), on `ssh_known_hosts`).
pub(super) fn host_key(text: &str) -> Result<String, Error> {
    let mut parts = text.split_ascii_whitespace();
    let (kind, key) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let in_kind =
        |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-.@".contains(char);
    let in_key = |char: char| char.is_ascii_alphanumeric() || "+/=".contains(char);
    let known = ["ssh-", "ecdsa-", "sk-"]
        .iter()
        .any(|start| kind.starts_with(start));
    // The data starts with the length of the type's name as a 32-bit number: `AAAA` are its zeros.
    if known && kind.chars().all(in_kind) && key.starts_with("AAAA") && key.chars().all(in_key) {
        Ok(format!("{kind} {key}"))
    } else {
        Err(Error::HostKey)
    }
}

pub(super) fn git_user(text: String) -> Result<String, Error> {
    if text.is_empty() || text.contains(|char: char| char.is_control() || char == ':') {
        return Err(Error::GitUser(text));
    }
    Ok(text)
}

pub(super) fn secret_id(text: String) -> Result<String, Error> {
    if is_secret_id(&text) {
        Ok(text)
    } else {
        Err(Error::SecretId)
    }
}

/// Whether `--secret id=...` can have this id. Anything else may be the secret itself, pasted by mistake.
pub(super) fn is_secret_id(text: &str) -> bool {
    let char = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    !text.is_empty() && text.len() <= 64 && text.chars().all(char)
}

/// `NAME` or `NAME=VERSION` (Debian policy, 5.6.1 and 5.6.12). `*` in a version is apt's wildcard.
pub(super) fn is_package(text: &str) -> bool {
    let (name, version) = match text.split_once('=') {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    let in_name =
        |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "+-.:".contains(char);
    let in_version = |char: char| char.is_ascii_alphanumeric() || ".+-:~*".contains(char);
    name.len() > 1
        && name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && name.chars().all(in_name)
        && version.is_none_or(|version| !version.is_empty() && version.chars().all(in_version))
}

/// A normalized path in the image. A trailing `/` is kept, as it makes the path a directory.
pub(super) fn destination(text: String) -> Result<String, Error> {
    let directory = text.ends_with('/') && text.len() > 1;
    let path = absolute_path(text)?;
    Ok(if directory && path != "/" {
        format!("{path}/")
    } else {
        path
    })
}

/// A directory that can belong to the user or be a volume.
pub(super) fn own_directory(text: String) -> Result<String, Error> {
    const SYSTEM: [&str; 15] = [
        "", "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "root", "sbin",
        "sys", "usr", "home",
    ];
    let path = absolute_path(text)?;
    let top = path.trim_start_matches('/');
    // A container has its own `/proc`, `/sys` and `/dev`.
    let first = top.split('/').next().unwrap_or_default();
    if SYSTEM.contains(&top) || ["proc", "sys", "dev"].contains(&first) {
        return Err(Error::SystemDirectory(path));
    }
    Ok(path)
}

/// A Python requirement as a single argument for pip.
pub(super) fn plugin(text: String) -> Result<String, Error> {
    let starts = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_.[]<>=!~,*+ ".contains(char);
    // A space between two words would join them.
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let joins = words.windows(2).any(|pair| {
        let (left, right) = (pair[0], pair[1]);
        !left.ends_with(|last: char| "<>=!~,[".contains(last))
            && right.starts_with(|first: char| first.is_ascii_alphanumeric())
    });
    if starts && text.chars().all(plain) && !joins {
        Ok(words.concat())
    } else {
        Err(Error::Plugin(text))
    }
}

pub(super) fn ca_bundle(text: String) -> Result<CaBundle, Error> {
    match text.strip_prefix("secret:") {
        Some(id) => secret_id(id.to_owned()).map(CaBundle::Secret),
        None => absolute_path(text).map(CaBundle::Path),
    }
}

pub(super) fn variant(text: String) -> Result<String, Error> {
    let tag = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
    if !text.is_empty() && text.len() <= 100 && text.chars().all(tag) {
        Ok(text)
    } else {
        Err(Error::Variant(text))
    }
}

pub(super) fn image(text: String) -> Result<ImageReference, Error> {
    ImageReference::parse(&text).ok_or(Error::ImageReference(text))
}

/// An image of the build's own tools, which nobody else verifies.
pub(super) fn pinned_image(text: String) -> Result<ImageReference, Error> {
    let image = image(text)?;
    if image.is_pinned() {
        Ok(image)
    } else {
        Err(Error::NotPinned(image.familiar()))
    }
}

pub(super) fn package(text: String) -> Result<String, Error> {
    if is_package(&text) {
        Ok(text)
    } else {
        Err(Error::PackageName(text))
    }
}

/// A name as in signal(7), or a number.
pub(super) fn signal(text: String) -> Result<String, Error> {
    let named = text.strip_prefix("SIG").is_some_and(|name| {
        let char =
            |char: char| char.is_ascii_uppercase() || char.is_ascii_digit() || "+-".contains(char);
        name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(char)
    });
    let numbered = text
        .parse::<u8>()
        .is_ok_and(|number| (1..=64).contains(&number));
    if named || numbered {
        Ok(text)
    } else {
        Err(Error::Signal(text))
    }
}

/// A time such as `1m30s`. Engines reject times below a millisecond, except zero.
pub(super) fn duration(text: &str) -> Result<Duration, Error> {
    let invalid = || Error::Duration(text.to_owned());
    let duration = humantime::parse_duration(text).map_err(|_| invalid())?;
    if duration.is_zero()
        || duration >= Duration::from_millis(1) && u64::try_from(duration.as_nanos()).is_ok()
    {
        Ok(duration)
    } else {
        Err(invalid())
    }
}

pub(super) fn retries(count: i64) -> Result<u32, Error> {
    u32::try_from(count)
        .ok()
        .filter(|count| (1..=1000).contains(count))
        .ok_or(Error::Retries(count))
}

/// Octal digits, as for chmod(1).
pub(super) fn mode(text: String) -> Result<u32, Error> {
    let right = (3..=4).contains(&text.len());
    match u32::from_str_radix(&text, 8) {
        Ok(mode) if right => Ok(mode),
        _ => Err(Error::Mode(text)),
    }
}

pub(super) fn owner(text: String) -> Result<Owner, Error> {
    if text == "user" {
        return Ok(Owner::User);
    }
    let (uid, gid) = text.split_once(':').unwrap_or((&text, &text));
    match (uid.parse(), gid.parse()) {
        (Ok(uid), Ok(gid)) => Ok(Owner::Ids(uid, gid)),
        _ => Err(Error::Owner(text)),
    }
}

/// `sha256:` and 64 lower-case hex digits.
pub(super) fn checksum(text: String) -> Result<String, Error> {
    let lower = text.to_ascii_lowercase();
    if is_digest(&lower) {
        Ok(lower)
    } else {
        Err(Error::Checksum(text))
    }
}

/// Whether it starts like an HTTP address.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The address of a file or a repository, without credentials.
pub(super) fn address(text: String) -> Result<String, Error> {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let named = !rest.split('/').next().unwrap_or_default().is_empty();
    if !is_address(&text)
        || !named
        || text.contains(|char: char| char.is_whitespace() || char.is_control())
    {
        return Err(Error::Address(text));
    }
    if has_credentials(&text) {
        return Err(Error::AddressCredentials);
    }
    Ok(text)
}

/// A suite or component in a line of apt's `sources.list`.
pub(super) fn apt_word(text: String) -> Result<String, Error> {
    let char = |char: char| char.is_ascii_alphanumeric() || "-._/+~".contains(char);
    if !text.is_empty() && text.chars().all(char) {
        Ok(text)
    } else {
        Err(Error::AptWord(text))
    }
}

/// A key of an apt repository. Apt detects the format by the name.
pub(super) fn apt_key(text: String, checksum: Option<String>) -> Result<AptKey, Error> {
    let path = if is_address(&text) {
        text.split(['?', '#']).next().unwrap_or_default()
    } else {
        &text
    };
    if ![".asc", ".gpg"].iter().any(|end| path.ends_with(end)) {
        return Err(Error::AptKeyName(text));
    }
    if !is_address(&text) {
        return context_path(text).map(AptKey::File);
    }
    let url = address(text)?;
    let checksum = checksum.ok_or(Error::NoChecksum("key-checksum"))?;
    Ok(AptKey::Download { url, checksum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_the_context_have_one_spelling() {
        for (text, path) in [
            ("./app", "app"),
            ("a/../b/", "b"),
            ("./", "."),
            ("[id].txt", "[id].txt"),
            ("[id", "[id"),
            ("conf/*.toml", "conf/*.toml"),
        ] {
            assert_eq!(copied(text.to_owned()).unwrap(), path, "{text}");
        }
        for invalid in ["", "/a", "..", "a/../../b", "a\0", "[*", "*\\"] {
            assert!(copied(invalid.to_owned()).is_err(), "{invalid}");
        }
        assert!(context_pattern("[id".to_owned()).is_err());
    }

    #[test]
    fn durations_are_those_that_engines_accept() {
        assert_eq!(duration("1m30s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("0s").unwrap(), Duration::ZERO);
        for invalid in ["", "30", "1us", "1000000000y", "soon"] {
            assert!(duration(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn system_directories_cannot_belong_to_the_user() {
        assert_eq!(own_directory("/app/data/".to_owned()).unwrap(), "/app/data");
        assert_eq!(
            own_directory("/var/lib/app".to_owned()).unwrap(),
            "/var/lib/app"
        );
        for invalid in ["/", "/etc", "/usr/", "/proc/x", "/dev/shm", "data"] {
            assert!(own_directory(invalid.to_owned()).is_err(), "{invalid}");
        }
    }

    #[test]
    fn modes_owners_checksums_and_apt_keys() {
        assert_eq!(mode("0644".to_owned()).unwrap(), 0o644);
        assert_eq!(mode("755".to_owned()).unwrap(), 0o755);
        assert!(mode("rw".to_owned()).is_err() && mode("0o644".to_owned()).is_err());
        assert_eq!(owner("1:2".to_owned()).unwrap(), Owner::Ids(1, 2));
        assert_eq!(owner("7".to_owned()).unwrap(), Owner::Ids(7, 7));
        assert!(owner("app".to_owned()).is_err());
        assert!(checksum(format!("sha256:{}", "A".repeat(64))).is_ok());
        assert!(checksum("sha256:1".to_owned()).is_err());
        assert_eq!(
            apt_key("keys/a.asc".to_owned(), None).unwrap(),
            AptKey::File("keys/a.asc".to_owned())
        );
        assert!(apt_key("https://host/a.asc".to_owned(), None).is_err());
        assert!(apt_key("a.key".to_owned(), None).is_err());
    }
}
