//! The CA certificates that downloads trust, for networks that intercept TLS.

use crate::build_file::CaBundle;
use crate::image::ImageReference;
use crate::plan::{KnownFailure, Mount, Run, StageName};
use crate::resolve::Resolved;
use crate::scripts;

/// Where a bundle is mounted that the step's own image does not have.
const MOUNTED: &str = "/run/secrets/ca-bundle";
/// Certificates are no secret for the user of the development image, who installs the project.
const READABLE: u32 = 0o444;

/// For a step on the builder's base.
pub(crate) fn trusted(run: Run, resolved: &Resolved<'_>) -> Run {
    trusted_on(run, resolved, resolved.build_base())
}

/// For a step on another base.
pub(crate) fn trusted_on(run: Run, resolved: &Resolved<'_>, base: &ImageReference) -> Run {
    let (untrusted, without_certificate) = match bundle(resolved) {
        Some(CaBundle::Secret(id)) => (
            format!(
                "add `--secret id={id},src=FILE` to the command: FILE must have the certificate of the authority that signed it, such as your company's"
            ),
            Some(format!(
                "the secret `{id}` must be in PEM format; `openssl x509 -inform der -in FILE` converts a file in DER format"
            )),
        ),
        Some(CaBundle::Path(path)) => (
            format!(
                "`{path}` of the builder's base image must have the certificate of the authority that signed it; `ca-bundle = \"secret:ID\"` in `[poetry]` takes it from a secret"
            ),
            Some(format!(
                "`{path}` must be a file of the builder's base image, in PEM format"
            )),
        ),
        None => (
            "set `ca-bundle = \"secret:ca\"` in `[poetry]`, and add `--secret id=ca,src=FILE` to the command: FILE must have the certificate of the authority that signed it, such as your company's".to_owned(),
            None,
        ),
    };
    let mut run = run.hint(KnownFailure::Untrusted, untrusted);
    if let Some(hint) = without_certificate {
        run = run.hint(KnownFailure::NoCertificate, hint);
    }
    with_bundle(run, resolved, base)
}

/// For a step of pip or Poetry on the builder's base. These have certificates of their own, so the script also runs without a
/// bundle: an engine that intercepts downloads adds its certificate to those of the image.
pub(crate) fn trusted_by_python(run: Run, resolved: &Resolved<'_>) -> Run {
    let run = run.through(scripts::TRUST_CERTIFICATES, [String::new(), String::new()]);
    trusted(run, resolved)
}

/// For a user's command, which runs as it is if the build file has no bundle.
pub(crate) fn with_bundle(mut run: Run, resolved: &Resolved<'_>, base: &ImageReference) -> Run {
    let (path, optional) = match bundle(resolved) {
        None => return run,
        Some(CaBundle::Secret(id)) => {
            run = run.mount(Mount::Secret {
                id: id.clone(),
                target: MOUNTED.to_owned(),
                required_at: None,
                mode: Some(READABLE),
            });
            (MOUNTED, "1")
        }
        Some(CaBundle::Path(path)) if base == resolved.build_base() => (path.as_str(), ""),
        Some(CaBundle::Path(path)) => {
            run = run.mount(Mount::Stage {
                from: StageName::Base,
                path: path.clone(),
                target: MOUNTED.to_owned(),
            });
            (MOUNTED, "")
        }
    };
    let args = [path, optional].map(str::to_owned);
    run.through(scripts::TRUST_CERTIFICATES, args)
}

/// The path of the CA bundle for a container of the build's base, if there is one.
pub(crate) fn path<'a>(resolved: &'a Resolved<'_>) -> Option<&'a str> {
    match bundle(resolved)? {
        CaBundle::Path(path) => Some(path),
        CaBundle::Secret(_) => None,
    }
}

fn bundle<'a>(resolved: &'a Resolved<'_>) -> Option<&'a CaBundle> {
    let bundle = resolved.file.poetry.ca_bundle.as_ref();
    bundle.map(|bundle| &bundle.value)
}
