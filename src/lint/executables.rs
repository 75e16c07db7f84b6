//! Scripts of the context that the container runs: whether they can be executed.

use crate::build_file::{CopiedFiles, CopySource, InstallMode};
use crate::diagnostics::Warning;
use crate::paths::{Pattern, clean, has_wildcard, literal};
use crate::plan::{ContextFiles, Executable};
use crate::resolve::environment::workdir;
use crate::resolve::{Resolved, context_files, is_for_development};
use crate::rules::Rule;

use super::command_lines::{ForShell, absolute, for_shell, of_image, runs_poetry, without_wrapper};
use super::reader::{ContextReader, Entry, FileKind};
use super::warning::warning;

/// The directories in which a program without a directory is looked for, as far as files are usually copied there.
const SEARCHED: [&str; 4] = ["/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/bin"];
/// Larger files are no scripts.
const LARGEST: u64 = 1 << 20;

/// The files that become programs of the container, or scripts that its shell reads. `source` is what `install = "copy"`
/// copies.
pub(super) fn find(resolved: &Resolved<'_>, source: Option<&ContextFiles>) -> Vec<Executable> {
    if is_for_development(&resolved.result) {
        return Vec::new();
    }
    let mut found: Vec<Executable> = Vec::new();
    for line in of_image(resolved.file) {
        let words = without_wrapper(line.words);
        let (program, by_shell) = match (for_shell(words), words.first()) {
            (Some(ForShell::File(file)), _) => (file, true),
            (None, Some(program)) => (program.as_str(), false),
            _ => continue,
        };
        for (files, path, becomes_executable) in in_contexts(resolved, source, program) {
            let new = Executable {
                files,
                path,
                becomes_executable,
                by_shell,
                span: line.at.clone(),
            };
            let known = found
                .iter()
                .any(|one| one.path == new.path && one.files == new.files);
            if !known {
                found.push(new);
            }
        }
    }
    found
}

/// The files of contexts that a program can be: their paths, and whether the build makes them executable.
fn in_contexts(
    resolved: &Resolved<'_>,
    source: Option<&ContextFiles>,
    program: &str,
) -> Vec<(ContextFiles, String, bool)> {
    let directory = workdir(resolved.file);
    let paths: Vec<String> = if program.contains('/') {
        vec![absolute(&directory, program)]
    } else {
        SEARCHED.map(|parent| format!("{parent}/{program}")).into()
    };
    let copies = resolved.file.copies.iter();
    let mut found: Vec<_> = copies
        .flat_map(|copy| {
            let executable = copy.mode.is_some_and(|mode| mode & 0o111 != 0);
            let sources = paths.iter().flat_map(|path| sources(copy, path));
            sources
                .filter_map(|path| Some((files(resolved, copy, &path)?, path, executable)))
                .collect::<Vec<_>>()
        })
        .collect();
    if let (true, Some(files)) = (resolved.install == InstallMode::Copy, source) {
        let inside = paths.iter().filter_map(|path| {
            let path = path.strip_prefix(&directory)?.strip_prefix('/')?;
            Some((files.clone(), path.to_owned(), false))
        });
        found.extend(inside);
    }
    found
}

/// The paths in the context of what a copy may put at `path`: a file that it names, or one of a directory or pattern.
fn sources(copy: &CopiedFiles, path: &str) -> Vec<String> {
    let src = clean(&copy.src.value);
    let (parent, name) = src.rsplit_once('/').unwrap_or(("", &src));
    let join = |directory: &str, rest: &str| match directory {
        "" | "." => rest.to_owned(),
        directory => format!("{directory}/{rest}"),
    };
    let dest = clean(&copy.dest);
    let below = path
        .strip_prefix(&dest)
        .and_then(|rest| rest.strip_prefix('/'));
    if has_wildcard(&src) {
        let below = below.filter(|rest| Pattern::new(name).matches(rest));
        return below
            .filter(|_| !has_wildcard(parent))
            .map(|rest| join(parent, rest))
            .into_iter()
            .collect();
    }
    let is_named = if copy.dest.ends_with('/') {
        below == Some(name)
    } else {
        dest == path
    };
    if is_named && src != "." {
        return vec![src];
    }
    below.map(|rest| join(&src, rest)).into_iter().collect()
}

/// The part of its context that a copy takes the file from.
fn files(resolved: &Resolved<'_>, copy: &CopiedFiles, path: &str) -> Option<ContextFiles> {
    match &copy.from {
        CopySource::Context => Some(context_files(resolved, vec![literal(path)])),
        CopySource::NamedContext(name) => Some(ContextFiles {
            context: Some(name.value.clone()),
            include: vec![literal(path)],
            ..ContextFiles::default()
        }),
        CopySource::Image(_) | CopySource::Target(_) | CopySource::Download { .. } => None,
    }
}

/// Reports a file that cannot be executed. Missing files are reported elsewhere.
///
/// # Errors
/// The context cannot be read.
pub(super) async fn lint<R: ContextReader>(
    reader: &R,
    executable: &Executable,
) -> Result<Option<Warning>, R::Error> {
    let (parent, name) = executable
        .path
        .rsplit_once('/')
        .unwrap_or(("", &executable.path));
    let entries = reader.list(parent, &literal(name)).await?;
    let Some(entry) = entries.iter().find(|entry| entry.name == name) else {
        return Ok(None);
    };
    if entry.kind != FileKind::File {
        return Ok(None);
    }
    let start = if entry.size <= LARGEST {
        reader.read(&executable.path, entry.size).await?
    } else {
        b"\x7fELF".to_vec()
    };
    let path = &executable.path;
    let report = |rule, what: &str, hint: String| {
        let what = format!("the container runs `{path}`, which {what}");
        warning(rule, &executable.span, what, hint)
    };
    Ok(match problem(executable, entry, &start) {
        Some((what, hint)) => Some(report(Rule::NotExecutable, what, hint)),
        None if runs_poetry(&String::from_utf8_lossy(&start)) => Some(report(
            Rule::EntrypointNotFound,
            "runs `poetry`, which is not in the image",
            format!("leave out `poetry run` in `{path}`: the environment is active in the image"),
        )),
        None => None,
    })
}

fn problem(
    executable: &Executable,
    entry: &Entry,
    content: &[u8],
) -> Option<(&'static str, String)> {
    let path = &executable.path;
    if !entry.executable && !executable.becomes_executable && !executable.by_shell {
        return Some((
            "is not executable",
            format!("run `chmod +x {path}`, or add `mode = \"0755\"` to its `[[copy]]`"),
        ));
    }
    if content.starts_with(b"\x7fELF") {
        return None;
    }
    let first = content
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    if !first.starts_with(b"#!") && !executable.by_shell {
        return Some((
            "has no `#!` line",
            format!("start `{path}` with a line such as `#!/bin/sh`"),
        ));
    }
    first.ends_with(b"\r").then(|| {
        (
            "has Windows line endings",
            format!(
                "save `{path}` with Unix line endings, and add `{path} eol=lf` to `.gitattributes`"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{plan, service};
    use super::*;

    /// The context's path of the program, and whether it becomes executable.
    fn found(build_file: &str) -> Vec<(String, bool)> {
        let plan = plan(&service().with_build_file(build_file));
        let found = plan.executables.into_iter();
        found
            .map(|one| (one.path, one.becomes_executable))
            .collect()
    }

    #[test]
    fn the_program_is_followed_to_the_file_in_the_context() {
        let copy = |dest: &str, more: &str, command: &str| {
            format!(
                "[[copy]]\nsrc = \"bin/start.sh\"\ndest = {dest:?}\n{more}\n[runtime]\nentrypoint = {command}\n"
            )
        };
        let start = || ("bin/start.sh".to_owned(), false);
        for (dest, command) in [
            ("/usr/local/bin/", r#"["/usr/local/bin/start.sh"]"#),
            ("/usr/local/bin/", r#"["start.sh", "x"]"#),
            ("/start", r#"["tini", "--", "/start"]"#),
            ("/app/start.sh", r#"["./start.sh"]"#),
        ] {
            assert_eq!(
                found(&copy(dest, "", command)),
                [start()],
                "{dest} {command}"
            );
        }
        let mode = copy("/start", "mode = \"0755\"", r#"["/start"]"#);
        assert_eq!(found(&mode), [("bin/start.sh".to_owned(), true)]);
        // A shell reads it, and does not execute it.
        assert_eq!(found(&copy("/start", "", r#"["sh", "/start"]"#)), [start()]);
        let of_directory = |src: &str, dest: &str| {
            found(&format!(
                "[[copy]]\nsrc = {src:?}\ndest = {dest:?}\n[runtime]\nentrypoint = [\"serve\"]\nhealthcheck = {{ cmd = [\"/opt/bin/check.sh\"] }}\n"
            ))
        };
        let check = |path: &str| vec![(path.to_owned(), false)];
        assert_eq!(of_directory("bin", "/opt/bin"), check("bin/check.sh"));
        assert_eq!(of_directory("tools", "/opt"), check("tools/bin/check.sh"));
        assert_eq!(of_directory("bin/*.sh", "/opt/bin/"), check("bin/check.sh"));
        assert!(of_directory("bin/*.py", "/opt/bin/").is_empty());
        let copied = "[source]\ninstall = \"copy\"\n[runtime]\nentrypoint = [\"./run.sh\"]\n";
        assert_eq!(found(copied), [("run.sh".to_owned(), false)]);
    }

    #[test]
    fn what_keeps_a_file_from_being_executed_is_told() {
        let executable = |becomes_executable| Executable {
            files: ContextFiles::default(),
            path: "start.sh".to_owned(),
            becomes_executable,
            by_shell: false,
            span: crate::diagnostics::Document::new("f", "toml", "").first_line(),
        };
        let entry = |executable| Entry {
            name: "start.sh".to_owned(),
            kind: FileKind::File,
            size: 1,
            executable,
            link: None,
        };
        for (mode, becomes, content, expected) in [
            (false, false, "#!/bin/sh\n", Some("is not executable")),
            (false, true, "#!/bin/sh\n", None),
            (true, false, "#!/bin/sh\n", None),
            (true, false, "\u{7f}ELF", None),
            (true, false, "echo x\n", Some("has no `#!` line")),
            (true, false, "", Some("has no `#!` line")),
            (
                true,
                false,
                "#!/bin/sh\r\n",
                Some("has Windows line endings"),
            ),
        ] {
            let found = problem(&executable(becomes), &entry(mode), content.as_bytes());
            assert_eq!(found.map(|(what, _)| what), expected, "{content:?}");
        }
    }
}
