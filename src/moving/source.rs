//! How the project's own code gets into the image.

use std::collections::BTreeSet;

use super::draft::{Copy, Origin, Taken};
use super::poetry::base_name;
use super::spelling::has_extension;
use super::state::Walk;
use crate::paths::{overlap, within};
use crate::project::Script;

type ProjectFile = Taken<(String, String)>;

/// Chooses between the wheel and the files, given everything that names commands and files.
pub(super) fn install(walk: &mut Walk<'_>, texts: &[String]) {
    let files = std::mem::take(&mut walk.project_files);
    let Some(origin) = files.first().map(|file| file.origin.clone()) else {
        return;
    };
    let workdir = walk.image.workdir.as_ref();
    let workdir = workdir.map_or("/app", |path| &path.value).to_owned();
    let whole = files.iter().any(|file| file.value.0 == ".");
    let words = words(texts);
    if !walk.project.pyproject.package_mode {
        if !whole {
            walk.image.include = in_place(walk, files, &workdir);
        }
    } else if walk.installs_project.is_some() && runs_from_wheel(walk, &words) {
        let packages = packages(walk);
        let is_package = |file: &ProjectFile| {
            let path = &file.value.0;
            let mut packages = packages.iter();
            packages.any(|package| overlap(path, package))
        };
        let others = files.iter().filter(|file| !is_package(file));
        copy_others(walk, others);
        if whole {
            named(walk, &words, &packages, &workdir, &origin);
        }
    } else {
        walk.image.include = if whole {
            vec![Taken::new(".".to_owned(), &origin)]
        } else {
            in_place(walk, files, &workdir)
        };
        let is_empty = walk.image.include.is_empty();
        let mode = if is_empty { "none" } else { "copy" };
        walk.image.install = Some(Taken::new(mode, &origin));
        import_from_src(walk, &workdir, &origin);
    }
}

/// An installed project can be imported from `src` as well.
fn import_from_src(walk: &mut Walk<'_>, workdir: &str, origin: &Origin) {
    let in_src = packages(walk).iter().any(|path| path.starts_with("src/"));
    if in_src && walk.installs_project.is_some() {
        let path = Taken::new(format!("{workdir}/src"), origin);
        let name = "PYTHONPATH".to_owned();
        walk.image.env.entry(name).or_insert(path);
    }
}

/// The files that are in the image where they are in the project; the others become copies.
fn in_place(walk: &mut Walk<'_>, files: Vec<ProjectFile>, workdir: &str) -> Vec<Taken<String>> {
    let (kept, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| {
        let (src, dest) = &file.value;
        crate::paths::clean(&format!("{workdir}/{src}")) == *dest
    });
    copy_others(walk, others.iter());
    let kept = kept.into_iter();
    kept.map(|file| Taken::new(file.value.0, &file.origin))
        .collect()
}

/// Files that become copies of their own.
fn copy_others<'f>(walk: &mut Walk<'_>, files: impl Iterator<Item = &'f ProjectFile>) {
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
