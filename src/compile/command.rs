//! Commands as LLB: the words to execute, the scripts that are mounted for them, and their resource limits.

use buildkit_llb::{self as bk, Exec, FileOp, Mkfile};

use crate::plan::{Command, Run};
use crate::scripts::{self, Script};

use super::options::ResourceLimits;

/// Where scripts are mounted: in a directory that every image has, because the engine removes the mount point after the
/// step, but not the directories that it created above it.
const SCRIPTS: &str = "/run";

/// The path of a mounted file in the output that holds only this file.
const MOUNTED_FILE: &str = "/file";

/// An empty directory that a command with a read-only root has for its output, because a step without outputs never runs.
pub(super) const NO_OUTPUT: &str = "/run/no-output";

const SHARED_MEMORY: &str = "/dev/shm";

/// The command in exec form, and the scripts that it runs.
pub(super) fn words(run: &Run) -> (Vec<String>, Vec<Script>) {
    let shell = |name: &str| ["sh".to_owned(), "-eu".to_owned(), script_path(name)];
    let mut words = Vec::new();
    let mut scripts = Vec::new();
    if let Some(root) = &run.read_only {
        let watch = scripts::RUN_READ_ONLY;
        words.extend([root.python.clone(), "-I".to_owned(), "-S".to_owned()]);
        words.push(script_path(watch.0));
        scripts.push(watch);
    } else if !run.hints.is_empty() {
        let explain = scripts::EXPLAIN_FAILURE;
        words.extend(shell(explain.0));
        scripts.push(explain);
    }
    if let Some(runner) = &run.runner {
        words.extend(shell(runner.name));
        words.extend_from_slice(&runner.args);
        scripts.push((runner.name, runner.text));
    }
    match &run.command {
        Command::Exec(exec) => words.extend_from_slice(exec),
        Command::Script(script) => {
            words.extend(shell(script.name));
            words.extend_from_slice(&script.args);
            scripts.push((script.name, script.text));
        }
    }
    (words, scripts)
}

pub(super) fn script_path(name: &str) -> String {
    format!("{SCRIPTS}/{name}")
}

pub(super) fn file_mount(target: &str, content: &str, mode: u32) -> bk::BindMount {
    let file = Mkfile::new(MOUNTED_FILE, mode, content.as_bytes());
    let output = FileOp::on(None)
        .mkfile(file)
        .named("[internal] write a file")
        .output();
    bk::Mount::bind(output, target)
        .selector(MOUNTED_FILE)
        .read_only()
}

pub(super) fn secret_mount(
    id: &str,
    target: &str,
    optional: bool,
    mode: Option<u32>,
) -> bk::SecretMount {
    let mut secret = bk::Mount::secret(target, id);
    if optional {
        secret = secret.optional();
    }
    if let Some(mode) = mode {
        secret = secret.mode(mode);
    }
    secret
}

pub(super) fn with_limits(mut exec: Exec, limits: &ResourceLimits) -> Exec {
    if let Some(size) = limits.shared_memory {
        exec = exec.mount(bk::Mount::tmpfs(SHARED_MEMORY).size(size));
    }
    for limit in &limits.ulimits {
        exec = exec.ulimit(&limit.name, limit.soft, limit.hard);
    }
    if let Some(parent) = &limits.cgroup_parent {
        exec = exec.cgroup_parent(parent);
    }
    if let Some(resources) = &limits.resources {
        exec = exec.resources(resources.clone());
    }
    exec
}
