//! From the file's shape to its meaning: every value is checked once, here, and is right from then on.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diagnostics::{Diagnostic, Diagnostics, Document, Place, Problem};
use crate::image::Platform;
use crate::project::{PoetryVersion, PythonVersion};

use super::args::{Argument, is_name};
use super::error::Error;
use super::schema::{self, At, Command, Flag, Int, Scalar};
use super::values::{
    absolute_path, address, apt_key, apt_word, ca_bundle, checksum, context_path, destination,
    duration, git_user, host_key, image, is_address, is_host, mirror, mode, own_folder, owner,
    package, plugin, port, retries, secret_id, signal, size, user_id, user_name, variant,
};
use super::{
    AptSource, Build, BuildFile, CopiedFiles, CopySource, Dependencies, Extras, GitHost,
    Healthcheck, Hook, HookPoint, Index, Located, Owner, Poetry, Python, Runtime, Source, Switches,
    User,
};

/// More than any file has of what is looked for one by one.
const MOST: usize = 100;

const DEFAULT_USER: &str = "app";
const DEFAULT_ID: u32 = 10001;

pub(super) fn file(
    document: &Document,
    file: schema::File,
    arguments: &BTreeMap<String, Argument>,
) -> Result<BuildFile, Diagnostics> {
    let mut check = Check {
        document,
        found: Vec::new(),
    };
    if let (Some(base), Some(_)) = (&file.runtime.base, &file.python.variant) {
        check.report(&Error::TwoBases, base);
    }
    check.few("`[[copy]]`", file.copy.iter());
    check.few("`[[hook]]`", file.hook.iter());
    check.few(
        "the patterns of `[source] exclude`",
        file.source.exclude.iter(),
    );
    let include = file.source.include.iter().flat_map(|list| &list.value);
    check.few("the patterns of `[source] include`", include);
    let sources = file.apt_sources.values();
    check.few("`[apt-sources.NAME]`", sources);
    // What is too much would be looked at one by one.
    Diagnostics::check(std::mem::take(&mut check.found))?;
    let checked = BuildFile {
        document: document.clone(),
        python: check.python(file.python),
        poetry: check.poetry(file.poetry),
        dependencies: check.dependencies(file.dependencies),
        source: check.source(file.source),
        indexes: check.indexes(file.indexes),
        git: check.git(file.git),
        build: check.build(file.build),
        runtime: check.runtime(file.runtime),
        copies: check.each(file.copy, Check::copy),
        hooks: check.each(file.hook, Check::hook),
        apt_sources: check.apt_sources(file.apt_sources),
        arguments: arguments.clone(),
        targets: BTreeMap::new(),
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

    /// Reports the first of more than there can be: each is looked for in the context on its own.
    fn few<'t, T: 't>(&mut self, what: &'static str, mut list: impl Iterator<Item = &'t At<T>>) {
        if let Some(first_too_many) = list.nth(MOST) {
            self.report(&Error::TooMany { what, most: MOST }, first_too_many);
        }
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

    /// As [`Check::parsed`], without the place.
    fn value<T, U>(
        &mut self,
        at: Option<At<T>>,
        parse: impl FnOnce(T) -> Result<U, Error>,
    ) -> Option<U> {
        Some(self.parsed(at?, parse)?.value)
    }

    fn values<T, U>(&mut self, list: Vec<At<T>>, parse: impl Fn(T) -> Result<U, Error>) -> Vec<U> {
        list.into_iter()
            .filter_map(|at| self.value(Some(at), &parse))
            .collect()
    }

    fn located<T, U>(
        &mut self,
        list: Vec<At<T>>,
        parse: impl Fn(T) -> Result<U, Error>,
    ) -> Vec<Located<U>> {
        list.into_iter()
            .filter_map(|at| self.parsed(at, &parse))
            .collect()
    }

    /// Reads a list of tables.
    fn each<T, U>(
        &mut self,
        tables: Vec<At<T>>,
        read: impl Fn(&mut Self, T, &Place) -> Option<U>,
    ) -> Vec<U> {
        let tables = tables.into_iter();
        tables
            .filter_map(|table| {
                let place = self.place(&table);
                read(self, table.value, &place)
            })
            .collect()
    }

    /// A key that a table must have.
    fn needed<T>(&mut self, key: &'static str, at: Option<At<T>>, table: &Place) -> Option<At<T>> {
        if at.is_none() {
            self.found.push(Error::Missing(key).at(&self.header(table)));
        }
        at
    }

    /// The line that a table begins with.
    fn header(&self, table: &Place) -> Place {
        let span = table.span();
        let text = self.document.text().get(span.clone()).unwrap_or_default();
        let line = text.find('\n').unwrap_or(text.len());
        self.document.place(span.start..span.start + line)
    }

    /// Who says that something is to be; `None` if nobody does.
    fn said(&self, at: Option<At<Flag>>) -> Option<Place> {
        let at = at.filter(|at| at.value.0)?;
        Some(self.place(&at))
    }

    fn variables(
        &mut self,
        env: BTreeMap<String, At<Scalar>>,
    ) -> BTreeMap<String, Located<String>> {
        let mut checked = BTreeMap::new();
        for (name, at) in env {
            if is_name(&name) {
                if let Some(value) = self.parsed(at, |value| no_nul(value.into_text())) {
                    checked.insert(name, value);
                }
            } else {
                self.report(&Error::EnvName(name), &at);
            }
        }
        checked
    }

    /// A command that is one.
    fn command(
        &mut self,
        key: &'static str,
        at: Option<At<Vec<String>>>,
    ) -> Option<Located<Vec<String>>> {
        self.parsed(at?, |command| {
            if command.first().is_none_or(String::is_empty) {
                return Err(Error::EmptyCommand(key));
            }
            Ok(command)
        })
    }

    fn python(&mut self, table: schema::PythonTable) -> Python {
        Python {
            version: table.version.and_then(|at| {
                self.parsed(at, |text| {
                    PythonVersion::parse_known(&text).ok_or(Error::UnknownPython(text))
                })
            }),
            variant: table.variant.and_then(|at| self.parsed(at, variant)),
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
            plugins: self.located(table.plugins, plugin),
            mirror: table
                .mirror
                .filter(given)
                .and_then(|at| self.parsed(at, |text| mirror(&text))),
            ca_bundle: table
                .ca_bundle
                .filter(given)
                .and_then(|at| self.parsed(at, ca_bundle)),
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
            compile: table.compile.is_none_or(|compile| compile.0),
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
        Source {
            install,
            include,
            exclude: self.located(table.exclude, context_path),
        }
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

    fn apt_sources(
        &mut self,
        tables: BTreeMap<String, At<schema::AptSourceTable>>,
    ) -> BTreeMap<String, AptSource> {
        let mut sources = BTreeMap::new();
        for (name, table) in tables {
            let place = self.header(&self.place(&table));
            if !is_file_name(&name) {
                self.report(&Error::AptSourceName(name), &table);
                continue;
            }
            if let Some(source) = self.apt_source(table.value, place) {
                sources.insert(name, source);
            }
        }
        sources
    }

    fn apt_source(&mut self, table: schema::AptSourceTable, place: Place) -> Option<AptSource> {
        let uri = self.needed("uri", table.uri, &place);
        let uri = self.value(uri, address);
        let checksum = self.value(table.key_checksum, checksum);
        let key = self.needed("key", table.key, &place);
        let key = key.and_then(|at| self.parsed(at, |text| apt_key(text, checksum)));
        if table.suites.is_empty() {
            self.found.push(Error::Missing("suites").at(&place));
        }
        let suites = self.values(table.suites, apt_word);
        let mut components = self.values(table.components, apt_word);
        if components.is_empty() && !suites.iter().all(|suite| suite.ends_with('/')) {
            components.push("main".to_owned());
        }
        Some(AptSource {
            uri: uri?,
            suites,
            components,
            key: key?,
            place,
        })
    }

    fn build(&mut self, table: schema::BuildTable) -> Build {
        Build {
            base: table.base.and_then(|at| self.parsed(at, image)),
            packages: self.located(table.packages, package),
            env: self.variables(table.env),
        }
    }

    fn runtime(&mut self, table: schema::RuntimeTable) -> Runtime {
        let healthcheck = table.healthcheck.and_then(|at| self.healthcheck(at));
        let labels = table.labels.into_iter();
        Runtime {
            base: table.base.and_then(|at| self.parsed(at, image)),
            packages: self.located(table.packages, package),
            upgrade: self.said(table.upgrade),
            user: self.user(table.user),
            workdir: table.workdir.and_then(|at| self.parsed(at, absolute_path)),
            entrypoint: table.entrypoint.and_then(|at| self.parsed(at, Ok)),
            cmd: table.cmd.and_then(|at| self.parsed(at, Ok)),
            env: self.variables(table.env),
            expose: self.located(table.expose, |Int(number)| port(number)),
            labels: labels
                .filter_map(|(name, at)| {
                    Some((name, self.parsed(at, |value| Ok(value.into_text()))?))
                })
                .collect(),
            healthcheck,
            stop_signal: self.value(table.stop_signal, signal),
            init: self.said(table.init),
            writable: self.located(table.writable, own_folder),
            volumes: self.located(table.volumes, own_folder),
            smoke_test: self.command("smoke-test", table.smoke_test),
            max_size: table
                .max_size
                .and_then(|at| self.parsed(at, |text| size(&text))),
        }
    }

    fn healthcheck(&mut self, at: At<schema::HealthcheckTable>) -> Option<Located<Healthcheck>> {
        let place = self.place(&at);
        let table = at.value;
        let cmd = self.needed("cmd", table.cmd, &place);
        let mut time =
            |at: Option<At<String>>| -> Option<Duration> { self.value(at, |text| duration(&text)) };
        let value = Healthcheck {
            cmd: cmd?.value,
            interval: time(table.interval),
            timeout: time(table.timeout),
            start_period: time(table.start_period),
            start_interval: time(table.start_interval),
            retries: self.value(table.retries, |Int(count)| retries(count)),
        };
        Some(Located { value, place })
    }

    fn copy(&mut self, table: schema::CopyTable, place: &Place) -> Option<CopiedFiles> {
        let place = self.header(place);
        let download = table
            .from
            .as_ref()
            .is_some_and(|from| is_address(&from.value));
        let given = table.checksum.is_some();
        let digest = match table.checksum {
            Some(needless) if !download => {
                self.report(&Error::NeedlessChecksum, &needless);
                None
            }
            at => self.value(at, checksum),
        };
        let from = match table.from {
            None => Some(CopySource::Context),
            Some(at) if download && !given => {
                self.report(&Error::NoChecksum("checksum"), &at);
                None
            }
            Some(at) => self.copy_source(at, digest),
        };
        let src = if download {
            if let Some(src) = &table.src {
                self.report(&Error::NeedlessSrc, src);
            }
            let value = String::new();
            let place = place.clone();
            Some(Located { value, place })
        } else {
            let image = matches!(&from, Some(CopySource::Image(_) | CopySource::Target(_)));
            let src = self.needed("src", table.src, &place);
            src.and_then(|at| {
                self.parsed(at, |text| match text.strip_prefix('/') {
                    // In an image an absolute path is what users know.
                    Some("") if image => Ok(".".to_owned()),
                    Some(rest) if image => context_path(rest.to_owned()),
                    _ => context_path(text),
                })
            })
        };
        let dest = self.needed("dest", table.dest, &place);
        let dest = self.value(dest, destination);
        let mode = self.value(table.mode, mode);
        let owner = self.value(table.owner, owner).unwrap_or(Owner::Root);
        let exclude = self.values(table.exclude, context_path);
        Some(CopiedFiles {
            from: from?,
            src: src?,
            dest: dest?,
            mode,
            owner,
            exclude,
            place,
        })
    }

    fn copy_source(&mut self, at: At<String>, digest: Option<String>) -> Option<CopySource> {
        let place = self.place(&at);
        let located = |value: String| Located {
            value,
            place: place.clone(),
        };
        let parsed = match at.value.split_once(':') {
            _ if is_address(&at.value) => {
                let url = self.value(Some(at), address);
                return Some(CopySource::Download {
                    url: url?,
                    checksum: digest?,
                });
            }
            Some(("context", name)) if !name.is_empty() => {
                Ok(CopySource::NamedContext(located(name.to_owned())))
            }
            Some(("target", name)) if !name.is_empty() => {
                Ok(CopySource::Target(located(name.to_owned())))
            }
            Some(("image", reference)) => image(reference.to_owned()).map(|value| {
                let place = place.clone();
                CopySource::Image(Located { value, place })
            }),
            _ => Err(Error::CopySource(at.value)),
        };
        parsed
            .map_err(|error| self.found.push(error.at(&place)))
            .ok()
    }

    fn hook(&mut self, table: schema::HookTable, place: &Place) -> Option<Hook> {
        let place = self.header(place);
        let at = self.needed("at", table.at, &place);
        let run = self.needed("run", table.run, &place);
        let run = run.and_then(|at| {
            self.parsed(at, |command| {
                let empty = match &command {
                    Command::Script(script) => script.trim().is_empty(),
                    Command::Exec(words) => words.first().is_none_or(String::is_empty),
                };
                if empty {
                    Err(Error::EmptyCommand("run"))
                } else {
                    Ok(command)
                }
            })
        });
        if let (Some(HookPoint::Final), Some(first)) =
            (at.as_ref().map(|at| at.value), table.outputs.first())
        {
            self.report(&Error::FinalOutputs, first);
        }
        let platform = |text: String| Platform::parse(&text).ok_or(Error::Platform(text));
        let env = self.variables(table.env).into_iter();
        let run_place = run.as_ref().map(|run| run.place.clone());
        Some(Hook {
            env: env.map(|(name, at)| (name, at.value)).collect(),
            secrets: self.located(table.secrets, secret_id),
            ssh: self.said(table.ssh),
            cache: self.values(table.cache, absolute_path),
            network: table.network.map(|at| at.value).unwrap_or_default(),
            outputs: self.located(table.outputs, |text| match absolute_path(text)?.as_str() {
                "/" => Err(Error::WholeTree),
                path => Ok(path.to_owned()),
            }),
            platforms: self.values(table.platforms, platform),
            at: at?.value,
            run: run?.value,
            place: run_place?,
        })
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
            .and_then(|at| self.parsed(at, |Int(id)| user_id("uid", id)));
        let gid = table
            .gid
            .and_then(|at| self.parsed(at, |Int(id)| user_id("gid", id)));
        let uid = uid.map_or(DEFAULT_ID, |id| id.value);
        User {
            name: name.map_or_else(|| DEFAULT_USER.to_owned(), |name| name.value),
            uid,
            gid: gid.map_or(uid, |id| id.value),
            place,
        }
    }
}

fn no_nul(text: String) -> Result<String, Error> {
    if text.contains('\0') {
        Err(Error::Nul)
    } else {
        Ok(text)
    }
}

/// A name that is also one of a file, in a folder of files of many.
fn is_file_name(text: &str) -> bool {
    let char = |char: char| {
        char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || char == '_'
    };
    !text.is_empty() && text.len() <= 64 && text.chars().all(char)
}
