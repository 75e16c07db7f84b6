//! `resolved`: the build file as it applies.

use super::arguments::Arguments;
use super::command::{Command, Outcome};
use super::directory::{DIRECTORY, OPTIONS, ProjectDirectory, print_errors};
use super::error::Error;
use super::output;
use crate::diagnostics::Document;

pub(super) const COMMAND: Command = Command {
    name: "resolved",
    about: "show the build file with its standard and arguments applied",
    details: "The output is a build file that means the same without the standard and without arguments. A comment on each line says which
file and line the value comes from; what no file sets and the frontend chose is at the end.",
    operands: &[DIRECTORY],
    options: &[OPTIONS],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let directory = ProjectDirectory::from_arguments(arguments)?;
    match directory.files.effective(&directory.build_args) {
        Ok(lines) => {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let mut text = lines.join("\n") + "\n";
            let chosen = directory
                .files
                .chosen(&directory.build_args, &directory.request);
            if !chosen.is_empty() {
                text += "\n# No file sets these; the frontend chose them.\n";
            }
            for (key, value) in chosen {
                text += &format!("# {key} = \"{value}\"\n");
            }
            // Values that look like secrets are not shown anywhere.
            let text = Document::new("", "toml", text).masked();
            output::text(&text)?;
            Ok(Outcome::Success)
        }
        Err(errors) => {
            print_errors(errors.iter(), arguments)?;
            Ok(Outcome::Problems)
        }
    }
}
