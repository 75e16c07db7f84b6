//! The platform that the steps run on: the image's, or the engine's own without emulation.

use crate::image::Platform;

/// Where those steps run whose result is the same on every platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BuildPlatform {
    /// On the image's platform, which the engine has.
    #[default]
    Image,
    /// On the engine's own platform, which is another one than the image's.
    Engine(Platform),
    /// On the image's platform, although the engine has another one; and why.
    Emulated {
        /// The engine's own platform.
        engine: Platform,
        /// Why its Python cannot stand in for the image's.
        reason: String,
    },
}

/// The architectures of which one can stand in for the other: uv is pinned for both, and they have the same word size and
/// byte order, so that the environment and the bytecode are equal.
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];

impl BuildPlatform {
    /// Where an engine builds an image of a platform, as far as the platforms decide.
    #[must_use]
    pub fn between(engine: &Platform, image: &Platform) -> Self {
        let is_same = |part: fn(&Platform) -> &String| part(engine) == part(image);
        if is_same(|platform| &platform.architecture) && is_same(|platform| &platform.os) {
            return Self::Image;
        }
        let known = |platform: &Platform| {
            platform.os == "linux" && ARCHITECTURES.contains(&platform.architecture.as_str())
        };
        // Variants differ in what they require of a processor, and the engine's own names are not normalised.
        let found = Self::Engine(Platform {
            variant: String::new(),
            ..engine.clone()
        });
        if known(engine) && known(image) {
            found
        } else {
            found.emulated(format!("{engine} cannot stand in for {image}"))
        }
    }

    /// Without steps on the engine's platform, for this reason.
    #[must_use]
    pub fn emulated(self, reason: String) -> Self {
        match self {
            Self::Image => Self::Image,
            Self::Engine(engine) | Self::Emulated { engine, .. } => {
                Self::Emulated { engine, reason }
            }
        }
    }

    /// The engine's own platform, if it is another one than the image's.
    #[must_use]
    pub fn engine(&self) -> Option<&Platform> {
        match self {
            Self::Image => None,
            Self::Engine(engine) | Self::Emulated { engine, .. } => Some(engine),
        }
    }
}
