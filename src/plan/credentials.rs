//! Credentials of package indexes: secrets of the client, which only the step that installs sees.

use crate::diagnostics::{Diagnostic, Problem};

use super::{Error, Inputs, SecretVariable};

/// The index that needs no credentials; Poetry knows it by this name in any case.
const PUBLIC: &str = "pypi";

/// The variables that Poetry reads the credentials of the project's sources from. What `[indexes]` names is required;
/// of any other source they are taken if the client has them.
pub(super) fn variables(inputs: &Inputs<'_>) -> Vec<SecretVariable> {
    let sources = &inputs.project.pyproject.sources;
    sources
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case(PUBLIC))
        .flat_map(|(name, _)| {
            let table = inputs.file.indexes.get(name);
            let variable = |what: &str, id: Option<&String>| SecretVariable {
                variable: format!(
                    "POETRY_HTTP_BASIC_{}_{}",
                    name.to_uppercase().replace('-', "_"),
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
            .map(|(name, _)| name)
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

/// What the user is told about a secret that the client does not have.
pub(super) fn missing(secret: &SecretVariable) -> Option<Diagnostic> {
    let place = secret.required_at.as_ref()?;
    Some(Error::NoSecret(secret.id.clone()).at(place))
}
