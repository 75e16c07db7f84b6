//! The images that a plan needs.

use std::collections::BTreeMap;

use buildkit_llb::Output;
use serde_json::Value;

use crate::image::ImageReference;

/// An image that a stage starts or copies from, as the engine resolved it.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedImage {
    pub files: ImageFiles,
    /// The OCI image config, including fields that only some engines set.
    pub config: Value,
}

/// The files of a [`ResolvedImage`].
#[derive(Clone, Debug, PartialEq)]
pub enum ImageFiles {
    /// An image in a registry, pinned to its digest if the engine returned one.
    Image(ImageReference),
    /// A named context that replaces the image.
    Output(Output),
}

/// The images of a plan.
pub type Images = BTreeMap<ImageReference, ResolvedImage>;
