//! `COPY` and `ADD`: files of the project, and everything else as `[[copy]]`.

use super::copied_from;
use super::copy_of::{copy_of, destination, mode};
use super::draft::{Copy, Origin, Taken};
use super::poetry::base_name;
use super::spelling::{has_extension, shortened};
use super::state::{State, Walk, joined};
use crate::dockerfile::{CopiedSource, Copying, Expanded};
use crate::paths::clean;

/// Files that every build reads, or that only installing needs.
const OF_INSTALLATION: [&str; 8] = [
    "pyproject.toml",
    "poetry.lock",
    "poetry.toml",
    "requirements",
    "README",
    "LICENSE",
    "setup.cfg",
    "setup.py",
];

pub(super) fn copy(walk: &mut Walk<'_>, state: &mut State, copying: &Copying, origin: &Origin) {
    if let Some(from) = copying.option("from") {
        copied_from::copy(walk, state, copying, from, origin);
        return;
    }
    from_context(walk, state, copying, origin);
}

pub(super) fn add(walk: &mut Walk<'_>, state: &mut State, adding: &Copying, origin: &Origin) {
    let first = adding.sources.first();
    let Some(CopiedSource::Path(source)) = first else {
        from_context(walk, state, adding, origin);
        return;
    };
    let is_archive = [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"]
        .iter()
        .any(|end| source.value.ends_with(end));
    if source.value.starts_with("http://") || source.value.starts_with("https://") {
        download(walk, state, adding, source, origin);
    } else if source.value.starts_with("git@") || has_extension(&source.value, "git") {
        walk.draft.remark(
            origin,
            format!("`ADD {}` clones a repository", shortened(&source.value)),
            "provide it as a named context: `[[copy]]` with `from = \"context:NAME\"`",
        );
    } else if is_archive {
        walk.draft.remark(
            origin,
            format!("`ADD {}` unpacks an archive", shortened(&source.value)),
            "unpack it in a `[[hook]]` with `inputs` and `outputs`",
        );
    } else {
        from_context(walk, state, adding, origin);
    }
}

fn download(
    walk: &mut Walk<'_>,
    state: &State,
    adding: &Copying,
    source: &Expanded,
    origin: &Origin,
) {
    let checksum = adding.option("checksum");
    let Some(checksum) = checksum.filter(|_| walk.is_image(state.stage)) else {
        walk.draft.remark(
            origin,
            format!(
                "`ADD {}` downloads a file without a checksum",
                shortened(&source.value)
            ),
            "add a `[[copy]]` with `from` and `checksum`",
        );
        return;
    };
    let copy = Copy {
        from: source.template.clone(),
        checksum: Some(checksum.template.clone()),
        dest: destination(state, &adding.dest),
        mode: mode(adding),
        ..Copy::default()
    };
    walk.image.copies.push(Taken::new(copy, origin));
}

fn from_context(walk: &mut Walk<'_>, state: &mut State, copying: &Copying, origin: &Origin) {
    for source in &copying.sources {
        match source {
            CopiedSource::Path(path) => {
                let src = clean_source(&path.value);
                if !is_of_installation(&src) {
                    of_context(walk, state, copying, src, origin);
                }
            }
            CopiedSource::Text => walk.draft.remark(
                origin,
                format!(
                    "the text of `{}` is in the Dockerfile",
                    shortened(&copying.dest.value)
                ),
                "put it into a file, and add a `[[copy]]`",
            ),
        }
    }
}

fn is_of_installation(src: &str) -> bool {
    let name = base_name(src);
    src != "."
        && OF_INSTALLATION.iter().any(|start| name.starts_with(start))
        && !has_extension(name, "sh")
}

/// One file or directory of the context.
fn of_context(
    walk: &mut Walk<'_>,
    state: &mut State,
    copying: &Copying,
    src: String,
    origin: &Origin,
) {
    let many = copying.sources.len() > 1;
    let dest = joined(&state.workdir, &copying.dest);
    let is_directory =
        many || copying.dest.value.ends_with(['/', '.']) || dest.value == state.workdir.value;
    let name = base_name(&src);
    let looks_like_file = !walk.files.is_directory(&src) && name.contains('.') && src != ".";
    let is_file = walk.files.is_file(&src) || looks_like_file;
    // Where the file or directory is in the image.
    let path = if is_file && is_directory {
        format!("{}/{name}", dest.value.trim_end_matches('/'))
    } else {
        dest.value.clone()
    };
    let in_place = |workdir: &str| {
        let expected = clean(&format!("{workdir}/{src}"));
        workdir != "/" && path == expected.trim_end_matches("/.")
    };
    let is_image = walk.is_image(state.stage);
    if !is_image || in_place(&state.workdir.value) || in_place(&walk.workdir.value) {
        state.has_source |= is_image || src == "." || in_place(&state.workdir.value);
        walk.project_files.push(Taken::new((src, path), origin));
    } else if src == "." {
        state.has_source = true;
        whole_context(walk, state, &dest, origin);
    } else {
        let mut copy = copy_of(state, copying, "", src);
        if many && !copy.dest.ends_with('/') {
            copy.dest.push('/');
        }
        walk.image.copies.push(Taken::new(copy, origin));
    }
}

/// The whole context in another directory than the working directory of this point.
fn whole_context(walk: &mut Walk<'_>, state: &State, dest: &Expanded, origin: &Origin) {
    if state.workdir.value == "/" {
        // The working directory is set later.
        walk.project_files
            .push(Taken::new((".".to_owned(), dest.value.clone()), origin));
        if walk.image.workdir.is_none() {
            walk.image.workdir = Some(Taken::new(dest.template.clone(), origin));
        }
    } else {
        let copy = Copy {
            src: ".".to_owned(),
            dest: dest.template.clone(),
            ..Copy::default()
        };
        walk.image.copies.push(Taken::new(copy, origin));
    }
}

fn clean_source(path: &str) -> String {
    let path = clean(&format!("/{path}"));
    match path.trim_start_matches('/') {
        "" => ".".to_owned(),
        path => path.to_owned(),
    }
}
