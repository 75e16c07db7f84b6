//! Hints for failures that `explain-failure.sh` recognizes.

use crate::diagnostics::listed;
use crate::plan::{Authorization, KnownFailure, Run};
use crate::resolve::{Layer, Resolved};

use super::credentials;

/// For a command that installs with Poetry.
pub(crate) fn poetry(run: Run, resolved: &Resolved<'_>) -> Run {
    let secrets = credentials::variables(resolved);
    let ids: Vec<&str> = secrets.iter().map(|secret| secret.id.as_str()).collect();
    let unauthorized = if ids.is_empty() {
        "check the address of the index, and that it needs no credentials".to_owned()
    } else {
        let names = credentials::indexes(resolved).collect::<Vec<_>>();
        format!(
            "check the values of the secrets {} of the index{} {}",
            listed(&ids),
            if names.len() == 1 { "" } else { "es" },
            listed(&names)
        )
    };
    compiling(run)
        .hint(KnownFailure::Unreachable, UNREACHABLE)
        .hint(KnownFailure::Unauthorized, unauthorized)
        .hint(
            KnownFailure::NoPackage,
            "run `poetry lock` again: a locked file is no longer on its index",
        )
        .hint(
            KnownFailure::NotBuilt,
            "its own errors are the last lines of the step; a release with a wheel for the Python of the image needs no build",
        )
}

/// For a command that installs locked wheels with uv.
pub(crate) fn uv(run: Run, resolved: &Resolved<'_>, layer: &Layer<'_>) -> Run {
    let unauthorized = match layer.index {
        Some((name, _)) => {
            let secrets = credentials::of_index(resolved, name);
            let ids: Vec<&str> = secrets.iter().map(|secret| secret.id.as_str()).collect();
            format!(
                "check the values of the secrets {} of the index `{name}`",
                listed(&ids)
            )
        }
        None => "check `mirror` in `[poetry]`: the default index takes no credentials".to_owned(),
    };
    run.hint(KnownFailure::Unreachable, UNREACHABLE)
        .hint(KnownFailure::Unauthorized, unauthorized)
        .hint(
            KnownFailure::NoPackage,
            "if a locked file is no longer on its index, run `poetry lock` again; if no wheel fits the image, set `installer = \"poetry\"` in `[dependencies]`",
        )
}

/// For a command that builds a wheel.
pub(crate) fn wheel(run: Run) -> Run {
    compiling(run)
        .hint(KnownFailure::Unreachable, UNREACHABLE)
        .hint(
            KnownFailure::NoPackage,
            "check `requires` in `[build-system]` of `pyproject.toml`",
        )
}

/// For a command that installs Poetry with pip.
pub(crate) fn pip(run: Run) -> Run {
    run.hint(KnownFailure::Unreachable, UNREACHABLE)
        .hint(
            KnownFailure::Unauthorized,
            "check `mirror` in `[poetry]`: Poetry itself comes from an index without credentials",
        )
        .hint(
            KnownFailure::NoPackage,
            "check `version` and `plugins` in `[poetry]`, and that they support the Python of the image",
        )
}

/// For a command that installs a pinned tool.
pub(crate) fn tool(run: Run) -> Run {
    run.hint(KnownFailure::Unreachable, UNREACHABLE)
        .hint(
            KnownFailure::Unauthorized,
            "check `mirror` in `[poetry]`: tools come from an index without credentials",
        )
        .hint(
            KnownFailure::NoPackage,
            "the index must have this file: check `mirror` in `[poetry]`, and that the tool supports the Python of the image",
        )
}

/// For a command that asks an index for addresses.
pub(crate) fn addresses(
    run: Run,
    index: Option<&str>,
    authorization: Option<&Authorization>,
) -> Run {
    let unauthorized = match (index, authorization) {
        (Some(name), Some(authorization)) => format!(
            "check the secret {} of the index `{name}`: it is the whole header, such as `Basic dXNlcjpwYXNz`, in one line without a newline",
            authorization.secret
        ),
        (Some(name), None) => format!(
            "name the index in `[indexes.{name}]`: then the step that installs its wheels downloads them, with its credentials"
        ),
        (None, _) => {
            "check `mirror` in `[poetry]`: the default index takes no credentials".to_owned()
        }
    };
    run.hint(KnownFailure::Unreachable, UNREACHABLE)
        .hint(KnownFailure::Unauthorized, unauthorized)
        .hint(
            KnownFailure::NoPackage,
            "the last lines of the step name the package and the index: if the locked file is no longer there, run `poetry lock` again; if it is a mirror, wait until it has the file",
        )
}

/// For a command that installs wheels that the engine has downloaded.
pub(crate) fn fetched(mut run: Run) -> Run {
    run.hints.clear();
    run.hint(
        KnownFailure::NoPackage,
        "the wheel that the engine downloads does not fit the image's Python or C library: set `fetch = \"step\"` in `[dependencies]`, so that the step chooses another one",
    )
}

/// For a command that installs Debian packages.
pub(crate) fn apt(run: Run) -> Run {
    run.hint(
        KnownFailure::Unreachable,
        "check the network of the build, its proxy settings, and the addresses in `[apt-sources]`",
    )
    .hint(
        KnownFailure::Unauthorized,
        "check the addresses in `[apt-sources]`",
    )
    .hint(
        KnownFailure::NoPackage,
        "check the name and the version: each Debian release has its own packages, and `variant` in `[python]` selects the release",
    )
}

const UNREACHABLE: &str =
    "check the network of the build, its proxy settings, and `mirror` in `[poetry]`";

fn compiling(run: Run) -> Run {
    run.hint(
        KnownFailure::NoCompiler,
        "add what it names to `packages` in `[build]`, such as `packages = [\"gcc\", \"libc6-dev\"]`",
    )
}
