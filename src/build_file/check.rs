//! From the file's shape to its meaning: every value is checked once, here, and is right from then on.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics, Document, Place, Problem};
use crate::image::ImageReference;
use crate::project::{PoetryVersion, PythonVersion, split_port};

use super::args::is_name;
use super::error::Error;
use super::schema::{self, At};
use super::{
    Build, BuildFile, Dependencies, Extras, GitHost, Index, Located, Poetry, Python, Runtime,
    Source, Switches, User,
};

const DEFAULT_USER: &str = "app";
const DEFAULT_ID: u32 = 10001;

pub(super) fn file(document: &Document, file: schema::File) -> Result<BuildFile, Diagnostics> {
    let mut check = Check {
        document,
        found: Vec::new(),
    };
    if let (Some(base), Some(_)) = (&file.runtime.base, &file.python.variant) {
        check.report(&Error::TwoBases, base);
    }
    let checked = BuildFile {
        document: document.clone(),
        python: check.python(file.python),
        poetry: check.poetry(file.poetry),
        dependencies: check.dependencies(file.dependencies),
        source: check.source(file.source),
        indexes: check.indexes(file.indexes),
        git: check.git(file.git),
        build: Build {
            packages: check.packages(file.build.packages),
        },
        runtime: check.runtime(file.runtime),
        check: check.switches(file.check),
    };
    Diagnostics::check(check.found)?;
    Ok(checked)
}

struct Check<'a> {
    document: &'a Document,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    fn place<T>(&self, at: &At<T>) -> Place {
        self.document.place(at.span.clone())
    }

    fn report<T>(&mut self, error: &Error, at: &At<T>) {
        self.found.push(error.at(&self.place(at)));
    }

    /// Reads a value with `parse`; a value that is wrong is reported and left out.
    fn parsed<T, U>(
        &mut self,
        at: At<T>,
        parse: impl FnOnce(T) -> Result<U, Error>,
    ) -> Option<Located<U>> {
        let place = self.place(&at);
        match parse(at.value) {
            Ok(value) => Some(Located { value, place }),
            Err(error) => {
                self.found.push(error.at(&place));
                None
            }
        }
    }

    fn python(&mut self, table: schema::PythonTable) -> Python {
        Python {
            version: table.version.and_then(|at| {
                self.parsed(at, |text| {
                    PythonVersion::parse_known(&text).ok_or(Error::UnknownPython(text))
                })
            }),
            variant: table.variant.and_then(|at| {
                self.parsed(at, |text| {
                    let tag = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
                    if !text.is_empty() && text.len() <= 100 && text.chars().all(tag) {
                        Ok(text)
                    } else {
                        Err(Error::Variant(text))
                    }
                })
            }),
        }
    }

    fn poetry(&mut self, table: schema::PoetryTable) -> Poetry {
        // An empty value is how a build argument says "none".
        let given = |at: &At<String>| !at.value.is_empty();
        Poetry {
            version: table.version.filter(given).and_then(|at| {
                self.parsed(at, |text| {
                    let version =
                        PoetryVersion::parse(&text).ok_or(Error::PoetryVersion(text.clone()))?;
                    if version < crate::project::OLDEST_POETRY {
                        return Err(Error::PoetryTooOld(text));
                    }
                    Ok(version)
                })
            }),
            mirror: table
                .mirror
                .filter(given)
                .and_then(|at| self.parsed(at, |text| mirror(&text))),
            ca_bundle: table
                .ca_bundle
                .filter(given)
                .and_then(|at| self.parsed(at, absolute_path)),
        }
    }

    fn dependencies(&mut self, table: schema::DependenciesTable) -> Dependencies {
        let groups = table.groups.map(|list| {
            if list.value.is_empty() {
                self.report(&Error::NoGroup, &list);
            }
            list.value
                .into_iter()
                .filter_map(|at| self.parsed(at, Ok))
                .collect()
        });
        let extras = table.extras.and_then(|at| {
            self.parsed(at, |extras| {
                Ok(match extras {
                    schema::Extras::All(schema::All::All) => Extras::All,
                    schema::Extras::Some(names) => Extras::Some(names),
                })
            })
        });
        Dependencies {
            groups,
            extras,
            compile: table.compile.unwrap_or(true),
        }
    }

    fn source(&mut self, table: schema::SourceTable) -> Source {
        let install = table.install.and_then(|at| self.parsed(at, Ok));
        let include = table.include.map(|list| {
            if list.value.is_empty() {
                self.report(&Error::NothingIncluded, &list);
            }
            list.value
                .into_iter()
                .filter_map(|at| self.parsed(at, context_path))
                .collect()
        });
        Source { install, include }
    }

    fn indexes(
        &mut self,
        tables: BTreeMap<String, At<schema::IndexTable>>,
    ) -> BTreeMap<String, Located<Index>> {
        tables
            .into_iter()
            .map(|(name, table)| {
                let place = self.place(&table);
                let mut id = |at: Option<At<String>>| {
                    at.and_then(|at| Some(self.parsed(at, secret_id)?.value))
                };
                let value = Index {
                    username_secret: id(table.value.username_secret),
                    password_secret: id(table.value.password_secret),
                };
                (name, Located { value, place })
            })
            .collect()
    }

    fn git(&mut self, tables: BTreeMap<String, At<schema::GitTable>>) -> BTreeMap<String, GitHost> {
        let mut hosts = BTreeMap::new();
        for (name, table) in tables {
            if !is_host(&name) {
                self.report(&Error::GitHost(name), &table);
                continue;
            }
            let table = table.value;
            let host = GitHost {
                host_keys: table
                    .host_keys
                    .into_iter()
                    .filter_map(|at| Some(self.parsed(at, |text| host_key(&text))?.value))
                    .collect(),
                token_secret: table.token_secret.and_then(|at| self.parsed(at, secret_id)),
                username: table
                    .username
                    .and_then(|at| Some(self.parsed(at, git_user)?.value)),
            };
            hosts.insert(name.to_ascii_lowercase(), host);
        }
        hosts
    }

    fn packages(&mut self, packages: Vec<At<String>>) -> Vec<Located<String>> {
        packages
            .into_iter()
            .filter_map(|at| {
                self.parsed(at, |text| {
                    if is_package(&text) {
                        Ok(text)
                    } else {
                        Err(Error::PackageName(text))
                    }
                })
            })
            .collect()
    }

    fn runtime(&mut self, table: schema::RuntimeTable) -> Runtime {
        let mut env = BTreeMap::new();
        for (name, at) in table.env {
            if is_name(&name) {
                if let Some(value) = self.parsed(at, Ok) {
                    env.insert(name, value);
                }
            } else {
                self.report(&Error::EnvName(name), &at);
            }
        }
        Runtime {
            base: table.base.and_then(|at| {
                self.parsed(at, |text| {
                    ImageReference::parse(&text).ok_or(Error::ImageReference(text))
                })
            }),
            packages: self.packages(table.packages),
            user: self.user(table.user),
            workdir: table.workdir.and_then(|at| self.parsed(at, absolute_path)),
            entrypoint: table.entrypoint.and_then(|at| self.parsed(at, Ok)),
            cmd: table.cmd.and_then(|at| self.parsed(at, Ok)),
            env,
            expose: table
                .expose
                .into_iter()
                .filter_map(|at| {
                    self.parsed(at, |port| {
                        u16::try_from(port)
                            .ok()
                            .filter(|port| *port > 0)
                            .ok_or(Error::Port(port))
                    })
                })
                .map(|port| port.value)
                .collect(),
        }
    }

    fn switches(&mut self, table: schema::CheckTable) -> Switches {
        let mut switches = Switches {
            error: table.error.unwrap_or(false),
            ..Switches::default()
        };
        for at in table.skip {
            self.parsed(at, |id| Ok(switches.skip(&id)?));
        }
        for at in table.enable {
            self.parsed(at, |id| Ok(switches.enable(&id)?));
        }
        switches
    }

    fn user(&mut self, table: schema::UserTable) -> User {
        let place = table
            .uid
            .as_ref()
            .map(|at| self.place(at))
            .or_else(|| table.name.as_ref().map(|at| self.place(at)));
        let name = table.name.and_then(|at| self.parsed(at, user_name));
        let uid = table
            .uid
            .and_then(|at| self.parsed(at, |id| user_id("uid", id)));
        let gid = table
            .gid
            .and_then(|at| self.parsed(at, |id| user_id("gid", id)));
        let uid = uid.map_or(DEFAULT_ID, |id| id.value);
        User {
            name: name.map_or_else(|| DEFAULT_USER.to_owned(), |name| name.value),
            uid,
            gid: gid.map_or(uid, |id| id.value),
            place,
        }
    }
}

fn user_name(text: String) -> Result<String, Error> {
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

fn user_id(key: &'static str, id: i64) -> Result<u32, Error> {
    if id == 0 {
        return Err(Error::Root(if key == "uid" {
            "`uid` is 0"
        } else {
            "`gid` is 0"
        }));
    }
    u32::try_from(id)
        .ok()
        .filter(|id| *id > 0 && *id <= 2_147_483_647)
        .ok_or(Error::Id(key, id))
}

fn mirror(text: &str) -> Result<String, Error> {
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
    // One spelling for one index, so that one cache key.
    Ok(format!("{}/", text.trim_end_matches('/')))
}

fn absolute_path(text: String) -> Result<String, Error> {
    let plain = |part: &str| !matches!(part, "." | "..");
    if text.starts_with('/') && !text.contains('\0') && text.split('/').all(plain) {
        Ok(match text.trim_end_matches('/') {
            "" => "/".to_owned(),
            path => path.to_owned(),
        })
    } else {
        Err(Error::NotAbsolute(text))
    }
}

/// A path or pattern in the context, in one spelling: no leading `./`, no trailing `/`; `.` is the whole context.
fn context_path(text: String) -> Result<String, Error> {
    let absolute = text.starts_with('/');
    let parts: Vec<&str> = text
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if absolute || text.is_empty() || text.contains('\0') || parts.contains(&"..") {
        return Err(Error::OutsideContext(text));
    }
    Ok(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

/// `HOST` or `HOST:PORT`, as in an address.
fn is_host(text: &str) -> bool {
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

/// `TYPE BASE64`; a comment after it is left out (sshd(8), on `ssh_known_hosts`).
fn host_key(text: &str) -> Result<String, Error> {
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
    // Every key begins with the length of its type's name, which is below 256.
    if known && kind.chars().all(in_kind) && key.starts_with("AAAA") && key.chars().all(in_key) {
        Ok(format!("{kind} {key}"))
    } else {
        Err(Error::HostKey)
    }
}

fn git_user(text: String) -> Result<String, Error> {
    if text.is_empty() || text.contains(|char: char| char.is_control() || char == ':') {
        return Err(Error::GitUser(text));
    }
    Ok(text)
}

fn secret_id(text: String) -> Result<String, Error> {
    if is_secret_id(&text) {
        Ok(text)
    } else {
        Err(Error::SecretId)
    }
}

/// What `--secret id=...` can give. Anything else may be the secret itself, put here by mistake.
fn is_secret_id(text: &str) -> bool {
    let char = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    !text.is_empty() && text.len() <= 64 && text.chars().all(char)
}

/// `NAME` or `NAME=VERSION` as Debian policy (5.6.1, 5.6.12) spells them; `*` in a version is apt's wildcard.
fn is_package(text: &str) -> bool {
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
