//! `[images]`: the digests of images by name and tag.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::Error;
use crate::build_file::schema::At;
use crate::diagnostics::{Diagnostic, Document, Problem, Span};
use crate::image::{ImageReference, is_digest};

/// Digests by image. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue(Arc<BTreeMap<ImageReference, String>>);

impl Catalogue {
    /// The image with its digest, unless it has one.
    #[must_use]
    pub fn pin(&self, image: &ImageReference) -> ImageReference {
        match self.0.get(image) {
            Some(digest) => image.pinned(digest),
            None => image.clone(),
        }
    }

    /// The image that [`Self::pin`] made this one of.
    #[must_use]
    pub fn before(&self, image: &ImageReference) -> ImageReference {
        let unpinned = image.unpinned();
        let unpinned = unpinned.filter(|unpinned| self.pin(unpinned) == *image);
        unpinned.unwrap_or_else(|| image.clone())
    }
}

/// The names have the spans of `names`.
pub(super) fn read(
    document: &Document,
    names: &BTreeMap<String, Span>,
    table: BTreeMap<String, At<String>>,
    found: &mut Vec<Diagnostic>,
) -> Catalogue {
    let mut images = BTreeMap::new();
    for (name, digest) in table {
        let span = names.get(&name).cloned();
        let span = span.unwrap_or_else(|| document.span(digest.span.clone()));
        let tagged = name
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains(':'));
        match ImageReference::parse(&name).filter(|image| tagged && !image.is_pinned()) {
            None => found.push(Error::CatalogueName(name).at(&span)),
            Some(_) if !is_digest(&digest.value) => {
                let error = Error::CatalogueDigest(digest.value);
                found.push(error.at(&document.span(digest.span)));
            }
            Some(image) if images.contains_key(&image) => {
                found.push(Error::CatalogueTwice(image.familiar()).at(&span));
            }
            Some(image) => {
                images.insert(image, digest.value);
            }
        }
    }
    Catalogue(Arc::new(images))
}
