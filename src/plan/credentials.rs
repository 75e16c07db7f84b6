//! Credentials of package indexes: secrets of the client, which only the step that installs sees.

use crate::diagnostics::{Diagnostic, Problem};
use crate::project::has_credentials;

use super::{Error, Inputs, Mount, Need, Run, SecretVariable};

/// The index that needs no credentials; Poetry knows it by this name in any case.
const PUBLIC: &str = "pypi";

/// The variables that Poetry reads the credentials of the project's sources from. What `[indexes]` names is required;
/// of any other source they are taken if the client has them.
pub(super) fn variables(inputs: &Inputs<'_>) -> Vec<SecretVariable> {
    let sources = &inputs.project.pyproject.sources;
    sources
        .iter()
        .map(|source| &source.name)
        .filter(|name| !name.eq_ignore_ascii_case(PUBLIC))
        .flat_map(|name| {
            let table = inputs.file.indexes.get(name);
            let variable = |what: &str, id: Option<&String>| SecretVariable {
                variable: format!(
                    "POETRY_HTTP_BASIC_{}_{}",
                    name.to_uppercase().replace(['-', '.'], "_"),
                    what.to_uppercase()
                ),
                id: id.cloned().unwrap_or_else(|| format!("{name}-{what}")),
                required_at: table.map(|table| table.place.clone()),
            };
            [
                variable(
                    "username",
                    table.and_then(|table| table.value.username_secret.as_ref()),
                ),
                variable(
                    "password",
                    table.and_then(|table| table.value.password_secret.as_ref()),
                ),
            ]
        })
        .collect()
}

/// Reports the credentials of indexes that the project does not name.
pub(super) fn unknown(inputs: &Inputs<'_>, found: &mut Vec<Diagnostic>) {
    let known = || {
        inputs
            .project
            .pyproject
            .sources
            .iter()
            .map(|source| &source.name)
    };
    for (name, table) in &inputs.file.indexes {
        if !known().any(|source| source == name) {
            let error = Error::UnknownIndex {
                name: name.clone(),
                known: known().cloned().collect(),
            };
            found.push(error.at(&table.place));
        }
    }
}

/// Reports addresses that hold credentials: they would end in the build's cache, and those of packages in the image.
pub(super) fn in_addresses(inputs: &Inputs<'_>, found: &mut Vec<Diagnostic>) {
    let sources = inputs.project.pyproject.sources.iter();
    let sources = sources.map(|source| (&source.name, &source.url, &source.place));
    let packages = inputs.project.packages(&inputs.selection);
    let packages = packages.map(|package| (&package.name, &package.url, &package.place));
    for (name, url, place) in sources.chain(packages) {
        if has_credentials(url) {
            found.push(Error::CredentialsInAddress(name.clone()).at(place));
        }
    }
}

/// What a command needs of the client, and what the user is told when it is not there.
pub(super) fn needs(run: &Run) -> impl Iterator<Item = (Need, Diagnostic)> {
    let secrets = run.secrets.iter().filter_map(|secret| {
        let place = secret.required_at.as_ref()?;
        let error = Error::NoSecret(secret.id.clone());
        Some((Need::Secret(secret.id.clone()), error.at(place)))
    });
    let mounts = run.mounts.iter().filter_map(|mount| match mount {
        Mount::Agent { id, required_at } => {
            let error = Error::NoAgent(id.clone());
            Some((Need::Agent(id.clone()), error.at(required_at)))
        }
        Mount::Secret {
            id, required_at, ..
        } => {
            let error = Error::NoSecret(id.clone());
            Some((Need::Secret(id.clone()), error.at(required_at)))
        }
        Mount::Stage { .. } | Mount::Files { .. } | Mount::File { .. } | Mount::Cache { .. } => {
            None
        }
    });
    secrets.chain(mounts)
}
