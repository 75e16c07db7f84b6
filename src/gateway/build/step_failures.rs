//! Readable messages for failed steps: the engine's message quotes the whole command.

use buildkit_proto::rpc;
use serde::Deserialize;

use crate::compile::{Compiled, StepInfo};
use crate::gateway::transport::Failure;
use crate::image::Platform;
use crate::plan::KnownFailure;

use super::platforms::Build;

/// The detail with the digest of the op that failed (`solver/errdefs/vertex.go`).
const VERTEX: &str = "github.com/moby/buildkit/errdefs.Vertex+json";
/// What the engine says of a command that failed (`solver/llbsolver/ops/exec.go`), between the command and the reason.
const NOT_SUCCESSFUL: &str = " did not complete successfully: ";
/// The reason if the engine's kernel killed a process of the command (`executor/runcexecutor/executor_linux.go`).
const NO_MEMORY: &str = "cannot allocate memory";
/// The exit code of a killed process; older engines do not know why it was killed.
const KILLED: &str = "137";

#[derive(Deserialize)]
struct Vertex {
    digest: String,
}

/// Replaces the engine's message about a failed command with one that names the step. Code and details stay: the client
/// takes the lines of the build file from them.
pub(super) fn explain(failure: Failure, builds: &[Build], compiled: &[Compiled]) -> Failure {
    let platforms = builds.iter().map(|build| &build.platform);
    explain_steps(failure, platforms.zip(compiled))
}

fn explain_steps<'a>(
    failure: Failure,
    builds: impl IntoIterator<Item = (&'a Platform, &'a Compiled)>,
) -> Failure {
    let Failure::Engine(mut status) = failure else {
        return failure;
    };
    let builds: Vec<_> = builds.into_iter().collect();
    let failed = failed_ops(&status);
    let step = builds.iter().find_map(|(platform, compiled)| {
        let mut steps = failed.iter().map(|digest| compiled.steps.get(digest));
        Some((platform, steps.find_map(|step| step)?))
    });
    if let Some((_, step)) = step
        && step.is_download
    {
        status.message = no_download(&step.name, &status.message);
        return Failure::Engine(status);
    }
    let reason = status.message.rsplit_once(NOT_SUCCESSFUL);
    if let (Some((platform, step)), Some((_, reason))) = (step, reason) {
        let name = if builds.len() > 1 {
            format!("{} on {platform}", step.name)
        } else {
            step.name.clone()
        };
        status.message = message(step, &name, reason);
    }
    Failure::Engine(status)
}

fn no_download(file: &str, reason: &str) -> String {
    format!(
        "the engine cannot download `{file}`: {reason}\n  hint: the engine itself needs access to the index, its proxy and its certificates; if the file has moved, build once with `--no-cache-filter addresses`; `fetch = \"step\"` downloads in the steps instead"
    )
}

fn failed_ops(status: &rpc::Status) -> Vec<String> {
    let vertices = status.details.iter().filter(|one| one.type_url == VERTEX);
    vertices
        .filter_map(|detail| serde_json::from_slice::<Vertex>(&detail.value).ok())
        .map(|vertex| vertex.digest)
        .collect()
}

fn message(info: &StepInfo, step: &str, reason: &str) -> String {
    let known = reason
        .strip_prefix("exit code: ")
        .and_then(KnownFailure::of);
    if let Some(known) = known
        && let Some(hint) = info.hints.get(&known)
    {
        return format!("{step} failed: {}\n  hint: {hint}", known.reason());
    }
    let hint = "give the engine more memory, or raise `--memory` if the command sets it";
    match reason.strip_prefix("exit code: ") {
        Some(KILLED) => format!(
            "{step} failed with exit code {KILLED}: it was killed, most likely because memory ran out\n  hint: {hint}"
        ),
        Some(code) => format!("{step} failed with exit code {code}"),
        None if reason == NO_MEMORY => format!("{step} ran out of memory\n  hint: {hint}"),
        None => format!("{step} failed: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Definition, FileOp, Mkdir};
    use buildkit_proto::Any;
    use serde_json::Value;

    use super::*;
    use crate::gateway::transport::Error;

    const STEP: &str = "[deps 2/3] poetry install --only main (88 packages)";
    const DIGEST: &str = "sha256:5ca1ab1e";
    const DOWNLOAD: &str = "sha256:d0wnl0ad";

    fn compiled() -> Compiled {
        let image = FileOp::on(None).mkdir(Mkdir::new("/", 0o755)).output();
        Compiled {
            definition: Definition::new(&image),
            verifications: Vec::new(),
            stage_outputs: [].into(),
            system: image.clone(),
            image,
            probes: None,
            steps: [
                (
                    DIGEST.to_owned(),
                    StepInfo {
                        name: STEP.to_owned(),
                        hints: [(KnownFailure::NoCompiler, "add one".to_owned())].into(),
                        is_download: false,
                    },
                ),
                (
                    DOWNLOAD.to_owned(),
                    StepInfo {
                        name: "words-1.0-py3-none-any.whl".to_owned(),
                        is_download: true,
                        ..StepInfo::default()
                    },
                ),
            ]
            .into(),
            config: Value::Null,
            base_config: Value::Null,
        }
    }

    fn status(digest: &str, message: &str) -> rpc::Status {
        let detail = |kind: &str, value: String| Any {
            type_url: format!("github.com/moby/buildkit/errdefs.{kind}+json"),
            value: value.into_bytes(),
        };
        rpc::Status {
            code: 2,
            message: message.to_owned(),
            details: vec![
                detail("Solve", r#"{"inputIDs":["a"]}"#.to_owned()),
                detail("Vertex", format!(r#"{{"digest":"{digest}"}}"#)),
                detail("Source", r#"{"ranges":[]}"#.to_owned()),
            ],
        }
    }

    /// The status that the user sees, built for these platforms.
    fn explained(platforms: &[&str], status: rpc::Status) -> rpc::Status {
        let compiled = compiled();
        let platforms: Vec<Platform> = platforms
            .iter()
            .map(|platform| Platform::parse(platform).unwrap())
            .collect();
        let builds = platforms.iter().map(|platform| (platform, &compiled));
        let Failure::Engine(status) = explain_steps(Failure::Engine(status), builds) else {
            panic!("another kind of failure");
        };
        status
    }

    #[test]
    fn the_message_names_the_step_and_not_its_script() {
        let script = "process \"/bin/sh -euc set -x\necho did not complete successfully: exit code: 7\" did not complete successfully: ";
        for (reason, expected) in [
            ("exit code: 1", format!("{STEP} failed with exit code 1")),
            (
                "exit code: 94",
                format!(
                    "{STEP} failed: a compiler or a library to compile with is missing\n  hint: add one"
                ),
            ),
            // A command of the user's may exit with any code.
            ("exit code: 91", format!("{STEP} failed with exit code 91")),
            (
                "exit code: 137",
                format!(
                    "{STEP} failed with exit code 137: it was killed, most likely because memory ran out\n  hint: give the engine more memory, or raise `--memory` if the command sets it"
                ),
            ),
            (
                "cannot allocate memory",
                format!(
                    "{STEP} ran out of memory\n  hint: give the engine more memory, or raise `--memory` if the command sets it"
                ),
            ),
            (
                "exec: \"poetry\": not found",
                format!("{STEP} failed: exec: \"poetry\": not found"),
            ),
        ] {
            let engine = status(DIGEST, &format!("{script}{reason}"));
            let shown = explained(&["linux/amd64"], engine.clone());
            assert_eq!(shown.message, expected);
            assert_eq!((shown.code, shown.details), (engine.code, engine.details));
        }
    }

    #[test]
    fn of_several_platforms_the_message_names_the_one_that_failed() {
        let engine = status(
            DIGEST,
            "process \"x\" did not complete successfully: exit code: 1",
        );
        let shown = explained(&["linux/arm64", "linux/amd64"], engine);
        assert_eq!(
            shown.message,
            format!("{STEP} on linux/arm64 failed with exit code 1")
        );
    }

    #[test]
    fn a_wheel_that_the_engine_cannot_download_is_named_with_a_hint() {
        let engine = status(DOWNLOAD, "invalid response status 404");
        let shown = explained(&["linux/amd64"], engine.clone());
        let start = "the engine cannot download `words-1.0-py3-none-any.whl`: invalid response status 404\n  hint: ";
        assert!(shown.message.starts_with(start), "{}", shown.message);
        assert!(shown.message.contains("--no-cache-filter addresses"));
        assert_eq!((shown.code, shown.details), (engine.code, engine.details));
    }

    #[test]
    fn other_failures_stay_as_they_are() {
        let foreign = status(
            "sha256:0",
            "process \"x\" did not complete successfully: exit code: 1",
        );
        let no_command = status(DIGEST, "failed to compute cache key: \"/dist\": not found");
        for engine in [foreign, no_command] {
            assert_eq!(explained(&["linux/amd64"], engine.clone()), engine);
        }
        let request = Failure::from(Error::NoBuildFile("a".to_owned()));
        assert!(matches!(explain_steps(request, []), Failure::Request(_)));
    }
}
