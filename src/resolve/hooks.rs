//! The hooks of a build.

use crate::build_file::{Hook, HookPoint};
use crate::image::Platform;

use super::resolved::Resolved;

impl<'a> Resolved<'a> {
    /// The hooks that run on this platform, in the order of the file, each with its number in the file.
    pub(crate) fn hooks(&self) -> impl Iterator<Item = (usize, &'a Hook)> {
        let built = &self.request.platform;
        let hooks = self.file.hooks.iter().enumerate();
        hooks.filter(|(_, hook)| {
            hook.platforms.is_empty() || hook.platforms.iter().any(|one| covers(one, built))
        })
    }

    /// Whether hooks may change the project's files before the project is installed.
    pub(crate) fn has_changed_source(&self) -> bool {
        self.hooks()
            .any(|(_, hook)| hook.at == HookPoint::BeforeSource)
    }
}

/// A platform without a variant stands for all variants.
fn covers(platform: &Platform, built: &Platform) -> bool {
    platform.os == built.os
        && platform.architecture == built.architecture
        && (platform.variant.is_empty() || platform.variant == built.variant)
}
