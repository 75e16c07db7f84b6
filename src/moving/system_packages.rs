//! Debian packages in the builder and in the image.

use super::draft::{Origin, Taken};
use super::packages::{self, Action};
use super::spelling::shortened;
use super::state::{State, Walk};

/// Does what a package manager does.
pub(super) fn run(walk: &mut Walk<'_>, state: &State, action: Action, origin: &Origin) {
    match action {
        Action::Install(names) => {
            for name in names {
                package(walk, state, &name, origin);
            }
        }
        Action::Remove(names) => {
            let (removed, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut walk.image.packages)
                .into_iter()
                .partition(|package| {
                    names
                        .iter()
                        .any(|name| packages::name(&package.value) == name)
                });
            walk.image.packages = kept;
            walk.image.build_packages.extend(removed);
        }
        Action::Upgrade if walk.is_image(state.stage) => walk.image.upgrade = Some(origin.clone()),
        Action::Upgrade | Action::Nothing => {}
    }
}

fn package(walk: &mut Walk<'_>, state: &State, name: &str, origin: &Origin) {
    if packages::is_part_of_python(name) {
        walk.draft.leave_out(origin, name);
        return;
    }
    let valid = |char: char| char.is_ascii_alphanumeric() || "+-.:=~*".contains(char);
    if name.len() < 2
        || !name.chars().all(valid)
        || !name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
    {
        walk.draft.remark(
            origin,
            format!("`{}` is no Debian package", shortened(name)),
            "add the package to `packages` of `[build]` or `[runtime]`",
        );
        return;
    }
    let is_image = walk.is_image(state.stage);
    // A stage that both the image and the builder are based on.
    let is_shared = !walk.roles.is_single && !walk.roles.builders.is_empty();
    let add = |list: &mut Vec<Taken<String>>, name: &str| {
        if !list.iter().any(|known| known.value == name) {
            list.push(Taken::new(name.to_owned(), origin));
        }
    };
    if !is_image {
        add(&mut walk.image.build_packages, name);
        return;
    }
    if !packages::is_for_building(name)
        || is_shared && !name.ends_with("-dev") && !is_below_builder(walk, state.stage)
    {
        add(&mut walk.image.packages, name);
        return;
    }
    add(&mut walk.image.build_packages, name);
    match packages::library(name) {
        Some("") => {}
        Some(library) => add(&mut walk.image.packages, library),
        None if name.ends_with("-dev")
            && !matches!(
                name,
                "libc6-dev" | "linux-libc-dev" | "musl-dev" | "python3-dev"
            ) =>
        {
            walk.draft.remark(
                origin,
                format!("`{name}` is only in the builder now"),
                "add the library that it has the headers of to `packages` of `[runtime]`, if the service loads it",
            );
        }
        None => {}
    }
}

/// Whether a builder is based on the stage.
fn is_below_builder(walk: &Walk<'_>, stage: usize) -> bool {
    let mut builders = walk.roles.builders.iter();
    builders.any(|&builder| super::stages::chain(walk.dockerfile, builder).contains(&stage))
}
