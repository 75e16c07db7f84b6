//! From bytes to a validated build file.

use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::diagnostics::{Diagnostics, Document};

use super::error::{Error, toml_error};
use super::spec::{BuildFile, DEFAULT_NAME};
use super::standard::{self, Followed, Standard};
use super::{args, decode, read, shape, targets, validate};

impl BuildFile {
    /// Parses the file called `name` with the values of `--build-arg`.
    ///
    /// # Errors
    /// All errors of the first step that fails.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        build_args: &BTreeMap<String, String>,
    ) -> Result<Self, Diagnostics> {
        Self::parse_over(None, name, bytes, build_args)
    }

    /// Parses the file, over the defaults of a standard.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_over(
        standard: Option<&Standard>,
        name: &str,
        bytes: &[u8],
        build_args: &BTreeMap<String, String>,
    ) -> Result<Self, Diagnostics> {
        let file = read::document(name, bytes)?;
        let root = DeTable::parse(file.text())
            .map_err(|error| toml_error(&file, &error, Error::Syntax))?;
        let pending = shape::Arguments::Pending;
        let found = shape::errors(&file, root.get_ref(), pending);
        Diagnostics::fail_if_any(found)?;

        let own = root.into_inner();
        let Some(standard) = standard else {
            return Self::of(&file, own, build_args, |_| None);
        };
        let text = standard.behind(&file);
        let document = standard.below(&file);
        let root = standard::merged(&document, &text, &own)?;
        let follow = |root: &DeTable<'_>| {
            let tables = standard::Tables {
                document: &document,
                own: &own,
                build_args,
            };
            Some(Followed {
                violations: targets::with_merged(&document, root, |merged| {
                    tables.violations(&standard.policies, merged)
                }),
                standard: standard.clone(),
            })
        };
        Self::of(&document, root, build_args, follow).map_err(|errors| standard.explained(errors))
    }

    /// From a table whose keys and types are right, but for values that refer to arguments. `follow` gets the table with the
    /// values of arguments.
    fn of(
        document: &Document,
        root: DeTable<'_>,
        build_args: &BTreeMap<String, String>,
        follow: impl FnOnce(&DeTable<'_>) -> Option<Followed>,
    ) -> Result<Self, Diagnostics> {
        let (arguments, mut found) = args::declared(document, &root, build_args);
        // With references into `arguments`.
        let mut root = root;
        // An argument without a value would be reported again wherever it is used.
        if found.is_empty() {
            found = args::interpolate(document, &mut root, &arguments);
        }
        Diagnostics::fail_if_any(found)?;
        let replaced = shape::Arguments::Replaced;
        Diagnostics::fail_if_any(shape::errors(document, &root, replaced))?;

        let (mut main, rules) =
            validate::image_spec(document, decode::typed(document, root.clone())?)?;
        let (mut dev, mut targets) = targets::read(document, &root)?;
        let standard = follow(&root);
        if let Some(followed) = &standard {
            let images = &followed.standard.images;
            main.pin(images);
            for target in targets.values_mut().chain([&mut dev]) {
                target.image.pin(images);
            }
        }
        Ok(Self {
            unknown_arguments: args::unknown(&arguments, build_args),
            arguments,
            rules,
            main,
            dev,
            targets,
            standard,
        })
    }
}

impl Standard {
    /// Parses a standard, and checks its defaults as a build file of their own.
    ///
    /// # Errors
    /// As [`Self::parse`], or a value of the defaults is wrong.
    pub fn parse_with_defaults(
        bytes: &[u8],
        build_args: &BTreeMap<String, String>,
    ) -> Result<Self, Diagnostics> {
        let standard = Self::parse(bytes)?;
        BuildFile::parse_over(Some(&standard), DEFAULT_NAME, b"", build_args)?;
        Ok(standard)
    }
}
