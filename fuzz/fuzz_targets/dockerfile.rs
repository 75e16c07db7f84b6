//! Any Dockerfile becomes a build file that can be read, or is rejected.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use poetry_frontend::build_file::BuildFile;
use poetry_frontend::diagnostics::Document;
use poetry_frontend::dockerfile::Dockerfile;
use poetry_frontend::moving::{
    Comments, Draft, Files, add_dockerfile, add_project, repaired, report, text,
};
use poetry_frontend::project::Project;
use poetry_frontend_fuzz::{LOCK, PYPROJECT};

/// A directory in which every other path is a file.
struct AnyFiles;

impl Files for AnyFiles {
    fn text(&self, path: &str) -> Option<String> {
        self.is_file(path).then(|| format!("exec \"$@\" {path}\n"))
    }

    fn is_file(&self, path: &str) -> bool {
        path.len() % 2 == 1
    }

    fn is_directory(&self, path: &str) -> bool {
        path.len() % 4 == 2
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(dockerfile) = Dockerfile::parse("Dockerfile", bytes) else {
        return;
    };
    let span = Document::new("poetry.build.toml", "toml", "").first_line();
    let project = Project::parse(Some(PYPROJECT), Some(LOCK), &span).unwrap();
    let mut draft = Draft::default();
    let last = dockerfile.stages.len() - 1;
    add_dockerfile(&mut draft, &dockerfile, last, &project, &AnyFiles);
    add_project(&mut draft, &project, &AnyFiles);
    let _ = report(&draft);
    let (text, _) = repaired(&text(&draft, "org/poetry-frontend", &Comments::default()));
    assert!(BuildFile::parse("poetry.build.toml", text.as_bytes(), &BTreeMap::new()).is_ok());
});
