//! Which stages and contexts a command wants scanned for packages, in addition to the image
//! (`frontend/attestations/parse.go`).

use std::collections::BTreeMap;

use super::values::flag;

/// The scanner if the command names none.
const DEFAULT_SCANNER: &str = "docker/buildkit-syft-scanner:stable-1";

/// What to scan in addition to the image, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The scanner's image.
    pub(crate) scanner: String,
    /// Environment variables of the scanner, by name without their prefix.
    pub(crate) parameters: BTreeMap<String, String>,
    stages: Stages,
    /// Whether the build context is scanned.
    pub(crate) context: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stages {
    All,
    These(Vec<String>),
}

impl Scan {
    /// `None` if there is nothing to scan but the image, which the engine does itself.
    pub(super) fn read(options: &BTreeMap<String, String>) -> Option<Self> {
        let attributes = options
            .get("attest:sbom")
            .or(options.get("build-arg:BUILDKIT_ATTEST_SBOM"))?;
        let argument = |name: &str| options.get(&format!("build-arg:{name}"));
        let stages = match argument("BUILDKIT_SBOM_SCAN_STAGE") {
            None => Stages::These(Vec::new()),
            Some(value) => match flag(value) {
                Some(true) => Stages::All,
                Some(false) => Stages::These(Vec::new()),
                None => Stages::These(value.split(',').map(str::to_owned).collect()),
            },
        };
        let context =
            argument("BUILDKIT_SBOM_SCAN_CONTEXT").is_some_and(|value| flag(value) != Some(false));
        if !context && stages == Stages::These(Vec::new()) {
            return None;
        }
        let mut parameters: BTreeMap<String, String> = attributes
            .split(',')
            .filter_map(|attribute| attribute.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        parameters.remove("disabled");
        Some(Self {
            scanner: parameters
                .remove("generator")
                .unwrap_or_else(|| DEFAULT_SCANNER.to_owned()),
            parameters,
            stages,
            context,
        })
    }

    /// Whether this stage is scanned.
    pub(crate) fn covers(&self, stage: &str) -> bool {
        match &self.stages {
            Stages::All => true,
            Stages::These(names) => names.iter().any(|name| name.eq_ignore_ascii_case(stage)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(&str, &str)]) -> Option<Scan> {
        let options = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Scan::read(&options.collect())
    }

    #[test]
    fn scanning_the_image_alone_is_left_to_the_engine() {
        let stage = ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "deps,source");
        assert_eq!(read(&[("attest:sbom", "")]), None);
        assert_eq!(read(&[stage]), None);
        let off = ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "false");
        assert_eq!(read(&[("attest:sbom", ""), off]), None);
    }

    #[test]
    fn stages_and_contexts_are_scanned_on_request() {
        let stage = ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "deps,source");
        let scan = read(&[("attest:sbom", "generator=org/scan:1,DEPTH=2"), stage]).unwrap();
        assert_eq!(scan.scanner, "org/scan:1");
        assert_eq!(scan.parameters["DEPTH"], "2");
        assert!(scan.covers("Deps") && scan.covers("source") && !scan.covers("builder"));
        assert!(!scan.context);
        let all = ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "true");
        assert!(read(&[("attest:sbom", ""), all]).unwrap().covers("builder"));
        let context = ("build-arg:BUILDKIT_SBOM_SCAN_CONTEXT", "true");
        let scan = read(&[("attest:sbom", ""), context]).unwrap();
        assert_eq!(scan.scanner, DEFAULT_SCANNER);
        assert!(scan.context);
    }
}
