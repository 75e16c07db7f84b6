//! Build contexts and platforms in LLB.

use buildkit_llb::{self as bk, FileOp, LocalSource, Output};

use crate::image::Platform;
use crate::plan::ContextFiles;

use super::error::Error;
use super::options::{Context, LocalDirectory, Options};

impl Options {
    /// The part of a context that `files` selects.
    ///
    /// # Errors
    /// The named context does not exist.
    pub fn files(&self, files: &ContextFiles) -> Result<Output, Error> {
        let context = match &files.context {
            None => &self.context,
            Some(name) => self
                .named_contexts
                .get(name)
                .ok_or_else(|| Error::NoContext(name.clone()))?,
        };
        Ok(match context {
            Context::Local(directory) => local_files(directory, files),
            Context::Output(output) => output_files(output.clone(), files),
        })
    }
}

/// The engine reuses the directory that it received earlier with the same hint. Parts that are transferred at the same time
/// need different hints, or each transfer would delete the files of the other.
pub fn local_files(directory: &LocalDirectory, files: &ContextFiles) -> Output {
    let followed = files.include.iter().filter(|_| files.follow);
    LocalSource::new(&directory.name)
        .follow(followed.cloned())
        .session(&directory.session)
        .include(files.include.iter().cloned())
        .exclude(files.exclude.iter().cloned())
        .exclude(directory.ignore.iter().cloned())
        .shared_key_hint(format!("{}:{}", directory.name, files.include.join(",")))
        .named("[internal] load build context")
        .output()
}

/// The part of an output that `files` selects.
fn output_files(output: Output, files: &ContextFiles) -> Output {
    // A followed link may point to any file.
    let include = files.include.iter().filter(|_| !files.follow);
    let copy = bk::Copy::new(output, "/", "/")
        .contents_only()
        .include(include.cloned())
        .exclude(files.exclude.iter().cloned());
    FileOp::on(None)
        .copy(copy)
        .named("[internal] load build context")
        .output()
}

#[must_use]
pub fn platform(platform: &Platform) -> bk::Platform {
    bk::Platform {
        os: platform.os.clone(),
        architecture: platform.architecture.clone(),
        variant: platform.variant.clone(),
        ..bk::Platform::default()
    }
}
