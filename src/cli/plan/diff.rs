//! Which steps would run again, and because of what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use similar::{ChangeTag, TextDiff};

use super::super::arguments::Given;
use super::super::folder::Folder;
use super::super::{Error, Outcome, output};
use super::revision::Checkout;
use super::{COMMAND, planned};
use crate::diagnostics::Colour;
use crate::plan::{Action, Base, Cause, ContextFiles, Origin, Plan, Stage, StageName, Step};
use crate::project::LOCK;

/// No more reasons are shown for a step; programs get all.
const MOST: usize = 6;

pub(super) fn run(given: &Given, format: &str) -> Result<Outcome, Error> {
    let [old, new] = given.operands.as_slice() else {
        return Err(Error::Missing("two folders or revisions", COMMAND.name));
    };
    if !["tree", "json"].contains(&format) {
        return Err(Error::Choice(
            "format",
            format.to_owned(),
            &["tree", "json"],
        ));
    }
    let (old, new) = (Checkout::of(old)?, Checkout::of(new)?);
    let (Some(old), Some(new)) = (Side::of(&old, given)?, Side::of(&new, given)?) else {
        return Ok(Outcome::Bad);
    };
    let compared = compare(&old, &new)?;
    if format == "json" {
        let steps: Vec<Value> = compared.iter().map(Compared::json).collect();
        output::json(&json!({ "steps": steps }))?;
    } else {
        output::text(&rendered(&compared, output::colour(given)))?;
    }
    Ok(Outcome::Good)
}

/// One of the two.
struct Side {
    folder: Folder,
    plan: Plan,
}

impl Side {
    fn of(checkout: &Checkout, given: &Given) -> Result<Option<Self>, Error> {
        let folder = Folder::at(checkout.folder().to_owned(), given)?;
        let plan = planned(&folder, given)?;
        Ok(plan.map(|plan| Self { folder, plan }))
    }

    /// The digests of the files that a step copies from a context, by path.
    fn content(&self, action: &Action) -> Result<BTreeMap<String, String>, Error> {
        let mut content = BTreeMap::new();
        for copy in action.copies() {
            if let Origin::Context(files) = &copy.from {
                content.extend(self.digests(files)?);
            }
        }
        Ok(content)
    }

    fn digests(&self, files: &ContextFiles) -> Result<BTreeMap<String, String>, Error> {
        let mut digests = BTreeMap::new();
        for file in self.folder.files(files)? {
            let bytes = self.folder.file(files, &file.path)?.unwrap_or_default();
            let digest = Sha256::digest(&bytes);
            digests.insert(
                file.path,
                digest
                    .iter()
                    .fold(String::new(), |text, byte| format!("{text}{byte:02x}")),
            );
        }
        Ok(digests)
    }

    /// The user's own texts, by name.
    fn texts(&self) -> BTreeMap<String, String> {
        let sources = &self.folder.sources;
        let own = [
            (sources.name.as_str(), Some(&sources.build_file)),
            (crate::project::PYPROJECT, sources.pyproject.as_ref()),
            (LOCK, sources.lock.as_ref()),
        ];
        own.into_iter()
            .filter_map(|(name, bytes)| {
                let text = String::from_utf8_lossy(bytes?).into_owned();
                Some((
                    name.to_owned(),
                    crate::diagnostics::Document::new(name, "toml", text).shown(),
                ))
            })
            .collect()
    }
}

/// A step of the new plan.
#[derive(Debug)]
struct Compared {
    stage: StageName,
    title: String,
    number: String,
    /// Why it runs again; nothing when it does not.
    because: Vec<Reason>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    /// There was no such step.
    New,
    /// A line of the user's is new, or another one.
    Line {
        file: String,
        number: usize,
        text: String,
    },
    /// A line of the user's is gone.
    Gone { file: String, text: String },
    /// A file of the context is another one.
    File(String, &'static str),
    /// Something else about the step.
    Fact(char, String),
    /// An earlier step or stage runs again.
    After(String),
}

impl Reason {
    /// Of a step that there was not: the line that asks for it.
    fn new(step: &Step) -> Self {
        let place = &step.place;
        if *place == place.document().first_line() {
            return Self::New;
        }
        let number = place.start().line;
        let shown = place.document().shown();
        let line = shown.lines().nth(number - 1).unwrap_or_default();
        Self::Line {
            file: place.document().name().to_owned(),
            number,
            text: line.trim().to_owned(),
        }
    }

    fn said(&self) -> String {
        match self {
            Self::New => "there was no such step".to_owned(),
            Self::Line { file, number, text } => format!("{file}:{number}: {text}"),
            Self::Gone { file, text } => format!("{file}: no longer {text}"),
            Self::File(path, what) => format!("{path} was {what}"),
            Self::Fact(sign, fact) => format!("{sign} {fact}"),
            Self::After(what) => format!("after {what}"),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::New => json!({ "new": true }),
            Self::Line { file, number, text } => {
                json!({ "file": file, "line": number, "text": text })
            }
            Self::Gone { file, text } => json!({ "file": file, "gone": text }),
            Self::File(path, what) => json!({ "path": path, "was": what }),
            Self::Fact(sign, fact) => json!({ "fact": fact, "sign": sign.to_string() }),
            Self::After(what) => json!({ "after": what }),
        }
    }
}

impl Compared {
    fn json(&self) -> Value {
        let because: Vec<Value> = self.because.iter().map(Reason::json).collect();
        json!({
            "stage": self.stage.to_string(),
            "step": self.title,
            "runs": !self.because.is_empty(),
            "because": because,
        })
    }
}

fn compare(old: &Side, new: &Side) -> Result<Vec<Compared>, Error> {
    let lines = changed_lines(&old.texts(), &new.texts());
    let mut compared = Vec::new();
    // The stages of which the last step runs again.
    let mut anew: BTreeSet<StageName> = BTreeSet::new();
    for stage in &new.plan.stages {
        let before = old.plan.stages.iter().find(|one| one.name == stage.name);
        let mut running = match &stage.from {
            Base::Stage(name) => anew
                .contains(name)
                .then(|| Reason::After(format!("`{name}`"))),
            Base::Image(image) => {
                let same = before.is_some_and(|before| before.from == stage.from);
                (!same && before.is_some())
                    .then(|| Reason::Fact('+', format!("from {}", image.familiar())))
            }
        };
        for (index, step) in stage.steps.iter().enumerate() {
            let mut because = own(
                old,
                new,
                before.and_then(|before| same_step(before, stage, step, index)),
                step,
                &lines,
            )?;
            for cause in step.causes() {
                if let Cause::Stage(name) = cause
                    && anew.contains(&name)
                {
                    because.push(Reason::After(format!("`{name}`")));
                }
            }
            because.extend(running.take());
            if !because.is_empty() {
                running = Some(Reason::After(format!("step {}", index + 1)));
            }
            compared.push(Compared {
                stage: stage.name.clone(),
                title: step.title.clone(),
                number: format!("{}/{}", index + 1, stage.steps.len()),
                because,
            });
        }
        if running.is_some() {
            anew.insert(stage.name.clone());
        }
    }
    Ok(compared)
}

/// The step of the old stage that a new one is compared with.
fn same_step<'a>(before: &'a Stage, stage: &Stage, step: &Step, index: usize) -> Option<&'a Step> {
    let facts = step.action.facts();
    let steps = &before.steps;
    let equal = steps.iter().find(|one| one.action.facts() == facts);
    let titled = || steps.iter().find(|one| one.title == step.title);
    // One whose title alone has changed, not one that has moved.
    let stayed = |one: &Step| stage.steps.iter().any(|other| other.title == one.title);
    let placed = || {
        steps
            .get(index)
            .filter(|one| same_kind(&one.action, &step.action) && !stayed(one))
    };
    equal.or_else(titled).or_else(placed)
}

fn same_kind(one: &Action, other: &Action) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// What about the step itself is another thing.
fn own(
    old: &Side,
    new: &Side,
    before: Option<&Step>,
    step: &Step,
    lines: &[Reason],
) -> Result<Vec<Reason>, Error> {
    let Some(before) = before else {
        return Ok(vec![Reason::new(step)]);
    };
    let (facts_before, facts) = (before.action.facts(), step.action.facts());
    let mut reasons = Vec::new();
    if facts_before != facts {
        reasons.extend(explained(&facts_before, &facts, lines));
    }
    let (files_before, files) = (old.content(&before.action)?, new.content(&step.action)?);
    for (path, digest) in &files {
        match files_before.get(path) {
            Some(same) if same == digest => {}
            Some(_) => reasons.push(Reason::File(path.clone(), "changed")),
            None => reasons.push(Reason::File(path.clone(), "added")),
        }
    }
    let gone = files_before
        .keys()
        .filter(|path| !files.contains_key(*path));
    reasons.extend(gone.map(|path| Reason::File(path.clone(), "removed")));
    Ok(reasons)
}

/// The user's lines that make the facts differ; where none does, the facts.
fn explained(before: &[String], after: &[String], lines: &[Reason]) -> Vec<Reason> {
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&before, &after);
    let changed: Vec<(char, &str)> = diff
        .iter_all_changes()
        .filter_map(|change| match change.tag() {
            ChangeTag::Insert => Some(('+', change.value())),
            ChangeTag::Delete => Some(('-', change.value())),
            ChangeTag::Equal => None,
        })
        .collect();
    let same = |fact: &str, line: &str| {
        let fact = fact.split_once(": ").map_or(fact, |(_, line)| line);
        fact.trim() == line.trim()
    };
    let within = |fact: &str, line: &str| {
        let mut words = words(line).peekable();
        words.peek().is_some() && words.all(|word| fact.contains(word))
    };
    let explained = |decides: &dyn Fn(&str, &str) -> bool, in_lock: bool| -> Vec<Reason> {
        let decides = |reason: &&Reason| {
            let (sign, file, text) = match reason {
                Reason::Line { file, text, .. } => ('+', file, text),
                Reason::Gone { file, text } => ('-', file, text),
                _ => return false,
            };
            (in_lock || file != LOCK)
                && changed
                    .iter()
                    .any(|(one, fact)| *one == sign && decides(fact, text))
        };
        lines.iter().filter(decides).cloned().collect()
    };
    // The user's very lines are in what is written; of other steps they give some words.
    let found = [
        explained(&same, true),
        explained(&within, false),
        explained(&within, true),
    ];
    let facts = changed.iter();
    let facts = facts
        .map(|(sign, fact)| Reason::Fact(*sign, short(fact)))
        .collect();
    found
        .into_iter()
        .find(|found| !found.is_empty())
        .unwrap_or(facts)
}

/// What a line says besides its keys.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| char.is_whitespace() || "\"'[]{},=".contains(char))
        .filter(|word| {
            word.len() > 1 && !["name", "version", "file", "hash", "command", "env"].contains(word)
        })
}

fn short(fact: &str) -> String {
    let line = fact.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(100).collect();
    if cut.len() < fact.len() {
        format!("{cut} ...")
    } else {
        cut
    }
}

/// The lines of the user's files that differ.
fn changed_lines(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<Reason> {
    let mut changed = Vec::new();
    for (file, text) in new {
        let before = old.get(file).map_or("", String::as_str);
        for change in TextDiff::from_lines(before, text).iter_all_changes() {
            let text = change.value().trim().to_owned();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match change.tag() {
                ChangeTag::Equal => {}
                ChangeTag::Delete => changed.push(Reason::Gone {
                    file: file.clone(),
                    text,
                }),
                ChangeTag::Insert => changed.push(Reason::Line {
                    file: file.clone(),
                    number: change.new_index().map_or(0, |index| index + 1),
                    text,
                }),
            }
        }
    }
    changed
}

fn rendered(compared: &[Compared], colour: Colour) -> String {
    let mut text = String::new();
    let mut stage = None;
    for step in compared.iter().filter(|step| !step.because.is_empty()) {
        if stage != Some(&step.stage) {
            let _ = writeln!(text, "{}", colour.bold(&step.stage.to_string()));
            stage = Some(&step.stage);
        }
        let _ = writeln!(text, "   {} {}", step.number, step.title);
        for reason in step.because.iter().take(MOST) {
            let _ = writeln!(text, "       {}", colour.dim(&reason.said()));
        }
        if step.because.len() > MOST {
            let _ = writeln!(
                text,
                "       {}",
                colour.dim(&format!("and {} more", step.because.len() - MOST))
            );
        }
    }
    let again = compared
        .iter()
        .filter(|step| !step.because.is_empty())
        .count();
    let _ = match again {
        0 => writeln!(text, "no step would run again"),
        _ => writeln!(text, "{again} of {} steps would run again", compared.len()),
    };
    text
}
