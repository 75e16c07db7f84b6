//! Installs system packages with apt, from the sources of the base image and of the build file. Neither package lists nor
//! added sources are left in an image.

use std::fmt::Write as _;

use crate::build_file::{AptKey, AptSource, Located, plain};
use crate::diagnostics::{Problem, Span};
use crate::image::ImageReference;
use crate::paths::literal;
use crate::plan::{
    Action, Base, CacheSharing, Copy, CopyFrom, Expected, Mount, NewFile, Run, Stage, StageName,
    Step, download_name,
};
use crate::resolve::{Error, Resolved, context_files};
use crate::scripts;

use super::{certificates, hints};

/// Where the sources of the build file and their keys are mounted while apt runs.
const SOURCES: &str = "/run/poetry-frontend/apt";

/// The step that installs `packages` on `base`, and first upgrades all installed packages if `upgrade` is set. `None` if
/// there is nothing to do.
pub(crate) fn install(
    resolved: &Resolved<'_>,
    base: &ImageReference,
    packages: &[Located<String>],
    upgrade: Option<&Span>,
) -> Option<Step> {
    // Marks all of them, because any may be the one that is not available.
    let listed = packages.iter().map(|package| package.span.clone());
    let listed = listed.reduce(|first, next| first.to(&next));
    let span = upgrade.cloned().or(listed)?;
    let mut names: Vec<String> = packages.iter().map(|name| name.value.clone()).collect();
    names.sort();
    names.dedup();
    let title = match (upgrade, names.join(" ")) {
        (None, names) => format!("apt-get install {names}"),
        (Some(_), names) if names.is_empty() => "apt-get upgrade".to_owned(),
        (Some(_), names) => format!("apt-get upgrade and install {names}"),
    };
    names.insert(0, upgrade.map_or("", |_| "upgrade").to_owned());
    Some(Step {
        title,
        span,
        action: Action::Run(run(resolved, base, names)),
    })
}

fn run(resolved: &Resolved<'_>, base: &ImageReference, args: Vec<String>) -> Run {
    // apt checks only the size of an archive that it finds, so no other project may write to this cache.
    let sources: Vec<&str> = resolved
        .file
        .apt_sources
        .values()
        .map(|source| source.uri.as_str())
        .collect();
    let scope = (base.to_string(), sources);
    // apt holds a lock on both directories.
    let cache = |target: &str| resolved.cache(target, &scope, target, CacheSharing::Locked);
    let mut run = Run::script(scripts::INSTALL_PACKAGES, args);
    if !resolved.file.apt_sources.is_empty() {
        run = run.mount(Mount::stage(StageName::AptSources, SOURCES));
    }
    run = run.env([("DEBIAN_FRONTEND", "noninteractive".to_owned())]);
    run.env.extend(plain(&resolved.file.apt_env));
    let run = hints::apt(run)
        .mount(cache("/var/cache/apt"))
        .mount(cache("/var/lib/apt/lists"));
    certificates::trusted_on(run, resolved, base)
}

/// The sources of the build file with their keys.
pub(crate) fn sources(resolved: &Resolved<'_>) -> Option<Stage> {
    let sources = &resolved.file.apt_sources;
    let span = sources.values().next()?.span.clone();
    let files = sources.iter().map(|(name, source)| NewFile {
        path: format!("{SOURCES}/{name}.sources"),
        content: described(name, source),
    });
    let mut steps = vec![Step {
        title: "write the apt sources".to_owned(),
        span,
        action: Action::Write(files.collect()),
    }];
    steps.extend(sources.iter().map(|(name, source)| Step {
        title: format!("copy the key of {name}"),
        span: source.key.span.clone(),
        action: Action::Copy(key(resolved, name, &source.key.value)),
    }));
    Some(Stage {
        name: StageName::AptSources,
        from: Base::Stage(StageName::Base),
        span: resolved.base_span.clone(),
        steps,
    })
}

fn key(resolved: &Resolved<'_>, name: &str, key: &AptKey) -> Copy {
    let dest = key_path(name, key);
    let copy = match key {
        AptKey::File(path) => {
            let files = context_files(resolved, vec![literal(path)]);
            Copy::directory(CopyFrom::Context(files), &format!("/{path}"), &dest)
        }
        AptKey::Download { url, checksum } => {
            let from = CopyFrom::Download {
                url: url.clone(),
                checksum: checksum.clone(),
            };
            Copy::directory(from, &format!("/{}", download_name(url)), &dest)
        }
    };
    Copy {
        // apt reads the key as the user `_apt`, but engines make downloads readable by root only.
        mode: Some(0o644),
        ..copy
    }
}

fn key_path(name: &str, key: &AptKey) -> String {
    let path = match key {
        AptKey::File(path) => path,
        AptKey::Download { url, .. } => download_name(url),
    };
    let end = if path.strip_suffix(".asc").is_some() {
        "asc"
    } else {
        "gpg"
    };
    format!("{SOURCES}/{name}.{end}")
}

/// In the deb822 format of sources.list(5).
fn described(name: &str, source: &AptSource) -> String {
    let mut text = format!(
        "Types: deb\nURIs: {}\nSuites: {}\n",
        source.uri,
        source.suites.join(" ")
    );
    if !source.components.is_empty() {
        // A write into a string cannot fail.
        let _ = writeln!(text, "Components: {}", source.components.join(" "));
    }
    let _ = writeln!(text, "Signed-By: {}", key_path(name, &source.key.value));
    text
}

/// The keys that the build context must contain.
pub(crate) fn expected(resolved: &Resolved<'_>) -> Vec<Expected> {
    let keys = resolved.file.apt_sources.values().map(|source| &source.key);
    keys.filter_map(|key| {
        let AptKey::File(path) = &key.value else {
            return None;
        };
        Some(Expected {
            any_of: vec![literal(path)],
            files: context_files(resolved, vec![literal(path)]),
            error: Error::NothingIncluded(path.clone()).at(&key.span),
        })
    })
    .collect()
}
