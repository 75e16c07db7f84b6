//! `mkdir`, `chown` and `chmod`: what the user can write to, and what can be executed.

use super::draft::{Copy, Origin, Taken};
use super::poetry::base_name;
use super::shell::Word;
use super::state::{State, Walk, is_own_directory, joined};
use super::users::is_user;
use crate::dockerfile::Expanded;

/// The paths of a command, with the working directory; `None` if one is not literal.
fn paths<'a>(state: &State, words: impl Iterator<Item = &'a Word>) -> Option<Vec<Expanded>> {
    let paths = words.map(|word| {
        let literal = word.is_literal && !word.value().contains('{');
        literal.then(|| joined(&state.workdir, &word.text))
    });
    paths.collect()
}

/// `mkdir`: directories that the user can write to.
pub(super) fn made(walk: &mut Walk<'_>, state: &State, words: &[Word], origin: &Origin) -> bool {
    let mut plain = Vec::new();
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.value() {
            "-m" | "--mode" | "-o" | "-g" => drop(rest.next()),
            option if option.starts_with('-') => {}
            _ => plain.push(word),
        }
    }
    let Some(paths) = paths(state, plain.into_iter()) else {
        return false;
    };
    let needed: Vec<&Expanded> = paths
        .iter()
        .filter(|path| !is_of_project(walk, state, &path.value))
        .collect();
    if !walk.is_image(state.stage) && !needed.is_empty() {
        return false;
    }
    if !needed.iter().all(|path| is_own_directory(&path.value)) {
        return false;
    }
    for path in needed {
        writable(walk, path, origin);
    }
    true
}

fn writable(walk: &mut Walk<'_>, path: &Expanded, origin: &Origin) {
    let known = walk
        .image
        .writable
        .iter()
        .any(|known| known.value == path.template);
    if !known {
        walk.image
            .writable
            .push(Taken::new(path.template.clone(), origin));
    }
}

/// Whether the path is where the project or its environment is, which the user need not write to.
fn is_of_project(walk: &Walk<'_>, state: &State, path: &str) -> bool {
    state.workdir.value == path
        || state.users.is_home(path)
        || walk
            .venvs
            .iter()
            .any(|venv| crate::paths::within(path, venv))
        || state.workdir.value.starts_with(&format!("{path}/"))
        || matches!(
            path,
            "/" | "/app" | "/src" | "/code" | "/home" | "/install" | "/wheels" | "/build" | "/opt"
        )
        || ["/root/.cache", "/root/.ssh", "/var/cache"]
            .iter()
            .any(|start| path.starts_with(start))
}

/// `chown`: what belongs to the user is writable, except the project.
pub(super) fn owned(walk: &mut Walk<'_>, state: &State, words: &[&str], origin: &Origin) -> bool {
    let mut plain = words.iter().filter(|word| !word.starts_with('-'));
    let Some(owner) = plain.next() else {
        return false;
    };
    if !walk.is_image(state.stage) {
        return true;
    }
    let owner_is_user = is_user(owner);
    for path in plain {
        let path = joined(&state.workdir, &Expanded::plain(path.trim_end_matches('/')));
        let is_copied = walk
            .image
            .copies
            .iter()
            .any(|copy| copy.value.dest == path.value);
        if is_copied || !owner_is_user {
            continue;
        }
        if is_of_project(walk, state, &path.value)
            || !is_own_directory(&path.value)
            || path.value.contains('*')
        {
            walk.draft.leave_out(
                origin,
                format!("chown of {}, whose files belong to root", path.value),
            );
        } else if !has_extension(&path.value) {
            writable(walk, &path, origin);
        }
    }
    true
}

fn has_extension(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name.trim_start_matches('.').contains('.'))
}

fn is_below(path: &str, directory: &str) -> bool {
    directory != "/" && crate::paths::within(path, directory)
}

/// Whether a path, which may end in a pattern for scripts, is that of copied files.
fn is_at(copy: &Copy, path: &str) -> bool {
    let dest = copy.dest.trim_end_matches('/');
    let into = format!("{dest}/{}", base_name(&copy.src));
    let scripts = path.strip_suffix("/*.sh");
    dest == path || into == path || scripts.is_some_and(|directory| dest.starts_with(directory))
}

/// `chmod +x`: the mode of a copied file.
pub(super) fn executable(
    walk: &mut Walk<'_>,
    state: &State,
    words: &[&str],
    origin: &Origin,
) -> bool {
    let mut plain = words
        .iter()
        .filter(|word| !word.starts_with("-R") && !word.starts_with("--"));
    let Some(mode) = plain.next() else {
        return false;
    };
    let paths: Vec<Expanded> = plain
        .filter(|word| !word.starts_with('-'))
        .map(|path| joined(&state.workdir, &Expanded::plain(path)))
        .collect();
    let makes_executable = mode.contains("+x")
        || mode.contains("+rx")
        || mode.len() >= 3
            && mode.chars().all(|char| char.is_digit(8))
            && mode.contains(['5', '7']);
    let opens = matches!(
        *mode,
        "777" | "0777" | "a+w" | "ugo+w" | "a+rwx" | "g=u" | "g+w" | "g+rwX" | "775" | "770"
    );
    for path in &paths {
        let mut is_copied = false;
        for copy in walk
            .image
            .copies
            .iter_mut()
            .filter(|copy| is_at(&copy.value, &path.value))
        {
            is_copied = true;
            if makes_executable {
                copy.value.mode = Some("0755".to_owned());
            }
        }
        // The user's own directories have the modes that it gives them.
        let mut own = walk.image.writable.iter();
        let is_own = own.any(|own| own.value == path.template);
        if is_copied || is_own || is_of_project(walk, state, &path.value) {
            continue;
        }
        if opens && is_own_directory(&path.value) && !has_extension(&path.value) {
            writable(walk, path, origin);
        } else if makes_executable && is_below(&path.value, &state.workdir.value) {
            walk.executables.insert(path.value.clone());
        } else {
            return false;
        }
    }
    true
}
