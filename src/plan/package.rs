//! What installs each package.

/// A package of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPackage {
    pub name: String,
    pub version: String,
    pub installer: PackageInstaller,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageInstaller {
    /// uv installs a locked wheel, in the layer with this number.
    Uv { layer: usize },
    /// Poetry installs it, for this reason.
    Poetry { reason: String },
}
