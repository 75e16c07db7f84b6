//! Images beside the main one.

use super::draft::{Healthcheck, Image, Taken};

/// The names of targets that exist anyway.
const BUILT_IN: [&str; 5] = ["runtime", "deps", "builder", "poetry", "dev"];

/// The name of a stage or service as that of a target.
pub(super) fn name(text: &str) -> String {
    let char = |char: char| {
        if char.is_ascii_alphanumeric() || char == '-' || char == '_' {
            char.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = text.chars().map(char).collect();
    if BUILT_IN.contains(&name.as_str()) {
        format!("{name}-image")
    } else {
        name
    }
}

/// Removes what a target inherits from the main image.
pub(super) fn differences(image: &Image, main: &Image) -> (Image, Vec<&'static str>) {
    let mut own = image.clone();
    let mut without = Vec::new();
    if has_all(&image.copies, &main.copies) {
        own.copies = others(&image.copies, &main.copies);
    } else {
        without.push("copy");
    }
    if has_all(&image.hooks, &main.hooks) {
        own.hooks = others(&image.hooks, &main.hooks);
    } else {
        without.push("hook");
    }
    for (own, main) in [
        (&mut own.packages, &main.packages),
        (&mut own.build_packages, &main.build_packages),
        (&mut own.include, &main.include),
        (&mut own.expose, &main.expose),
        (&mut own.writable, &main.writable),
        (&mut own.volumes, &main.volumes),
    ] {
        if values(own) == values(main) {
            own.clear();
        }
    }
    own.env
        .retain(|name, value| !same(Some(value), main.env.get(name)));
    own.build_env
        .retain(|name, value| !same(Some(value), main.build_env.get(name)));
    own.labels
        .retain(|name, value| !same(Some(value), main.labels.get(name)));
    if own.groups.is_none()
        && let Some(groups) = &main.groups
    {
        own.groups = Some(Taken::new(
            vec![crate::project::MAIN.to_owned()],
            &groups.origin,
        ));
    }
    if own.healthcheck.is_none()
        && let Some(check) = &main.healthcheck
    {
        own.healthcheck = Some(Taken::new(Healthcheck::default(), &check.origin));
    }
    unlike(&mut own.groups, main.groups.as_ref());
    unlike(&mut own.without, main.without.as_ref());
    unlike(&mut own.extras, main.extras.as_ref());
    unlike(&mut own.install, main.install.as_ref());
    unlike(&mut own.build_base, main.build_base.as_ref());
    unlike(&mut own.base, main.base.as_ref());
    unlike(&mut own.user, main.user.as_ref());
    unlike(&mut own.workdir, main.workdir.as_ref());
    unlike(&mut own.healthcheck, main.healthcheck.as_ref());
    unlike(&mut own.stop_signal, main.stop_signal.as_ref());
    commands(&mut own, main);
    own.init = own.init.filter(|_| main.init.is_none());
    own.upgrade = own.upgrade.filter(|_| main.upgrade.is_none());
    (own, without)
}

/// The keys of lists that a target would inherit, but has nothing of.
pub(super) fn emptied(image: &Image, main: &Image) -> Vec<&'static str> {
    let lists = [
        (
            "build.packages",
            &image.build_packages,
            &main.build_packages,
        ),
        ("runtime.packages", &image.packages, &main.packages),
        ("runtime.expose", &image.expose, &main.expose),
        ("runtime.writable", &image.writable, &main.writable),
        ("runtime.volumes", &image.volumes, &main.volumes),
    ];
    let emptied = lists.into_iter();
    let emptied = emptied.filter(|(_, own, main)| own.is_empty() && !main.is_empty());
    emptied.map(|(key, ..)| key).collect()
}

/// A target with an entrypoint inherits no arguments, and one without inherits the entrypoint.
fn commands(own: &mut Image, main: &Image) {
    let same_entrypoint = same(own.entrypoint.as_ref(), main.entrypoint.as_ref());
    if !same_entrypoint {
        if own.entrypoint.is_none()
            && let Some(entrypoint) = &main.entrypoint
        {
            // As `--entrypoint ""` does.
            own.entrypoint = Some(Taken::new(Vec::new(), &entrypoint.origin));
        }
        return;
    }
    own.entrypoint = None;
    unlike(&mut own.cmd, main.cmd.as_ref());
}

fn values(list: &[Taken<String>]) -> Vec<&str> {
    list.iter().map(|value| value.value.as_str()).collect()
}

fn same<T: PartialEq>(one: Option<&Taken<T>>, other: Option<&Taken<T>>) -> bool {
    one.map(|one| &one.value) == other.map(|other| &other.value)
}

fn unlike<T: PartialEq>(own: &mut Option<Taken<T>>, main: Option<&Taken<T>>) {
    if same(own.as_ref(), main) {
        *own = None;
    }
}

fn has_all<T: PartialEq>(list: &[Taken<T>], main: &[Taken<T>]) -> bool {
    main.iter()
        .all(|value| list.iter().any(|own| own.value == value.value))
}

fn others<T: PartialEq + Clone>(list: &[Taken<T>], main: &[Taken<T>]) -> Vec<Taken<T>> {
    list.iter()
        .filter(|own| !main.iter().any(|value| value.value == own.value))
        .cloned()
        .collect()
}
