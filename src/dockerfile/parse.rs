//! Reads a Dockerfile.

use super::error::Error;
use super::instruction::{
    Command, CopiedSource, Copying, Dockerfile, Health, Instruction, Kind, Running, Stage,
};
use super::lines::{Line, escape, lines};
use super::pairs::{pairs, words};
use super::variables::{Expanded, Scope};
use crate::diagnostics::{Diagnostic, Diagnostics, Document, Problem, Span, closest};

/// Larger than any Dockerfile that a person wrote.
const LARGEST: usize = 1 << 20;
const LONGEST: usize = 5000;

const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

impl Dockerfile {
    /// # Errors
    /// The file is not text, too large, or not a Dockerfile.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Diagnostics> {
        let failed = |error: Error| error.at(&Document::new(name, "dockerfile", "").first_line());
        if bytes.len() > LARGEST {
            return Err(failed(Error::TooLarge(LARGEST)).into());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| failed(Error::NotUtf8))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Reader::new(Document::new(name, "dockerfile", text)).read()
    }
}

struct Reader {
    document: Document,
    escape: char,
    /// The variables of `FROM` lines.
    global: Scope,
    arguments: Vec<(String, Option<Expanded>, Span)>,
    /// The stages, each with the variables at its end.
    stages: Vec<(Stage, Scope)>,
    /// The variables at this point.
    scope: Scope,
}

impl Reader {
    fn new(document: Document) -> Self {
        Self {
            escape: escape(document.text()),
            document,
            global: Scope::default(),
            arguments: Vec::new(),
            stages: Vec::new(),
            scope: Scope::default(),
        }
    }

    fn read(mut self) -> Result<Dockerfile, Diagnostics> {
        let mut errors: Vec<Diagnostic> = Vec::new();
        let lines = lines(self.document.text(), self.escape);
        if lines.len() > LONGEST {
            return Err(Error::TooLong(LONGEST)
                .at(&self.document.first_line())
                .into());
        }
        for line in lines {
            let added = match line {
                Ok(line) => self.add(&line),
                Err((error, range)) => Err(error.at(&self.document.span(range))),
            };
            errors.extend(added.err());
        }
        if self.stages.is_empty() && errors.is_empty() {
            errors.push(Error::NoStage.at(&self.document.first_line()));
        }
        Diagnostics::fail_if_any(errors)?;
        Ok(Dockerfile {
            document: self.document,
            arguments: self.arguments,
            stages: self.stages.into_iter().map(|(stage, _)| stage).collect(),
        })
    }

    fn add(&mut self, line: &Line) -> Result<(), Diagnostic> {
        let span = self.document.span(line.range.clone());
        let failed = |error: Error| error.at(&span);
        if line.keyword == "FROM" {
            return self.stage(line, &span).map_err(failed);
        }
        let kind = self.kind(line).map_err(failed)?;
        let Some((stage, scope)) = self.stages.last_mut() else {
            let Kind::Arg(arguments) = kind else {
                return Err(failed(Error::BeforeFrom(line.keyword.clone())));
            };
            for (name, default) in arguments {
                self.global.argument(&name, default.as_ref());
                self.arguments.push((name, default, span.clone()));
            }
            return Ok(());
        };
        match &kind {
            Kind::Env(variables) => {
                for (name, value) in variables {
                    self.scope.variable(name, value.clone());
                }
            }
            Kind::Arg(arguments) => {
                for (name, default) in arguments {
                    let global = self.arguments.iter().rev();
                    let mut global = global.filter(|(known, ..)| known == name);
                    let global = global.find_map(|(_, default, _)| default.as_ref());
                    self.scope.argument(name, default.as_ref().or(global));
                }
            }
            _ => {}
        }
        scope.clone_from(&self.scope);
        stage.instructions.push(Instruction { kind, span });
        Ok(())
    }

    fn stage(&mut self, line: &Line, span: &Span) -> Result<(), Error> {
        let (_, rest) = options(&line.rest);
        let words: Vec<&str> = rest.split_whitespace().collect();
        let (image, name) = match words.as_slice() {
            [image] => (*image, None),
            [image, word, name] if word.eq_ignore_ascii_case("as") => (*image, Some(*name)),
            _ => return Err(Error::From),
        };
        let base = self.global.expand(image, self.escape)?;
        if base.value.is_empty() {
            return Err(Error::From);
        }
        let name = name.map(str::to_ascii_lowercase);
        let below = base.value.to_ascii_lowercase();
        let mut earlier = self.stages.iter().rev();
        let parent = earlier.find(|(stage, _)| stage.name.as_ref() == Some(&below));
        self.scope = parent.map_or_else(Scope::default, |(_, scope)| scope.clone());
        let stage = Stage {
            name,
            base,
            span: span.clone(),
            instructions: Vec::new(),
        };
        self.stages.push((stage, self.scope.clone()));
        Ok(())
    }

    fn kind(&self, line: &Line) -> Result<Kind, Error> {
        let rest = line.rest.as_str();
        if rest.is_empty() && KEYWORDS.contains(&line.keyword.as_str()) {
            return Err(Error::NoArguments(line.keyword.clone()));
        }
        Ok(match line.keyword.as_str() {
            "ADD" => Kind::Add(self.copying(rest)?),
            "ARG" => Kind::Arg(self.arguments(rest)?),
            "CMD" => Kind::Cmd(command(rest, &line.script)),
            "COPY" => Kind::Copy(self.copying(rest)?),
            "ENTRYPOINT" => Kind::Entrypoint(command(rest, &line.script)),
            "ENV" => Kind::Env(self.pairs(rest)?),
            "EXPOSE" => Kind::Expose(self.all(&words(rest, self.escape))?),
            "HEALTHCHECK" => Kind::Healthcheck(health(line)?),
            "LABEL" => Kind::Label(self.pairs(rest)?),
            "MAINTAINER" => Kind::Maintainer(rest.to_owned()),
            "ONBUILD" => Kind::Onbuild(rest.to_owned()),
            "RUN" => Kind::Run(running(line)),
            "SHELL" => Kind::Shell(json(rest).ok_or(Error::ShellForm)?),
            "STOPSIGNAL" => Kind::StopSignal(self.expand(rest)?),
            "USER" => Kind::User(self.expand(rest)?),
            "VOLUME" => {
                Kind::Volume(self.all(&json(rest).unwrap_or_else(|| words(rest, self.escape)))?)
            }
            "WORKDIR" => Kind::Workdir(self.expand(rest)?),
            _ => {
                let shown: String = line.keyword.chars().take(40).collect();
                let known = closest(&shown, KEYWORDS);
                return Err(Error::UnknownInstruction(shown, known));
            }
        })
    }

    fn expand(&self, text: &str) -> Result<Expanded, Error> {
        self.scope.expand(text, self.escape)
    }

    fn all(&self, texts: &[String]) -> Result<Vec<Expanded>, Error> {
        texts.iter().map(|text| self.expand(text)).collect()
    }

    fn pairs(&self, text: &str) -> Result<Vec<(String, Expanded)>, Error> {
        let pairs = pairs(text, self.escape)?.into_iter();
        let expanded =
            pairs.map(|(name, value)| Ok((self.expand(&name)?.value, self.expand(&value)?)));
        expanded.collect()
    }

    /// `ARG NAME` has no default.
    fn arguments(&self, text: &str) -> Result<Vec<(String, Option<Expanded>)>, Error> {
        let scope = if self.stages.is_empty() {
            &self.global
        } else {
            &self.scope
        };
        let words = words(text, self.escape).into_iter();
        let arguments = words.map(|word| match word.split_once('=') {
            Some((name, default)) => {
                let default = scope.expand(default, self.escape)?;
                Ok((name.to_owned(), Some(default)))
            }
            None => Ok((word, None)),
        });
        arguments.collect()
    }

    fn copying(&self, text: &str) -> Result<Copying, Error> {
        let (named, rest) = options(text);
        let named = named.into_iter();
        let named = named.map(|(name, value)| Ok((name, self.expand(&value)?)));
        let mut paths = json(rest).unwrap_or_else(|| words(rest, self.escape));
        let dest = paths
            .pop()
            .filter(|_| !paths.is_empty())
            .ok_or(Error::OnePath)?;
        let source = |path: &String| {
            if path.starts_with("<<") {
                return Ok(CopiedSource::Text);
            }
            self.expand(path).map(CopiedSource::Path)
        };
        Ok(Copying {
            options: named.collect::<Result<_, Error>>()?,
            sources: paths.iter().map(source).collect::<Result<_, Error>>()?,
            dest: self.expand(&dest)?,
        })
    }
}

/// The options at the start, without `--`, and what follows them.
fn options(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(option) = rest.strip_prefix("--") {
        let end = option.find(char::is_whitespace).unwrap_or(option.len());
        let (option, after) = option.split_at(end);
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        found.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    (found, rest)
}

/// A script without the options before it.
fn without_options(script: &str) -> &str {
    let mut rest = script;
    while rest.starts_with("--") {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest[end..].trim_start();
        rest = rest.strip_prefix("\\\n").unwrap_or(rest).trim_start();
    }
    rest
}

fn json(text: &str) -> Option<Vec<String>> {
    text.starts_with('[')
        .then(|| serde_json::from_str(text).ok())?
}

fn command(text: &str, script: &str) -> Command {
    json(text).map_or_else(|| Command::Shell(script.to_owned()), Command::Exec)
}

fn running(line: &Line) -> Running {
    let (options, rest) = options(&line.rest);
    let script = without_options(&line.script);
    // Here-documents alone are the script.
    let are_alone =
        !line.texts.is_empty() && rest.split_whitespace().all(|word| word.starts_with("<<"));
    let command = if are_alone {
        Command::Shell(line.texts.iter().map(|text| text.text.as_str()).collect())
    } else if line.texts.is_empty() {
        command(rest, script)
    } else {
        Command::Shell(line.with_texts(script))
    };
    Running { command, options }
}

fn health(line: &Line) -> Result<Health, Error> {
    let (options, rest) = options(&line.rest);
    let (kind, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let script = without_options(&line.script);
    let script = script.get(kind.len()..).unwrap_or_default().trim();
    match kind.to_ascii_uppercase().as_str() {
        "NONE" => Ok(Health::None),
        "CMD" if !after.trim().is_empty() => Ok(Health::Check {
            command: command(after.trim(), script),
            options,
        }),
        _ => Err(Error::Health),
    }
}
