//! The base images of the image and of the builder, and the Python that they have.

use super::base::{Base, is_full, is_slim, release};
use super::draft::{Origin, Taken};
use super::stages::chain;
use super::state::Walk;
use crate::project::PythonVersion;

/// Sets the bases from the first `FROM` of the image and of the builder.
pub(super) fn bases(walk: &mut Walk<'_>) {
    let lowest = |stages: &[usize]| stages.first().copied();
    let image: Vec<usize> = walk.roles.image.iter().copied().collect();
    let Some(root) = lowest(&image) else { return };
    let stage = &walk.dockerfile.stages[root];
    let origin = Origin::of(&stage.span);
    let runtime = Base::of(&stage.base);
    let builder = walk
        .roles
        .builders
        .iter()
        .map(|&stage| chain(walk.dockerfile, stage)[0]);
    let builder = builder
        .filter(|stage| !walk.roles.image.contains(stage))
        .min();
    let builder = builder.map(|stage| &walk.dockerfile.stages[stage]);
    let builder = builder.map(|stage| (Base::of(&stage.base), Origin::of(&stage.span)));
    of_runtime(
        walk,
        &runtime,
        builder.as_ref().map(|(base, _)| base),
        &origin,
    );
    if let Some((base, origin)) = builder {
        of_builder(walk, &base, &runtime, &origin);
    }
}

fn of_runtime(walk: &mut Walk<'_>, base: &Base, builder: Option<&Base>, origin: &Origin) {
    match base {
        Base::Python { version, variant } => {
            python(walk, version.as_deref(), origin);
            if is_slim(variant) {
                walk.draft.python_variant.get_or_insert_with(|| Taken::new(variant.clone(), origin));
            } else if is_full(variant) {
                let slim = release(variant).map(|release| format!("slim-{release}"));
                if let Some(slim) = slim {
                    walk.draft.python_variant.get_or_insert_with(|| Taken::new(slim, origin));
                }
                if builder.is_none() {
                    full(walk, version.as_deref(), variant, origin);
                }
                walk.draft.remark(
                    origin,
                    "the image is the full one, with compilers and many libraries; now it is slim, and only its builder is full",
                    "add libraries that the service loads to `packages` of `[runtime]`",
                );
            } else {
                other_system(walk, variant, origin);
            }
        }
        Base::Image(image) => walk.image.base = Some(Taken::new(image.clone(), origin)),
        Base::Bare(image) => walk.draft.remark(
            origin,
            format!("`{image}` has no Python of its own"),
            "the image is based on Docker's image of Python; `base` of `[runtime]` can name another one with Python",
        ),
        Base::Scratch => walk.draft.remark(
            origin,
            "`FROM scratch` has no Python",
            "choose a stage that has one with `--stage NAME`",
        ),
    }
}

fn of_builder(walk: &mut Walk<'_>, base: &Base, runtime: &Base, origin: &Origin) {
    match (base, runtime) {
        (Base::Python { version, variant }, _) if is_full(variant) => {
            python(walk, version.as_deref(), origin);
            let of_runtime = match runtime {
                Base::Python { variant, .. } => release(variant),
                _ => None,
            };
            let variant = if variant.is_empty() {
                of_runtime.unwrap_or_default()
            } else {
                variant
            };
            full(walk, version.as_deref(), variant, origin);
        }
        (Base::Image(image), Base::Image(other)) if image == other => {}
        (Base::Image(image), _) => {
            let is_of_poetry = image.contains("poetry") && !matches!(runtime, Base::Image(_));
            if is_of_poetry {
                walk.draft
                    .leave_out(origin, format!("the image `{image}` with Poetry"));
            } else {
                walk.image.build_base = Some(Taken::new(image.clone(), origin));
            }
        }
        (Base::Python { version, variant }, Base::Image(_)) => {
            let version = version.as_deref().unwrap_or("3");
            let image = format!("python:{version}-{variant}");
            walk.image.build_base = Some(Taken::new(image, origin));
        }
        (Base::Python { version, .. }, _) => python(walk, version.as_deref(), origin),
        _ => {}
    }
}

/// The full image as the builder's base.
fn full(walk: &mut Walk<'_>, version: Option<&str>, variant: &str, origin: &Origin) {
    let version = version.unwrap_or("3");
    let image = if variant.is_empty() {
        format!("python:{version}")
    } else {
        format!("python:{version}-{variant}")
    };
    walk.image.build_base = Some(Taken::new(image, origin));
}

fn python(walk: &mut Walk<'_>, version: Option<&str>, origin: &Origin) {
    let Some(version) = version.filter(|_| walk.draft.python_version.is_none()) else {
        return;
    };
    if !version.starts_with('$') && PythonVersion::parse_known(version).is_none() {
        walk.draft.remark(
            origin,
            format!("Python {version} is not supported"),
            "the newest Python that the project allows is used; set `version` of `[python]` to choose another one",
        );
        return;
    }
    walk.draft.python_version = Some(Taken::new(version.to_owned(), origin));
}

fn other_system(walk: &mut Walk<'_>, variant: &str, origin: &Origin) {
    let system = if variant.starts_with("alpine") {
        "Alpine"
    } else {
        variant
    };
    walk.draft.remark(
        origin,
        format!("the image is based on {system}; now it is based on Debian"),
        "check the names of the system packages",
    );
}
