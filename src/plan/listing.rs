//! What a software bill of materials lists.

/// The project and the locked packages of its image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub project: ListedPackage,
    /// Sorted by name.
    pub packages: Vec<ListedPackage>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPackage {
    /// As spelled.
    pub name: String,
    /// Empty if it is not known before the build.
    pub version: String,
    /// Where it comes from, if not from the default index.
    pub origin: Option<ListedOrigin>,
    /// The SHA-256 of the file that is installed, in hexadecimal digits.
    pub sha256: Option<String>,
    pub licence: Option<String>,
    /// What asks for it: groups such as `main`, and extras.
    pub groups: Vec<String>,
    pub extras: Vec<String>,
    /// The normalised names of the packages that it depends on.
    pub needs: Vec<String>,
}

/// An address without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedOrigin {
    /// Another index.
    Index(String),
    /// A repository, with the commit.
    Git(String, String),
    Download(String),
    /// A file or directory of the project.
    Local(String),
}
