//! Compares two plans: which steps would re-run, and what invalidates them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use crate::diagnostics::{Colour, printable};
use crate::plan::{
    Action, Base, Cause, ContextFiles, Input, Plan, Settings, Stage, StageName, Step,
};
use crate::project::LOCK;

/// The number of reasons that the text shows for each step; JSON has all of them.
const SHOWN_REASONS: usize = 6;

/// One of the two plans, and its files.
pub(crate) struct Side {
    pub(crate) plan: Plan,
    /// The documents by name, with secrets masked.
    pub(crate) texts: BTreeMap<String, String>,
    /// For each part of a context that the plan copies from, the digests of its files by path.
    pub(crate) digests: Vec<(ContextFiles, BTreeMap<String, String>)>,
}

impl Side {
    /// The digests of the files that a step copies from contexts, by path.
    fn copied_files(&self, step: &Step) -> BTreeMap<String, String> {
        let parts = step.inputs().filter_map(|input| match input {
            Input::Context(files) => self.digests.iter().find(|(known, _)| known == files),
            _ => None,
        });
        parts.flat_map(|(_, digests)| digests.clone()).collect()
    }
}

/// A step of the new plan.
#[derive(Debug)]
pub(crate) struct Compared {
    stage: StageName,
    title: String,
    /// Its position, such as `2/4`.
    number: String,
    /// What invalidates it; empty if it stays cached.
    reasons: Vec<Reason>,
}

/// Why a step re-runs.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    NewStep,
    /// A line of a document was added or changed.
    Line {
        file: String,
        number: usize,
        text: String,
    },
    RemovedLine {
        file: String,
        text: String,
    },
    /// A file that the step copies from a context.
    File(String, Change),
    /// A cache input that no line of a document explains.
    CacheInput(Change, String),
    /// An earlier step of the same stage re-runs.
    Step(usize),
    /// A stage that the step uses re-runs.
    Stage(StageName),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Added,
    Changed,
    Removed,
}

impl Change {
    fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

impl Reason {
    /// For a new step: the line that requests it, if there is one.
    fn new_step(step: &Step) -> Self {
        let span = &step.span;
        // The first line stands for the defaults.
        if *span == span.document().first_line() {
            return Self::NewStep;
        }
        let number = span.start().line;
        let shown = span.document().masked();
        let line = shown.lines().nth(number - 1).unwrap_or_default();
        Self::Line {
            file: span.document().name().to_owned(),
            number,
            text: line.trim().to_owned(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::NewStep => "new step".to_owned(),
            Self::Line { file, number, text } => format!("{file}:{number}: {text}"),
            Self::RemovedLine { file, text } => format!("{file}: removed {text}"),
            Self::File(path, change) => format!("{path} {}", change.as_str()),
            Self::CacheInput(Change::Removed, input) => format!("- {input}"),
            Self::CacheInput(_, input) => format!("+ {input}"),
            Self::Step(number) => format!("step {number} re-runs"),
            Self::Stage(name) => format!("`{name}` re-runs"),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::NewStep => json!({ "newStep": true }),
            Self::Line { file, number, text } => {
                json!({ "file": file, "line": number, "text": text })
            }
            Self::RemovedLine { file, text } => json!({ "file": file, "removedText": text }),
            Self::File(path, change) => json!({ "path": path, "change": change.as_str() }),
            Self::CacheInput(change, input) => {
                json!({ "cacheInput": input, "change": change.as_str() })
            }
            Self::Step(number) => json!({ "step": number }),
            Self::Stage(name) => json!({ "stage": name.to_string() }),
        }
    }
}

impl Compared {
    /// Whether it would run again.
    pub(crate) fn reruns(&self) -> bool {
        !self.reasons.is_empty()
    }

    pub(crate) fn json(&self) -> Value {
        let reasons: Vec<Value> = self.reasons.iter().map(Reason::json).collect();
        json!({
            "stage": self.stage.to_string(),
            "step": self.title,
            "reruns": self.reruns(),
            "invalidatedBy": reasons,
        })
    }
}

/// The keys of the image config that differ, such as `entrypoint` and `env.PORT`. Values may be secrets.
pub(crate) fn changed_settings(old: &Side, new: &Side) -> Vec<String> {
    let [old, new] = [old, new].map(|side| settings(&side.plan.settings));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = keys
        .into_iter()
        .filter(|key| old.get(*key) != new.get(*key));
    changed.cloned().collect()
}

/// The values of the image config by their keys.
fn settings(settings: &Settings) -> BTreeMap<String, String> {
    let Settings {
        user,
        workdir,
        path,
        env,
        entrypoint,
        cmd,
        expose,
        labels,
        healthcheck,
        stop_signal,
        volumes,
    } = settings;
    let fields = [
        ("user", format!("{user:?}")),
        ("workdir", format!("{workdir:?}")),
        ("path", format!("{path:?}")),
        ("entrypoint", format!("{entrypoint:?}")),
        ("cmd", format!("{cmd:?}")),
        ("expose", format!("{expose:?}")),
        ("healthcheck", format!("{healthcheck:?}")),
        ("stop-signal", format!("{stop_signal:?}")),
        ("volumes", format!("{volumes:?}")),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value));
    let named = [("env", env), ("labels", labels)];
    let named = named.into_iter().flat_map(|(key, values)| {
        values
            .iter()
            .map(move |(name, value)| (format!("{key}.{name}"), value.clone()))
    });
    fields.into_iter().chain(named).collect()
}

pub(crate) fn compare(old: &Side, new: &Side) -> Vec<Compared> {
    let lines = changed_lines(&old.texts, &new.texts);
    let mut compared = Vec::new();
    // The stages whose last step re-runs.
    let mut invalidated: BTreeSet<StageName> = BTreeSet::new();
    for stage in &new.plan.stages {
        let before = old.plan.stages.iter().find(|one| one.name == stage.name);
        // Why the base of the next step is another one.
        let mut new_base = match &stage.from {
            Base::Stage(name) => invalidated
                .contains(name)
                .then(|| Reason::Stage(name.clone())),
            Base::Image(image) | Base::ImageOn(image, _) => {
                let same = before.is_none_or(|before| before.from == stage.from);
                let from = || format!("from {}", image.familiar());
                (!same).then(|| Reason::CacheInput(Change::Added, from()))
            }
        };
        for (index, step) in stage.steps.iter().enumerate() {
            let counterpart = before.and_then(|before| same_step(before, stage, step, index));
            let mut reasons = changes(old, new, counterpart, step, &lines);
            for cause in step.causes() {
                if let Cause::Stage(name) = cause
                    && invalidated.contains(&name)
                {
                    reasons.push(Reason::Stage(name));
                }
            }
            reasons.extend(new_base.take());
            if !reasons.is_empty() {
                new_base = Some(Reason::Step(index + 1));
            }
            compared.push(Compared {
                stage: stage.name.clone(),
                title: step.title.clone(),
                number: format!("{}/{}", index + 1, stage.steps.len()),
                reasons,
            });
        }
        if new_base.is_some() {
            invalidated.insert(stage.name.clone());
        }
    }
    compared
}

/// The step of the old stage that corresponds to a new one: one with the same cache inputs or title, or else a renamed one
/// at the same position.
fn same_step<'a>(before: &'a Stage, stage: &Stage, step: &Step, index: usize) -> Option<&'a Step> {
    let cache_inputs = step.action.cache_inputs();
    let steps = &before.steps;
    let equal = steps
        .iter()
        .find(|one| one.action.cache_inputs() == cache_inputs);
    let same_title = || steps.iter().find(|one| one.title == step.title);
    // A step whose title still exists was moved, not renamed.
    let still_exists = |one: &Step| stage.steps.iter().any(|other| other.title == one.title);
    let renamed = || {
        steps
            .get(index)
            .filter(|one| same_kind(&one.action, &step.action) && !still_exists(one))
    };
    equal.or_else(same_title).or_else(renamed)
}

fn same_kind(one: &Action, other: &Action) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// What changed in the step itself and in the files that it copies.
fn changes(
    old: &Side,
    new: &Side,
    before: Option<&Step>,
    step: &Step,
    lines: &[Reason],
) -> Vec<Reason> {
    let Some(before) = before else {
        return vec![Reason::new_step(step)];
    };
    let (cache_inputs_before, cache_inputs) =
        (before.action.cache_inputs(), step.action.cache_inputs());
    let mut reasons = Vec::new();
    if cache_inputs_before != cache_inputs {
        reasons.extend(changed_inputs(&cache_inputs_before, &cache_inputs, lines));
    }
    let (files_before, files) = (old.copied_files(before), new.copied_files(step));
    for (path, digest) in &files {
        match files_before.get(path) {
            Some(same) if same == digest => {}
            Some(_) => reasons.push(Reason::File(path.clone(), Change::Changed)),
            None => reasons.push(Reason::File(path.clone(), Change::Added)),
        }
    }
    let removed = files_before
        .keys()
        .filter(|path| !files.contains_key(*path));
    reasons.extend(removed.map(|path| Reason::File(path.clone(), Change::Removed)));
    reasons
}

/// The changed lines of the documents that explain the changed cache inputs; if there are none, the cache inputs.
fn changed_inputs(before: &[String], after: &[String], lines: &[Reason]) -> Vec<Reason> {
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&before, &after);
    let changed: Vec<(Change, &str)> = diff
        .iter_all_changes()
        .filter_map(|change| match change.tag() {
            ChangeTag::Insert => Some((Change::Added, change.value())),
            ChangeTag::Delete => Some((Change::Removed, change.value())),
            ChangeTag::Equal => None,
        })
        .collect();
    let same = |input: &str, line: &str| {
        let input = input.split_once(": ").map_or(input, |(_, line)| line);
        input.trim() == line.trim()
    };
    let within = |input: &str, line: &str| {
        let mut words = words(line).peekable();
        words.peek().is_some() && words.all(|word| input.contains(word))
    };
    let explanations = |explains: &dyn Fn(&str, &str) -> bool, in_lock: bool| -> Vec<Reason> {
        let explains = |reason: &&Reason| {
            let (change, file, text) = match reason {
                Reason::Line { file, text, .. } => (Change::Added, file, text),
                Reason::RemovedLine { file, text } => (Change::Removed, file, text),
                _ => return false,
            };
            (in_lock || file != LOCK)
                && changed
                    .iter()
                    .any(|(one, input)| *one == change && explains(input, text))
        };
        lines.iter().filter(explains).cloned().collect()
    };
    // Written files contain the lines themselves; other steps contain words of them.
    let explanations = [
        explanations(&same, true),
        explanations(&within, false),
        explanations(&within, true),
    ];
    let inputs = changed.iter();
    let inputs = inputs
        .map(|(change, input)| Reason::CacheInput(*change, short(input)))
        .collect();
    explanations
        .into_iter()
        .find(|reasons| !reasons.is_empty())
        .unwrap_or(inputs)
}

/// The words of a line, without common keys and punctuation.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| char.is_whitespace() || "\"'[]{},=".contains(char))
        .filter(|word| {
            word.len() > 1 && !["name", "version", "file", "hash", "command", "env"].contains(word)
        })
}

fn short(input: &str) -> String {
    let line = input.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(100).collect();
    if cut.len() < input.len() {
        format!("{cut} ...")
    } else {
        cut
    }
}

/// The lines of the documents that differ, without comments.
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
                ChangeTag::Delete => changed.push(Reason::RemovedLine {
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

pub(crate) fn rendered(compared: &[Compared], settings: &[String], colour: Colour) -> String {
    let mut text = String::new();
    let mut stage = None;
    for step in compared.iter().filter(|step| !step.reasons.is_empty()) {
        if stage != Some(&step.stage) {
            let _ = writeln!(text, "{}", colour.bold(&step.stage.to_string()));
            stage = Some(&step.stage);
        }
        let _ = writeln!(text, "   {} {}", step.number, step.title);
        for reason in step.reasons.iter().take(SHOWN_REASONS) {
            let _ = writeln!(text, "       {}", colour.dim(&printable(&reason.text())));
        }
        if step.reasons.len() > SHOWN_REASONS {
            let _ = writeln!(
                text,
                "       {}",
                colour.dim(&format!("and {} more", step.reasons.len() - SHOWN_REASONS))
            );
        }
    }
    if !settings.is_empty() {
        let _ = writeln!(text, "{}", colour.bold("image config"));
        for key in settings {
            let _ = writeln!(text, "   {}", printable(key));
        }
    }
    let reruns = compared
        .iter()
        .filter(|step| !step.reasons.is_empty())
        .count();
    let _ = match reruns {
        0 => writeln!(text, "no step would re-run"),
        _ => writeln!(text, "{reruns} of {} steps would re-run", compared.len()),
    };
    text
}
