//! Scripts of the context that the container runs: whether they can be executed.

use crate::build_file::{CopiedFiles, CopySource, InstallMode};
use crate::diagnostics::{Span, Warning};
use crate::paths::{clean, has_wildcard, literal};
use crate::plan::{ContextFiles, Executable};
use crate::resolve::environment::workdir;
use crate::resolve::{Resolved, context_files, is_for_development};
use crate::rules::Rule;

use super::commands::{absolute, program};
use super::reader::{ContextReader, Entry, FileKind};
use super::warning::warning;

/// The directories in which a program without a directory is looked for, as far as files are usually copied there.
const SEARCHED: [&str; 4] = ["/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/bin"];
/// Larger files are no scripts.
const LARGEST: u64 = 1 << 20;

/// The files that become the container's program. `source` is what `install = "copy"` copies.
pub(super) fn find(resolved: &Resolved<'_>, source: Option<&ContextFiles>) -> Vec<Executable> {
    if is_for_development(&resolved.result) {
        return Vec::new();
    }
    let Some((program, span)) = program(resolved.file) else {
        return Vec::new();
    };
    let directory = workdir(resolved.file);
    let paths: Vec<String> = if program.contains('/') {
        vec![absolute(&directory, program)]
    } else {
        SEARCHED.map(|parent| format!("{parent}/{program}")).into()
    };
    let copied = resolved.file.copies.iter().filter_map(|copy| {
        let dest = destination(copy)?;
        paths
            .contains(&dest)
            .then(|| executable(resolved, copy, span))?
    });
    let mut found: Vec<Executable> = copied.collect();
    if let (true, Some(files)) = (resolved.install == InstallMode::Copy, source) {
        let inside = paths.iter().filter_map(|path| {
            let path = path.strip_prefix(&directory)?.strip_prefix('/')?;
            Some(Executable {
                files: files.clone(),
                path: path.to_owned(),
                becomes_executable: false,
                span: span.clone(),
            })
        });
        found.extend(inside);
    }
    found
}

/// The path in the image of a single file that is copied by its name.
fn destination(copy: &CopiedFiles) -> Option<String> {
    let src = &copy.src.value;
    if has_wildcard(src) || src == "." {
        return None;
    }
    Some(if copy.dest.ends_with('/') {
        let name = src.rsplit('/').next()?;
        format!("{}{name}", copy.dest)
    } else {
        clean(&copy.dest)
    })
}

fn executable(resolved: &Resolved<'_>, copy: &CopiedFiles, span: &Span) -> Option<Executable> {
    let path = clean(&copy.src.value);
    let files = match &copy.from {
        CopySource::Context => context_files(resolved, vec![literal(&path)]),
        CopySource::NamedContext(name) => ContextFiles {
            context: Some(name.value.clone()),
            include: vec![literal(&path)],
            ..ContextFiles::default()
        },
        CopySource::Image(_) | CopySource::Target(_) | CopySource::Download { .. } => return None,
    };
    Some(Executable {
        files,
        path,
        becomes_executable: copy.mode.is_some_and(|mode| mode & 0o111 != 0),
        span: span.clone(),
    })
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
    Ok(problem(executable, entry, &start).map(|(what, hint)| {
        let path = &executable.path;
        let what = format!("the container runs `{path}`, which {what}");
        warning(Rule::NotExecutable, &executable.span, what, hint)
    }))
}

fn problem(
    executable: &Executable,
    entry: &Entry,
    content: &[u8],
) -> Option<(&'static str, String)> {
    let path = &executable.path;
    if !entry.executable && !executable.becomes_executable {
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
    if !first.starts_with(b"#!") {
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
        assert!(found(&copy("/start", "", r#"["sh", "/start"]"#)).is_empty());
        let copied = "[source]\ninstall = \"copy\"\n[runtime]\nentrypoint = [\"./run.sh\"]\n";
        assert_eq!(found(copied), [("run.sh".to_owned(), false)]);
    }

    #[test]
    fn what_keeps_a_file_from_being_executed_is_told() {
        let executable = |becomes_executable| Executable {
            files: ContextFiles::default(),
            path: "start.sh".to_owned(),
            becomes_executable,
            span: crate::diagnostics::Document::new("f", "toml", "").first_line(),
        };
        let entry = |executable| Entry {
            name: "start.sh".to_owned(),
            kind: FileKind::File,
            size: 1,
            executable,
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
