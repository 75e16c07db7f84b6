//! What was taken from where, as a text for the user.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::draft::{Draft, Image, Origin, Taken};
use super::targets::differences;
use super::write::used;

/// What was taken over, what is left out, and what is left to do.
#[must_use]
pub fn report(draft: &Draft) -> String {
    let mut text = String::new();
    let mut taken = Found::default();
    taken.draft(draft);
    section(&mut text, "Taken over", &taken.0);
    let mut left = Found::default();
    for (origin, what) in &draft.defaults {
        left.add(origin, what);
    }
    section(&mut text, "Left out, because the frontend does it", &left.0);
    if !draft.remarks.is_empty() {
        text.push_str("\nLeft to do:\n\n");
        for remark in &draft.remarks {
            let _ = writeln!(text, "{remark}");
        }
    }
    text
}

fn section(text: &mut String, title: &str, found: &BTreeMap<Origin, BTreeSet<String>>) {
    if found.is_empty() {
        return;
    }
    let _ = write!(text, "\n{title}:\n\n");
    let width = found
        .keys()
        .map(|origin| origin.to_string().len())
        .max()
        .unwrap_or_default();
    for (origin, names) in found {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = writeln!(
            text,
            "  {:width$}  {}",
            origin.to_string(),
            names.join(", ")
        );
    }
}

/// Keys by their origins.
#[derive(Default)]
struct Found(BTreeMap<Origin, BTreeSet<String>>);

impl Found {
    fn add(&mut self, origin: &Origin, what: impl Into<String>) {
        self.0
            .entry(origin.clone())
            .or_default()
            .insert(what.into());
    }

    fn key<T>(&mut self, key: &str, value: Option<&Taken<T>>) {
        if let Some(value) = value {
            self.add(&value.origin, key);
        }
    }

    fn all<'t, T: 't>(&mut self, key: &str, values: impl IntoIterator<Item = &'t Taken<T>>) {
        for value in values {
            self.add(&value.origin, key);
        }
    }

    fn draft(&mut self, draft: &Draft) {
        for name in used(draft) {
            let argument = draft.arguments.get(&name);
            self.key(&format!("args.{name}"), argument);
        }
        self.key("python.version", draft.python_version.as_ref());
        self.key("python.variant", draft.python_variant.as_ref());
        self.key("poetry.version", draft.poetry_version.as_ref());
        self.all("poetry.plugins", &draft.poetry_plugins);
        self.image(&draft.main, "");
        for (name, target) in &draft.targets {
            let (own, _) = differences(&target.image, &draft.main);
            self.add(&target.origin, format!("target.{name}"));
            self.image(&own, &format!("target.{name}."));
        }
    }

    fn image(&mut self, image: &Image, prefix: &str) {
        let key = |key: &str| format!("{prefix}{key}");
        self.key(&key("dependencies.groups"), image.groups.as_ref());
        self.key(&key("dependencies.without"), image.without.as_ref());
        self.key(&key("dependencies.extras"), image.extras.as_ref());
        self.key(&key("source.install"), image.install.as_ref());
        self.all(&key("source.include"), &image.include);
        self.all(&key("source.env"), image.source_env.values());
        self.key(&key("build.base"), image.build_base.as_ref());
        self.all(&key("build.packages"), &image.build_packages);
        self.all(&key("build.env"), image.build_env.values());
        self.key(&key("runtime.base"), image.base.as_ref());
        self.all(&key("runtime.packages"), &image.packages);
        self.key(&key("runtime.user"), image.user.as_ref());
        self.key(&key("runtime.workdir"), image.workdir.as_ref());
        self.key(&key("runtime.entrypoint"), image.entrypoint.as_ref());
        self.key(&key("runtime.cmd"), image.cmd.as_ref());
        self.all(&key("runtime.env"), image.env.values());
        self.all(&key("runtime.expose"), &image.expose);
        self.all(&key("runtime.labels"), image.labels.values());
        self.key(&key("runtime.healthcheck"), image.healthcheck.as_ref());
        self.key(&key("runtime.stop-signal"), image.stop_signal.as_ref());
        self.all(&key("runtime.writable"), &image.writable);
        self.all(&key("runtime.volumes"), &image.volumes);
        for (name, origin) in [
            ("runtime.init", &image.init),
            ("runtime.upgrade", &image.upgrade),
        ] {
            if let Some(origin) = origin {
                self.add(origin, key(name));
            }
        }
        self.all(&key("copy"), &image.copies);
        self.all(&key("hook"), &image.hooks);
    }
}
