//! Credentials of package indexes: secrets that only the installing step receives.

use crate::diagnostics::{Diagnostic, Problem};
use crate::plan::{Authorization, Run, SecretVariable};
use crate::project::has_credentials;
use crate::resolve::{Error, Resolved};

/// The default index, which needs no credentials. Poetry ignores the case of its name.
const PUBLIC: &str = "pypi";

/// The variables from which Poetry reads the credentials of the project's indexes. They are required for the indexes in
/// `[indexes]`, and optional for all others.
pub(crate) fn variables(resolved: &Resolved<'_>) -> Vec<SecretVariable> {
    let variables = indexes(resolved).flat_map(|name| {
        let start = name.to_uppercase().replace(['-', '.'], "_");
        secrets(resolved, name, &format!("POETRY_HTTP_BASIC_{start}"))
    });
    variables.collect()
}

/// The variables of `install-wheels` with the credentials of one index.
pub(crate) fn of_index(resolved: &Resolved<'_>, name: &str) -> Vec<SecretVariable> {
    secrets(resolved, name, "INDEX").into()
}

/// What the engine needs to download from an index; `None` if the build file names no header for it.
pub(crate) fn authorization(resolved: &Resolved<'_>, name: &str) -> Option<Authorization> {
    let table = resolved.file.indexes.get(name)?;
    Some(Authorization {
        secret: table.value.header_secret.clone()?,
        required_at: table.span.clone(),
        project: resolved.identity(),
    })
}

/// Keeps what a step gets with credentials from other projects: the engine's cache knows no credentials.
pub(crate) fn kept_for_project(run: Run, resolved: &Resolved<'_>) -> Run {
    run.env([("FOR_PROJECT", resolved.identity())])
}

/// The user name and the password of an index, in variables that begin with `prefix`.
fn secrets(resolved: &Resolved<'_>, name: &str, prefix: &str) -> [SecretVariable; 2] {
    let table = resolved.file.indexes.get(name);
    let variable = |what: &str, id: Option<&String>| SecretVariable {
        variable: format!("{prefix}_{}", what.to_uppercase()),
        id: id.cloned().unwrap_or_else(|| format!("{name}-{what}")),
        required_at: table.map(|table| table.span.clone()),
    };
    let index = table.map(|table| &table.value);
    let username = index.and_then(|index| index.username_secret.as_ref());
    let password = index.and_then(|index| index.password_secret.as_ref());
    [
        variable("username", username),
        variable("password", password),
    ]
}

/// The names of the project's own indexes.
pub(crate) fn indexes<'a>(resolved: &'a Resolved<'_>) -> impl Iterator<Item = &'a str> {
    let indexes = resolved.project.pyproject.indexes.iter();
    let names = indexes.map(|index| index.name.as_str());
    names.filter(|name| !name.eq_ignore_ascii_case(PUBLIC))
}

/// Reports entries of `[indexes]` that are not indexes of the project.
pub(crate) fn unknown(resolved: &Resolved<'_>, errors: &mut Vec<Diagnostic>) {
    let known = || {
        resolved
            .project
            .pyproject
            .indexes
            .iter()
            .map(|index| &index.name)
    };
    for (name, table) in &resolved.file.indexes {
        if !known().any(|index| index == name) {
            let error = Error::UnknownIndex {
                name: name.clone(),
                known: known().cloned().collect(),
            };
            errors.push(error.at(&table.span));
        }
    }
}

/// Reports URLs that embed credentials: they would be stored in the build cache, and those of packages in the image.
pub(crate) fn in_addresses(resolved: &Resolved<'_>, errors: &mut Vec<Diagnostic>) {
    let indexes = resolved.project.pyproject.indexes.iter();
    let indexes = indexes.map(|index| (&index.name, &index.url, &index.span));
    let packages = resolved.installed_packages();
    let project = resolved.project;
    let packages =
        packages.map(|package| (&package.name, &package.url, project.location_of(package)));
    for (name, url, span) in indexes.chain(packages) {
        if has_credentials(url) {
            errors.push(Error::CredentialsInAddress(name.clone()).at(span));
        }
    }
}
