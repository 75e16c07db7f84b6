//! Compose files: which Dockerfile, stage and arguments a service builds, and what it changes of the image.

use std::collections::BTreeMap;

use super::commands::{of_script, without_poetry};
use super::draft::{Draft, Healthcheck, Image, Origin, Taken, Target};
use super::targets;
use super::yaml::{self, Node};
use crate::diagnostics::{Diagnostics, Document, Problem};

/// Names of services that are usually the main one.
const MAIN: [&str; 8] = [
    "web", "app", "api", "server", "backend", "django", "fastapi", "service",
];

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("this file is not UTF-8 text")]
    NotUtf8,
    #[error("this file is not YAML: {0}")]
    Syntax(String),
}

impl Problem for Error {
    fn hint(&self) -> String {
        "fix the file, or ignore it with `--from none`".into()
    }
}

/// The services of a compose file that build this project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compose {
    services: Vec<Service>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Service {
    name: String,
    node: Node,
    dockerfile: Option<String>,
    target: Option<String>,
    origin: Origin,
}

impl Compose {
    /// # Errors
    /// The file is not YAML.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Diagnostics> {
        let document = |text: &str| Document::new(name, "yaml", text);
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Error::NotUtf8.at(&document("").first_line()))?;
        let root = yaml::parse(text).map_err(|(line, reason)| {
            let document = document(text);
            let start: usize = text
                .split_inclusive('\n')
                .take(line.max(1) - 1)
                .map(str::len)
                .sum();
            Error::Syntax(reason).at(&document.span(start..start + 1))
        })?;
        let Some(services) = root.as_ref().and_then(|root| root.get("services")) else {
            return Ok(Self::default());
        };
        let built = services.entries().filter_map(|(service, node)| {
            let build = node.get("build")?;
            let text = |key: &str| build.get(key).and_then(Node::text).map(str::to_owned);
            let context = build.text().map(str::to_owned).or_else(|| text("context"));
            let is_here =
                context.is_none_or(|context| matches!(context.trim_end_matches('/'), "." | ""));
            is_here.then(|| Service {
                name: service.to_owned(),
                node: node.clone(),
                dockerfile: text("dockerfile").map(|path| path.trim_start_matches("./").to_owned()),
                target: text("target"),
                origin: Origin {
                    file: name.to_owned(),
                    line: node.line.saturating_sub(1).max(1),
                },
            })
        });
        Ok(Self {
            services: built.collect(),
        })
    }

    fn main(&self, project: &str) -> Option<&Service> {
        let named = |name: &str| self.services.iter().find(|service| service.name == name);
        named(project)
            .or_else(|| MAIN.iter().find_map(|name| named(name)))
            .or(self.services.first())
    }

    /// The Dockerfile of the main service.
    #[must_use]
    pub fn dockerfile(&self, project: &str) -> Option<&str> {
        self.main(project)?.dockerfile.as_deref()
    }

    /// The stage of the main service.
    #[must_use]
    pub fn stage(&self, project: &str) -> Option<&str> {
        self.main(project)?.target.as_deref()
    }

    /// Whether a service builds this project.
    #[must_use]
    pub fn has_services(&self) -> bool {
        !self.services.is_empty()
    }

    /// Adds what the services say that the image does not: the main service fills gaps, and others with a command of their own
    /// become targets.
    pub fn add(&self, draft: &mut Draft, project: &str) {
        let Some(main) = self.main(project) else {
            return;
        };
        let dockerfile = main.dockerfile.clone();
        fill(&mut draft.main, main);
        for service in &self.services {
            if service.name == main.name || service.dockerfile != dockerfile {
                continue;
            }
            let name = targets::name(service.target.as_deref().unwrap_or(&service.name));
            let of_stage = draft.targets.get(&name).map(|target| target.image.clone());
            let mut image = of_stage.unwrap_or_else(|| draft.main.clone());
            let has_command = override_command(&mut image, service);
            if has_command
                && !is_same(&image, &draft.main)
                && !draft
                    .targets
                    .values()
                    .any(|target| is_same(&target.image, &image))
            {
                let name = targets::name(&service.name);
                let origin = service.origin.clone();
                draft.targets.insert(name, Target { image, origin });
            }
        }
    }
}

/// Whether two images run the same.
fn is_same(one: &Image, other: &Image) -> bool {
    let value =
        |words: &Option<Taken<Vec<String>>>| words.as_ref().map(|words| words.value.clone());
    value(&one.entrypoint) == value(&other.entrypoint) && value(&one.cmd) == value(&other.cmd)
}

fn origin(service: &Service, key: &str) -> Origin {
    let line = service
        .node
        .get(key)
        .map_or(service.origin.line, |node| node.line);
    Origin {
        file: service.origin.file.clone(),
        line,
    }
}

/// The words of `command` or `entrypoint`; `None` if they depend on the environment of the host.
fn words(node: &Node) -> Option<Vec<String>> {
    let plain = |text: &str| -> Option<String> {
        let text = text.replace("$$", "\u{0}");
        (!text.contains('$')).then(|| text.replace('\u{0}', "$"))
    };
    let words = if let Some(text) = node.text() {
        of_script(&without_poetry(&plain(text)?))
    } else {
        let words = node.items().iter().map(|item| plain(item.text()?));
        let words: Vec<String> = words.collect::<Option<_>>()?;
        let runs_poetry = words.starts_with(&["poetry", "run"].map(str::to_owned));
        let words = words.iter().skip(if runs_poetry { 2 } else { 0 });
        words.map(|word| word.replace("${", "$${")).collect()
    };
    (!words.is_empty() && !words[0].is_empty()).then_some(words)
}

fn override_command(image: &mut Image, service: &Service) -> bool {
    let get = |key: &str| {
        service
            .node
            .get(key)
            .and_then(words)
            .map(|words| Taken::new(words, &origin(service, key)))
    };
    let (entrypoint, cmd) = (get("entrypoint"), get("command"));
    let has_command = entrypoint.is_some() || cmd.is_some();
    if entrypoint.is_some() {
        image.entrypoint = entrypoint;
        image.cmd = None;
    }
    if cmd.is_some() {
        image.cmd = cmd;
    }
    if has_command {
        // A worker serves no port, and the check of the main service does not fit it.
        image.expose.clear();
        image.healthcheck = None;
        image.expose.extend(ports(service));
        image.healthcheck = health(service).or(image.healthcheck.take());
    }
    has_command
}

fn fill(image: &mut Image, main: &Service) {
    if image.entrypoint.is_none() && image.cmd.is_none() {
        let get = |key: &str| {
            main.node
                .get(key)
                .and_then(words)
                .map(|words| Taken::new(words, &origin(main, key)))
        };
        image.entrypoint = get("entrypoint");
        image.cmd = get("command");
    }
    if image.expose.is_empty() {
        image.expose = ports(main);
    }
    if image.healthcheck.is_none() {
        image.healthcheck = health(main);
    }
    if image.stop_signal.is_none() {
        let signal = main.node.get("stop_signal").and_then(Node::text);
        let signal = signal.filter(|signal| signal.starts_with("SIG"));
        image.stop_signal =
            signal.map(|signal| Taken::new(signal.to_owned(), &origin(main, "stop_signal")));
    }
    if image.init.is_none() && main.node.get("init").and_then(Node::text) == Some("true") {
        image.init = Some(origin(main, "init"));
    }
}

/// The ports of the container.
fn ports(service: &Service) -> Vec<Taken<String>> {
    let listed = ["ports", "expose"]
        .into_iter()
        .filter_map(|key| service.node.get(key));
    let ports = listed.flat_map(Node::items).filter_map(|item| {
        let text = item.text().or_else(|| item.get("target")?.text())?;
        let (text, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let port = text.rsplit(':').next()?;
        let number: u16 = port.parse().ok()?;
        let port = if protocol == "tcp" {
            number.to_string()
        } else {
            format!("{number}/{protocol}")
        };
        let origin = Origin {
            file: service.origin.file.clone(),
            line: item.line,
        };
        Some(Taken::new(port, &origin))
    });
    ports.collect()
}

fn health(service: &Service) -> Option<Taken<Healthcheck>> {
    let node = service.node.get("healthcheck")?;
    let test = node.get("test")?;
    let items: Vec<&str> = test.items().iter().filter_map(Node::text).collect();
    let cmd = match items.as_slice() {
        ["NONE"] => return None,
        ["CMD", words @ ..] => words
            .iter()
            .map(|word| word.replace("$$", "$").replace("${", "$${"))
            .collect(),
        ["CMD-SHELL", script] => of_script(&script.replace("$$", "$")),
        _ => of_script(&test.text()?.replace("$$", "$")),
    };
    let mut times = BTreeMap::new();
    for (key, name) in [
        ("interval", "interval"),
        ("timeout", "timeout"),
        ("start_period", "start-period"),
        ("start_interval", "start-interval"),
    ] {
        let time = node.get(key).and_then(Node::text);
        times.extend(time.map(|time| (name.to_owned(), time.to_owned())));
    }
    let retries = node
        .get("retries")
        .and_then(Node::text)
        .and_then(|text| text.parse().ok());
    let check = Healthcheck {
        cmd,
        times,
        retries,
    };
    Some(Taken::new(check, &origin(service, "healthcheck")))
}
