//! The spans of steps that no key of the build file asks for: an error of such a step shows the lines of the project that
//! decided it.

use crate::diagnostics::Span;

use super::resolved::Resolved;

impl Resolved<'_> {
    /// The selected groups and extras, or else the dependencies in `pyproject.toml`.
    pub(crate) fn dependencies_span(&self) -> Span {
        let asked = &self.file.dependencies;
        let groups = asked.groups.iter().flatten().map(|group| &group.span);
        let without = asked.without.iter().flatten().map(|group| &group.span);
        let extras = asked.extras.iter().map(|extras| &extras.span);
        let lists = &self.project.pyproject.dependencies;
        let listed = lists.iter().find(|list| !list.dependencies.is_empty());
        let listed = listed.into_iter().flat_map(|list| &list.dependencies);
        let listed = listed
            .map(|dependency| dependency.span.clone())
            .reduce(|first, next| first.to(&next));
        let asked = groups.chain(without).chain(extras).next().cloned();
        asked.or(listed).unwrap_or_else(|| self.file.whole())
    }

    /// The settings of `[poetry]`, or else the line of the lock that names the Poetry that wrote it.
    pub(crate) fn poetry_span(&self) -> Span {
        let poetry = &self.file.poetry;
        let version = poetry.version.iter().map(|version| &version.span);
        let plugins = poetry.plugins.iter().map(|plugin| &plugin.span);
        let mirror = poetry.mirror.iter().map(|mirror| &mirror.span);
        let mut asked = version.chain(plugins).chain(mirror);
        let asked = asked.next().cloned();
        asked.unwrap_or_else(|| self.project.lock.document.first_line())
    }

    /// The settings of `[source]`, or else the build script or the build backend in `pyproject.toml`.
    pub(crate) fn source_span(&self) -> Span {
        let source = &self.file.source;
        let include = source.include.iter().flatten().map(|path| &path.span);
        let install = source.install.iter().map(|install| &install.span);
        let pyproject = &self.project.pyproject;
        let script = pyproject.wheel_files.build_script.iter();
        let script = script.map(|script| &script.span);
        let mut asked = include.chain(install).chain(script);
        let asked = asked.next().or(pyproject.build_backend.as_ref());
        asked
            .cloned()
            .unwrap_or_else(|| pyproject.document.first_line())
    }
}
