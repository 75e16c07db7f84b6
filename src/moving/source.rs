//! How the project's own code gets into the image.

use std::collections::BTreeSet;

use super::draft::{Copy, Origin, Taken};
use super::poetry::base_name;
use super::spelling::has_extension;
use super::state::Walk;
use crate::paths::within;
use crate::project::Script;

/// Chooses between the wheel and the files, given everything that names commands and files.
pub(super) fn install(walk: &mut Walk<'_>, texts: &[String]) {
    let files = std::mem::take(&mut walk.project_files);
    let Some(first) = files.first() else {
        return;
    };
    let origin = first.origin.clone();
    let workdir = walk
        .image
        .workdir
        .as_ref()
        .map_or("/app", |path| &path.value)
        .to_owned();
    let whole = files.iter().any(|file| file.value.0 == ".");
    let is_in_place = |file: &&Taken<(String, String)>| {
        crate::paths::clean(&format!("{workdir}/{}", file.value.0)) == file.value.1
    };
    let words = words(texts);
    if !walk.project.pyproject.package_mode {
        if !whole {
            walk.image.include = files
                .iter()
                .filter(is_in_place)
                .map(|file| Taken::new(file.value.0.clone(), &file.origin))
                .collect();
            others(walk, files.iter().filter(|file| !is_in_place(file)));
        }
        return;
    }
    if walk.installs_project.is_some() && runs_from_wheel(walk, &words) {
        let packages = packages(walk);
        let is_package = |file: &&Taken<(String, String)>| {
            packages
                .iter()
                .any(|path| within(&file.value.0, path) || within(path, &file.value.0))
        };
        others(
            walk,
            files
                .iter()
                .filter(|file| file.value.0 != "." && !is_package(file)),
        );
        if whole {
            named(walk, &words, &packages, &workdir, &origin);
        }
        return;
    }
    walk.image.install = Some(Taken::new("copy", &origin));
    walk.image.include = if whole {
        vec![Taken::new(".".to_owned(), &origin)]
    } else {
        let kept = files.iter().filter(is_in_place);
        let kept: Vec<_> = kept
            .map(|file| Taken::new(file.value.0.clone(), &file.origin))
            .collect();
        others(walk, files.iter().filter(|file| !is_in_place(file)));
        kept
    };
    if walk.image.include.is_empty() {
        walk.image.install = Some(Taken::new("none", &origin));
    }
    let in_src = packages(walk).iter().any(|path| path.starts_with("src/"));
    if in_src && walk.installs_project.is_some() && !walk.image.env.contains_key("PYTHONPATH") {
        walk.image.env.insert(
            "PYTHONPATH".to_owned(),
            Taken::new(format!("{workdir}/src"), &origin),
        );
    }
}

/// Files that become copies of their own.
fn others<'f>(walk: &mut Walk<'_>, files: impl Iterator<Item = &'f Taken<(String, String)>>) {
    for file in files {
        let (src, dest) = file.value.clone();
        if src == "." {
            continue;
        }
        let copy = Copy {
            src,
            dest,
            ..Copy::default()
        };
        let is_known = walk
            .image
            .copies
            .iter()
            .any(|known| known.value.src == copy.src && known.value.dest == copy.dest);
        if !is_known {
            walk.image.copies.push(Taken::new(copy, &file.origin));
        }
    }
}

/// Files beside the package that a command names. Whoever copies the whole context may need more of it.
fn named(
    walk: &mut Walk<'_>,
    words: &BTreeSet<&str>,
    packages: &[String],
    workdir: &str,
    origin: &Origin,
) {
    let mut found: BTreeSet<String> = words
        .iter()
        .map(|word| {
            word.trim_start_matches("./")
                .strip_prefix(&format!("{workdir}/"))
                .unwrap_or(word.trim_start_matches("./"))
        })
        .filter(|path| {
            !path.is_empty()
                && !path.starts_with(['/', '-', '.'])
                && walk.files.is_file(path)
                && !has_extension(path, "sh")
        })
        .map(str::to_owned)
        .collect();
    if words.contains("alembic")
        && let Some(settings) = walk.files.text("alembic.ini")
    {
        found.insert("alembic.ini".to_owned());
        let directory = settings.lines().find_map(|line| {
            line.strip_prefix("script_location")?
                .trim_start()
                .strip_prefix('=')
        });
        let directory =
            directory.map(|path| path.trim().trim_start_matches("%(here)s/").to_owned());
        found.extend(directory.filter(|path| walk.files.is_directory(path)));
    }
    found.retain(|path| !packages.iter().any(|package| within(path, package)));
    for path in found {
        let dest = format!("{}/{path}", workdir.trim_end_matches('/'));
        if walk.image.copies.iter().any(|copy| copy.value.dest == dest) {
            continue;
        }
        let copy = Copy {
            src: path,
            dest,
            ..Copy::default()
        };
        walk.image.copies.push(Taken::new(copy, origin));
    }
    walk.draft.remark(
        origin,
        "the whole context is copied; now the image has the project's wheel",
        "add a `[[copy]]` for other files that the service reads, or set `install = \"copy\"` in `[source]`",
    );
}

/// The words of all commands.
fn words(texts: &[String]) -> BTreeSet<&str> {
    let words = texts.iter().flat_map(|text| {
        text.split(|char: char| char.is_whitespace() || "\"'`;&|()=".contains(char))
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// The paths of the package that exist.
pub(super) fn packages(walk: &Walk<'_>) -> Vec<String> {
    let paths = walk.project.pyproject.package_paths().into_iter().flatten();
    paths.filter(|path| walk.files.exists(path)).collect()
}

/// Whether what the commands run is in the wheel.
fn runs_from_wheel(walk: &Walk<'_>, words: &BTreeSet<&str>) -> bool {
    let packages = packages(walk);
    let top = |path: &String| base_name(path).trim_end_matches(".py").to_owned();
    let modules: BTreeSet<String> = packages.iter().map(top).collect();
    let scripts: BTreeSet<&str> = walk
        .project
        .pyproject
        .scripts
        .iter()
        .map(Script::command)
        .collect();
    let runs_file = words.iter().any(|word| {
        let path = word.trim_start_matches("./");
        let is_module = std::path::Path::new(path)
            .extension()
            .is_some_and(|end| end == "py");
        is_module
            && walk.files.is_file(path)
            && !packages.iter().any(|package| within(path, package))
            && !path.contains("conf")
    });
    if runs_file {
        return false;
    }
    let first_is_script = words.iter().any(|word| scripts.contains(word));
    // Modules beside the package.
    let runs_module = words.iter().any(|word| {
        let module = word.split(':').next().unwrap_or_default();
        let top = module.split('.').next().unwrap_or_default();
        let is_name = !top.is_empty()
            && top
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || char == '_');
        let looks = word.contains(':')
            || words.contains("-m") && module.contains('.')
            || words.contains("-m") && walk.files.is_file(&format!("{top}/__main__.py"));
        is_name
            && looks
            && !modules.contains(top)
            && (walk.files.is_file(&format!("{top}.py")) || walk.files.is_directory(top))
    });
    first_is_script || !runs_module
}
