//! How apt is run anywhere: with the base's sources and those of the build file, and nothing left of either.

use std::fmt::Write as _;

use crate::build_file::{AptKey, AptSource, Located};
use crate::diagnostics::{Place, Problem};
use crate::image::ImageReference;

use super::source::context_files;
use super::stage::download_name;
use super::{
    Action, Base, CacheSharing, Copy, Error, Expected, Inputs, Mount, NewFile, Origin, Run, Stage,
    StageName, Step,
};

/// Where the sources of the build file and their keys are while apt runs. No image keeps them.
const SOURCES: &str = "/run/poetry-frontend/apt";

/// Package lists and archives are cache mounts, so they are never in a layer; Debian's images delete archives after
/// each run by `docker-clean`, which is put aside meanwhile. What apt and dpkg log has times in it and goes.
const INSTALL: &str = "\
upgrade=$1
shift
clean=/etc/apt/apt.conf.d/docker-clean
if [ -e $clean ]; then mv $clean /tmp/docker-clean; fi
apt-get update -o APT::Update::Error-Mode=any
if [ \"$upgrade\" ]; then
  apt-get upgrade --yes --no-install-recommends --with-new-pkgs -o Dpkg::Options::=--force-confold
fi
if [ $# -gt 0 ]; then apt-get install --yes --no-install-recommends \"$@\"; fi
if [ -e /tmp/docker-clean ]; then mv /tmp/docker-clean $clean; fi
rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/ldconfig/aux-cache";
/// Around it where there are sources of the build file.
const ADD_SOURCES: &str = "\
for file in /run/poetry-frontend/apt/*.sources; do cp \"$file\" /etc/apt/sources.list.d/; done
";
const REMOVE_SOURCES: &str = "
for file in /run/poetry-frontend/apt/*.sources; do rm \"/etc/apt/sources.list.d/${file##*/}\"; done";

/// The step that installs `packages` on `base`, after an upgrade of what that has if `upgrade` asks for it; `None` when
/// there is nothing to do.
pub(super) fn install(
    inputs: &Inputs<'_>,
    base: &ImageReference,
    packages: &[Located<String>],
    upgrade: Option<&Place>,
) -> Option<Step> {
    // Any of them may be the one that cannot be had.
    let listed = packages.iter().map(|package| package.place.clone());
    let listed = listed.reduce(|first, next| first.to(&next));
    let place = upgrade.cloned().or(listed)?;
    let mut names: Vec<String> = packages.iter().map(|name| name.value.clone()).collect();
    names.sort();
    names.dedup();
    let title = match (upgrade, names.join(" ")) {
        (None, names) => format!("apt-get install {names}"),
        (Some(_), names) if names.is_empty() => "apt-get upgrade".to_owned(),
        (Some(_), names) => format!("apt-get upgrade, install {names}"),
    };
    names.insert(0, upgrade.map_or("", |_| "upgrade").to_owned());
    Some(Step {
        title,
        place,
        action: Action::Run(with_apt(inputs, base, INSTALL, names)),
    })
}

/// A script that runs apt.
pub(super) fn with_apt(
    inputs: &Inputs<'_>,
    base: &ImageReference,
    script: &str,
    args: Vec<String>,
) -> Run {
    let cache = |target: &str| Mount::Cache {
        id: inputs.cache_id(&format!(
            "poetry-frontend{target}-{base}-{}",
            inputs.request.platform
        )),
        target: target.to_owned(),
        // apt holds a lock on both folders.
        sharing: CacheSharing::Locked,
    };
    let run = if inputs.file.apt_sources.is_empty() {
        Run::script(script, args)
    } else {
        let script = format!("{ADD_SOURCES}{script}{REMOVE_SOURCES}");
        Run::script(&script, args).mount(Mount::Stage {
            from: StageName::AptSources,
            path: SOURCES.to_owned(),
            target: SOURCES.to_owned(),
        })
    };
    run.env([("DEBIAN_FRONTEND", "noninteractive".to_owned())])
        .mount(cache("/var/cache/apt"))
        .mount(cache("/var/lib/apt/lists"))
}

/// The sources of the build file with their keys.
pub(super) fn sources(inputs: &Inputs<'_>) -> Option<Stage> {
    let sources = &inputs.file.apt_sources;
    let place = sources.values().next()?.place.clone();
    let files = sources.iter().map(|(name, source)| NewFile {
        path: format!("{SOURCES}/{name}.sources"),
        content: described(name, source),
    });
    let mut steps = vec![Step {
        title: "write the sources of packages".to_owned(),
        place,
        action: Action::Write(files.collect()),
    }];
    steps.extend(sources.iter().map(|(name, source)| Step {
        title: format!("copy the key of {name}"),
        place: source.key.place.clone(),
        action: Action::Copy(key(inputs, name, &source.key.value)),
    }));
    Some(Stage {
        name: StageName::AptSources,
        from: Base::Stage(StageName::Base),
        place: inputs.base_place.clone(),
        steps,
    })
}

fn key(inputs: &Inputs<'_>, name: &str, key: &AptKey) -> Copy {
    let dest = key_path(name, key);
    let copy = match key {
        AptKey::File(path) => {
            let files = context_files(inputs, vec![path.clone()]);
            Copy::tree(Origin::Context(files), &format!("/{path}"), &dest)
        }
        AptKey::Download { url, checksum } => {
            let from = Origin::Download {
                url: url.clone(),
                checksum: checksum.clone(),
            };
            Copy::tree(from, &format!("/{}", download_name(url)), &dest)
        }
    };
    Copy {
        // apt reads it as a user of its own, and engines keep downloads to root.
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

/// As apt reads it (sources.list(5), the deb822 style).
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

/// The keys that the context must hold.
pub(super) fn expected(inputs: &Inputs<'_>) -> Vec<Expected> {
    let keys = inputs.file.apt_sources.values().map(|source| &source.key);
    keys.filter_map(|key| {
        let AptKey::File(path) = &key.value else {
            return None;
        };
        Some(Expected {
            any_of: vec![path.clone()],
            files: context_files(inputs, vec![path.clone()]),
            otherwise: Error::NothingIncluded(path.clone()).at(&key.place),
        })
    })
    .collect()
}
