//! `standard init`: writes a standard to start from.

use std::fs;

use super::super::arguments::Arguments;
use super::super::command::Outcome;
use super::super::error::Error;
use super::super::frontend_image::FRONTEND;
use super::super::output;
use super::file;

const TEMPLATE: &str = include_str!("template.toml");

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let target = file::path(arguments);
    if !arguments.has("force") && target.exists() {
        return Err(Error::Exists(target));
    }
    fs::write(&target, TEMPLATE).map_err(|error| Error::Write(target.clone(), error))?;
    output::text(&format!(
        "wrote {}; build the frontend's image with a Dockerfile of two lines:\nFROM {FRONTEND}\nCOPY standard.toml /\n",
        target.display()
    ))?;
    Ok(Outcome::Success)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use super::TEMPLATE;
    use crate::build_file::Standard;

    #[test]
    fn the_template_is_valid_with_and_without_its_comments() {
        Standard::parse_with_defaults(TEMPLATE.as_bytes(), &BTreeMap::new()).unwrap();
        let mut all = String::new();
        for line in TEMPLATE.lines() {
            let line = line.strip_prefix("#: ").unwrap_or(line);
            writeln!(all, "{line}").unwrap();
        }
        assert!(!all.contains("\n#:"), "{all}");
        let standard = Standard::parse_with_defaults(all.as_bytes(), &BTreeMap::new()).unwrap();
        assert!(standard.policies.len() >= 4 && standard.exceptions.len() == 1);
    }
}
