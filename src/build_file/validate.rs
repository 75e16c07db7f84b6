//! Turns the values of the schema into checked ones. Each value is checked here and nowhere else.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diagnostics::{Diagnostic, Diagnostics, Document, Located, Problem, Span};
use crate::image::Platform;
use crate::project::{PoetryVersion, PythonVersion};

use super::args::is_name;
use super::error::Error;
use super::misplaced;
use super::port::Port;
use super::rule_switches::RuleSwitches;
use super::schema::{self, At, Command, Exec, Flag, Installer, Int, Scalar};
use super::shape;
use super::size::size;
use super::spec::{
    AptSource, Build, CopiedFiles, CopySource, Dependencies, Extras, GitHost, Healthcheck, Hook,
    ImageSpec, Index, Layers, Owner, Poetry, Python, Runtime, Source, User,
};
use super::standard::Catalogue;
use super::values::{
    self, absolute_path, address, apt_key, apt_word, build_directory, ca_bundle, checksum,
    context_name, context_pattern, copied, destination, duration, git_user, group_id, host_key,
    image, is_address, is_host, mirror, mode, no_nul, own_directory, owner, package, pinned_image,
    plugin, retries, secret_id, signal, user_id, user_name, variant, working_directory,
};

/// The limit for lists whose entries are each looked up in the build context.
const MOST: usize = 100;
/// The limit for layers of wheels, which an image can have only some of.
const MOST_LAYERS: usize = 8;

const DEFAULT_USER: &str = "app";
const DEFAULT_ID: u32 = 10001;

pub(super) fn image_spec(
    document: &Document,
    file: schema::File,
) -> Result<(ImageSpec, RuleSwitches), Diagnostics> {
    let mut validator = Validator {
        document,
        found: Vec::new(),
    };
    if let (Some(base), Some(_)) = (&file.runtime.base, &file.python.variant) {
        validator.report(&Error::TwoBases, base);
    }
    validator.few("`[[copy]]` tables", file.copy.iter(), MOST);
    validator.few("`[[hook]]` tables", file.hook.iter(), MOST);
    validator.few(
        "patterns in `exclude` of `[source]`",
        file.source.exclude.iter(),
        MOST,
    );
    let include = file.source.include.iter().flat_map(|list| &list.value);
    validator.few("patterns in `include` of `[source]`", include, MOST);
    let inputs = file.hook.iter().flat_map(|hook| &hook.value.inputs);
    validator.few("patterns in `inputs` of `[[hook]]`", inputs, MOST);
    let sources = file.apt_sources.values();
    validator.few("`[apt-sources.NAME]` tables", sources, MOST);
    // Do not check the entries of a list that is too long.
    Diagnostics::fail_if_any(std::mem::take(&mut validator.found))?;
    let spec = ImageSpec {
        document: document.clone(),
        python: validator.python(file.python),
        poetry: validator.poetry(file.poetry),
        dependencies: validator.dependencies(file.dependencies),
        source: validator.source(file.source),
        indexes: validator.indexes(file.indexes),
        git: validator.git(file.git),
        build: validator.build(file.build),
        runtime: validator.runtime(file.runtime),
        copies: validator.each(file.copy, Validator::copy),
        hooks: validator.each(file.hook, Validator::hook),
        apt_env: validator.variables(file.apt.env),
        apt_sources: validator.apt_sources(file.apt_sources),
        images: Catalogue::default(),
    };
    let rules = validator.rules(file.check);
    Diagnostics::fail_if_any(validator.found)?;
    Ok((spec, rules))
}

struct Validator<'a> {
    document: &'a Document,
    found: Vec<Diagnostic>,
}

impl Validator<'_> {
    fn span<T>(&self, at: &At<T>) -> Span {
        self.document.span(at.span.clone())
    }

    /// Reports the first entry beyond the limit.
    fn few<'t, T: 't>(
        &mut self,
        what: &'static str,
        mut list: impl Iterator<Item = &'t At<T>>,
        most: usize,
    ) {
        if let Some(first_too_many) = list.nth(most) {
            self.report(&Error::TooMany { what, most }, first_too_many);
        }
    }

    fn report<T>(&mut self, error: &Error, at: &At<T>) {
        self.found.push(error.at(&self.span(at)));
    }

    /// Reads a value with `parse`. An invalid value is reported and left out.
    fn parsed<T, U>(
        &mut self,
        at: At<T>,
        parse: impl FnOnce(T) -> Result<U, Error>,
    ) -> Option<Located<U>> {
        let span = self.span(&at);
        match parse(at.value) {
            Ok(value) => Some(Located { value, span }),
            Err(error) => {
                self.found.push(error.at(&span));
                None
            }
        }
    }

    /// Like [`Validator::parsed`], without the location.
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

    fn each<T, U>(
        &mut self,
        tables: Vec<At<T>>,
        read: impl Fn(&mut Self, T, &Span) -> Option<U>,
    ) -> Vec<U> {
        let tables = tables.into_iter();
        tables
            .filter_map(|table| {
                let span = self.span(&table);
                read(self, table.value, &span)
            })
            .collect()
    }

    /// Reports the key, a path of the schema, if it is missing.
    fn required<T>(&mut self, key: &str, at: Option<At<T>>, table: &Span) -> Option<At<T>> {
        if at.is_none() {
            self.found.push(missing(key).at(&self.header(table)));
        }
        at
    }

    /// The first line of a table.
    fn header(&self, table: &Span) -> Span {
        let span = table.range();
        let text = self.document.text().get(span.clone()).unwrap_or_default();
        let line = text.find('\n').unwrap_or(text.len());
        self.document.span(span.start..span.start + line)
    }

    /// The location of a switch that is on.
    fn switched_on(&self, at: Option<At<Flag>>) -> Option<Span> {
        let at = at.filter(|at| at.value.0)?;
        Some(self.span(&at))
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

    fn command(&mut self, key: &'static str, at: Option<At<Exec>>) -> Option<Located<Vec<String>>> {
        self.parsed(at?, |Exec(command)| {
            if command.first().is_none_or(String::is_empty) {
                return Err(Error::EmptyCommand(key));
            }
            values::command(command)
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
        // A build argument can be empty, which means "none".
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
            image: table
                .image
                .filter(given)
                .and_then(|at| self.parsed(at, pinned_image)),
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
        let without = table.without.map(|list| self.located(list.value, Ok));
        let extras = table.extras.and_then(|at| {
            self.parsed(at, |extras| {
                Ok(match extras {
                    schema::Extras::All(schema::All::All) => Extras::All,
                    schema::Extras::Some(names) => Extras::Some(names),
                })
            })
        });
        self.few(
            "packages in `own` of `layers`",
            table.layers.own.iter(),
            MOST_LAYERS,
        );
        let most = i64::try_from(MOST_LAYERS).unwrap_or(i64::MAX);
        let count = self.value(table.layers.count, |Int(count)| {
            usize::try_from(count)
                .ok()
                .filter(|_| (1..=most).contains(&count))
                .ok_or(Error::LayerCount(count))
        });
        Dependencies {
            groups,
            without,
            extras,
            installer: table.installer.map_or(Installer::Auto, |at| at.value),
            uv_image: table
                .uv_image
                .filter(|at| !at.value.is_empty())
                .and_then(|at| self.parsed(at, pinned_image)),
            fetch: table.fetch.and_then(|at| self.parsed(at, Ok)),
            layers: Layers {
                own: self.located(table.layers.own, Ok),
                count,
            },
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
                .filter_map(|at| self.parsed(at, context_pattern))
                .collect()
        });
        Source {
            install,
            include,
            exclude: self.located(table.exclude, context_pattern),
            cache: self.located(table.cache, build_directory),
            env: self.variables(table.env),
        }
    }

    fn indexes(
        &mut self,
        tables: BTreeMap<String, At<schema::IndexTable>>,
    ) -> BTreeMap<String, Located<Index>> {
        tables
            .into_iter()
            .map(|(name, table)| {
                let span = self.span(&table);
                let mut id = |at: Option<At<String>>| {
                    at.and_then(|at| Some(self.parsed(at, secret_id)?.value))
                };
                let value = Index {
                    username_secret: id(table.value.username_secret),
                    password_secret: id(table.value.password_secret),
                    header_secret: id(table.value.header_secret),
                };
                (name, Located { value, span })
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
            let span = self.header(&self.span(&table));
            if !is_file_name(&name) {
                self.report(&Error::AptSourceName(name), &table);
                continue;
            }
            if let Some(source) = self.apt_source(table.value, span) {
                sources.insert(name, source);
            }
        }
        sources
    }

    fn apt_source(&mut self, table: schema::AptSourceTable, span: Span) -> Option<AptSource> {
        let uri = self.required("apt-sources.NAME.uri", table.uri, &span);
        let uri = self.value(uri, address);
        let checksum = self.value(table.key_checksum, checksum);
        let key = self.required("apt-sources.NAME.key", table.key, &span);
        let key = key.and_then(|at| self.parsed(at, |text| apt_key(text, checksum)));
        if table.suites.is_empty() {
            self.found
                .push(missing("apt-sources.NAME.suites").at(&span));
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
            span,
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
            upgrade: self.switched_on(table.upgrade),
            user: self.user(table.user),
            workdir: table
                .workdir
                .and_then(|at| self.parsed(at, working_directory)),
            entrypoint: table
                .entrypoint
                .and_then(|at| self.parsed(at, |Exec(words)| values::command(words))),
            cmd: table
                .cmd
                .and_then(|at| self.parsed(at, |Exec(words)| values::command(words))),
            env: self.variables(table.env),
            expose: self.located(table.expose, |schema::PortText(text)| Port::parse(text)),
            labels: labels
                .filter_map(|(name, at)| {
                    Some((name, self.parsed(at, |value| no_nul(value.into_text()))?))
                })
                .collect(),
            healthcheck,
            stop_signal: self.value(table.stop_signal, signal),
            init: self.switched_on(table.init),
            writable: self.located(table.writable, own_directory),
            volumes: self.located(table.volumes, own_directory),
            smoke_test: self.command("smoke-test", table.smoke_test),
            read_only: table.read_only.is_none_or(|read_only| read_only.0),
            sbom: table.sbom.is_some_and(|sbom| sbom.0),
            vex: table
                .vex
                .and_then(|at| self.parsed(at, values::context_path)),
            max_size: table
                .max_size
                .and_then(|at| self.parsed(at, |text| size(&text))),
        }
    }

    fn healthcheck(&mut self, at: At<schema::HealthcheckTable>) -> Option<Located<Healthcheck>> {
        let span = self.span(&at);
        let table = at.value;
        let cmd = self.required("runtime.healthcheck.cmd", table.cmd, &span);
        let cmd = self.value(cmd, |Exec(words)| values::command(words));
        let mut time =
            |at: Option<At<String>>| -> Option<Duration> { self.value(at, |text| duration(&text)) };
        let value = Healthcheck {
            cmd: cmd?,
            interval: time(table.interval),
            timeout: time(table.timeout),
            start_period: time(table.start_period),
            start_interval: time(table.start_interval),
            retries: self.value(table.retries, |Int(count)| retries(count)),
        };
        Some(Located { value, span })
    }

    fn copy(&mut self, table: schema::CopyTable, span: &Span) -> Option<CopiedFiles> {
        let span = self.header(span);
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
            let span = span.clone();
            Some(Located { value, span })
        } else {
            let image = matches!(&from, Some(CopySource::Image(_) | CopySource::Target(_)));
            let src = self.required("copy.src", table.src, &span);
            src.and_then(|at| {
                self.parsed(at, |text| match text.strip_prefix('/') {
                    // Paths in an image are usually written as absolute ones.
                    Some("") if image => Ok(".".to_owned()),
                    Some(rest) if image => copied(rest.to_owned()),
                    _ => copied(text),
                })
            })
        };
        let dest = self.required("copy.dest", table.dest, &span);
        let dest = self.value(dest, destination);
        let mode = self.value(table.mode, mode);
        let owner = self.value(table.owner, owner).unwrap_or(Owner::Root);
        let exclude = self.located(table.exclude, context_pattern);
        Some(CopiedFiles {
            from: from?,
            src: src?,
            dest: dest?,
            mode,
            owner,
            exclude,
            span,
        })
    }

    fn copy_source(&mut self, at: At<String>, digest: Option<String>) -> Option<CopySource> {
        let span = self.span(&at);
        let located = |value: String| Located {
            value,
            span: span.clone(),
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
                context_name(name).map(|name| CopySource::NamedContext(located(name)))
            }
            Some(("target", name)) if !name.is_empty() => {
                Ok(CopySource::Target(located(name.to_owned())))
            }
            Some(("image", reference)) => image(reference.to_owned()).map(|value| {
                let span = span.clone();
                CopySource::Image(Located { value, span })
            }),
            _ => Err(Error::CopySource(at.value)),
        };
        parsed
            .map_err(|error| self.found.push(error.at(&span)))
            .ok()
    }

    fn hook(&mut self, table: schema::HookTable, span: &Span) -> Option<Hook> {
        let span = self.header(span);
        for (error, place) in misplaced::in_hook(&table) {
            self.found.push(error.at(&self.document.span(place)));
        }
        let at = self.required("hook.at", table.at, &span);
        let at = at.and_then(|at| self.parsed(at, Ok));
        let run = self.required("hook.run", table.run, &span);
        let run = run.and_then(|at| {
            self.parsed(at, |command| {
                let empty = match &command {
                    Command::Script(script) => script.trim().is_empty(),
                    Command::Exec(words) => words.first().is_none_or(String::is_empty),
                };
                if empty {
                    return Err(Error::EmptyCommand("run"));
                }
                Ok(match command {
                    Command::Script(script) => Command::Script(no_nul(script)?),
                    Command::Exec(words) => Command::Exec(values::command(words)?),
                })
            })
        });
        let platform = |text: String| Platform::parse(&text).ok_or(Error::Platform(text));
        let env = self.variables(table.env);
        let run_span = run.as_ref().map(|run| run.span.clone());
        Some(Hook {
            env,
            secrets: self.located(table.secrets, secret_id),
            ssh: self.switched_on(table.ssh),
            cache: self.located(table.cache, absolute_path),
            network: table.network.map(|at| at.value).unwrap_or_default(),
            inputs: self.located(table.inputs, copied),
            outputs: self.located(table.outputs, |text| match absolute_path(text)?.as_str() {
                "/" => Err(Error::RootOutput),
                path => Ok(path.to_owned()),
            }),
            owner: self.value(table.owner, owner).unwrap_or_default(),
            platforms: self.values(table.platforms, platform),
            at_span: at.as_ref()?.span.clone(),
            at: at?.value,
            run: run?.value,
            span: run_span?,
        })
    }

    fn rules(&mut self, table: schema::CheckTable) -> RuleSwitches {
        let mut rules = RuleSwitches {
            fail_on_warnings: table.error.is_some_and(|Flag(error)| error),
            ..RuleSwitches::default()
        };
        for at in table.skip {
            self.parsed(at, |id| Ok(rules.skip(&id)?));
        }
        for at in table.enable {
            self.parsed(at, |id| Ok(rules.enable(&id)?));
        }
        rules
    }

    fn user(&mut self, table: schema::UserTable) -> User {
        let span = table
            .uid
            .as_ref()
            .map(|at| self.span(at))
            .or_else(|| table.name.as_ref().map(|at| self.span(at)));
        let name = table.name.and_then(|at| self.parsed(at, user_name));
        let uid = table
            .uid
            .and_then(|at| self.parsed(at, |Int(id)| user_id(id)));
        let gid = table
            .gid
            .and_then(|at| self.parsed(at, |Int(id)| group_id(id)));
        let uid = uid.map_or(DEFAULT_ID, |id| id.value);
        User {
            name: name.map_or_else(|| DEFAULT_USER.to_owned(), |name| name.value),
            uid,
            gid: gid.map_or(uid, |id| id.value),
            span,
        }
    }
}

fn missing(key: &str) -> Error {
    Error::Missing {
        key: key.rsplit('.').next().unwrap_or_default().to_owned(),
        example: shape::example(key).unwrap_or_else(|| "...".to_owned()),
    }
}

/// Whether the name can be that of a file in `/etc/apt/sources.list.d`, where other files are as well.
fn is_file_name(text: &str) -> bool {
    let char = |char: char| {
        char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || char == '_'
    };
    !text.is_empty() && text.len() <= 64 && text.chars().all(char)
}
