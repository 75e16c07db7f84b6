//! The images of the engine's own platform, and whether the base among them can stand in for that of the image's platform.

use serde_json::Value;

use crate::compile::{self, ImageFiles, ResolvedImage};
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::{Failure, all, both};
use crate::image::Platform;
use crate::plan::Plan;

use super::images::{self, BaseImage};

/// The variable in which official Python images have their release, and images that are made from them.
const PYTHON_VERSION: &str = "PYTHON_VERSION";

/// The images that stages of the plan start from on the engine's platform, or why their steps have to be emulated.
pub(super) async fn find(
    inputs: &Inputs<'_>,
    platform: &Platform,
    plan: &Plan,
) -> Result<Result<compile::Images, String>, Failure> {
    let Some((base, engine)) = plan.engine_base() else {
        return Ok(Ok(compile::Images::new()));
    };
    let contexts = inputs.options.contexts(platform);
    let names = plan.engine_images().map(|(image, _)| image.context_name());
    if let Some(name) = names.into_iter().find(|name| contexts.contains_key(name)) {
        return Ok(Err(format!("a named context replaces the image `{name}`")));
    }
    let needed = plan.images().filter(|(image, _)| *image == base);
    let needed = needed.map(|(reference, span)| BaseImage {
        platform,
        reference,
        span,
    });
    let on_engine = all(plan.engine_images().map(async |(reference, engine)| {
        let found = inputs.images.resolve(reference, engine).await;
        Ok::<_, Failure>((reference, found))
    }));
    let (of_image, on_engine) = both(images::resolve(&inputs.images, needed), on_engine).await?;
    let of_image = of_image.into_values().next();
    let of_image = of_image.map_or(Value::Null, |image| image.config);
    let mut images = compile::Images::new();
    for (reference, found) in on_engine {
        let name = reference.context_name();
        let found = match found {
            Ok(found) => found,
            Err(Failure::Engine(status)) => {
                let why = status.message;
                return Ok(Err(format!(
                    "cannot resolve the image `{name}` for {engine}: {why}"
                )));
            }
            Err(failure) => return Err(failure),
        };
        let difference = if reference == base {
            difference(&of_image, &found.config, engine)
        } else {
            no_variant(&found.config, engine)
        };
        if let Some(why) = difference {
            return Ok(Err(format!("the image `{name}` {why}")));
        }
        let image = ResolvedImage {
            files: ImageFiles::Image(found.reference),
            config: found.config,
        };
        images.insert(reference.clone(), image);
    }
    Ok(Ok(images))
}

/// What keeps an image of the engine's platform from standing in for the image's own, by their configs.
fn difference(of_image: &Value, of_engine: &Value, engine: &Platform) -> Option<String> {
    if let Some(why) = no_variant(of_engine, engine) {
        return Some(why);
    }
    let Some(version) = variable(of_image, PYTHON_VERSION) else {
        return Some(format!(
            "does not say in `{PYTHON_VERSION}` which Python it has"
        ));
    };
    let other = variable(of_engine, PYTHON_VERSION);
    if other != Some(version) {
        let other = other.unwrap_or("unknown");
        return Some(format!(
            "has Python {version}, but for {engine} it has Python {other}"
        ));
    }
    // They decide which Python runs, and how.
    let settings = |config| -> Vec<&str> {
        let mut names: Vec<&str> = variables(config).map(|(name, _)| name).collect();
        names.retain(|name| *name == "PATH" || name.starts_with("PYTHON"));
        names
    };
    let mut names: Vec<&str> = [of_image, of_engine]
        .into_iter()
        .flat_map(settings)
        .collect();
    names.sort_unstable();
    let differs = |name: &&str| variable(of_image, name) != variable(of_engine, name);
    let name = names.into_iter().find(differs)?;
    Some(format!("has another `{name}` for {engine}"))
}

/// An image that is not an index resolves for every platform.
fn no_variant(config: &Value, engine: &Platform) -> Option<String> {
    let is_other = config["architecture"] != *engine.architecture;
    is_other.then(|| format!("has no variant for {engine}"))
}

fn variables(config: &Value) -> impl Iterator<Item = (&str, &str)> {
    let list = config.pointer("/config/Env").and_then(Value::as_array);
    let entries = list.into_iter().flatten().filter_map(Value::as_str);
    entries.filter_map(|entry| entry.split_once('='))
}

fn variable<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    let found = variables(config).find(|(one, _)| *one == name)?;
    Some(found.1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(architecture: &str, env: &[&str]) -> Value {
        json!({ "architecture": architecture, "config": { "Env": env } })
    }

    #[test]
    fn only_the_same_python_can_stand_in() {
        let image = config("arm64", &["PATH=/bin", "PYTHON_VERSION=3.13.5", "LANG=C"]);
        let same = ["PATH=/bin", "PYTHON_VERSION=3.13.5"];
        for (architecture, env, expected) in [
            ("amd64", same.as_slice(), None),
            ("arm64", &same, Some("has no variant for linux/amd64")),
            (
                "amd64",
                &["PATH=/bin", "PYTHON_VERSION=3.13.4"],
                Some("has Python 3.13.5, but for linux/amd64 it has Python 3.13.4"),
            ),
            (
                "amd64",
                &["PATH=/bin"],
                Some("has Python 3.13.5, but for linux/amd64 it has Python unknown"),
            ),
            (
                "amd64",
                &["PATH=/opt/bin", "PYTHON_VERSION=3.13.5"],
                Some("has another `PATH` for linux/amd64"),
            ),
            (
                "amd64",
                &["PATH=/bin", "PYTHON_VERSION=3.13.5", "PYTHONPATH=/x"],
                Some("has another `PYTHONPATH` for linux/amd64"),
            ),
        ] {
            let engine = Platform::parse("linux/amd64").unwrap();
            let found = difference(&image, &config(architecture, env), &engine);
            assert_eq!(found.as_deref(), expected, "{env:?}");
        }
    }

    #[test]
    fn an_image_that_names_no_python_is_not_compared() {
        let [image, other] = ["arm64", "amd64"].map(|name| config(name, &["PATH=/bin"]));
        let found = difference(&image, &other, &Platform::parse("amd64").unwrap());
        let expected = "does not say in `PYTHON_VERSION` which Python it has";
        assert_eq!(found.as_deref(), Some(expected));
    }
}
