//! The commands of this repository: `cargo xtask` lists them. Whatever needs an engine is a script in `harness/`.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// A command, its arguments and its help, and what it runs.
struct Task {
    name: &'static str,
    arguments: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Result<(), Error>,
}

const TASKS: &[Task] = &[
    Task {
        name: "check",
        arguments: "",
        help: "what CI runs: `lint`, `generate --check`, `test`",
        run: check,
    },
    Task {
        name: "lint",
        arguments: "[--fix]",
        help: "check formatting, lints and dependencies",
        run: |arguments| script("lint", arguments),
    },
    Task {
        name: "generate",
        arguments: "[--check]",
        help: "update the generated documents and snapshots",
        run: generate,
    },
    Task {
        name: "site",
        arguments: "[DIRECTORY]",
        help: "build the documentation as a site",
        run: |arguments| script("site", arguments),
    },
    Task {
        name: "test",
        arguments: "[CARGO-OPTION..]",
        help: "run all tests",
        run: |arguments| script("test", arguments),
    },
    Task {
        name: "e2e",
        arguments: "[NAME..]",
        help: "run end-to-end tests by name",
        run: |arguments| script("e2e", arguments),
    },
    Task {
        name: "test-matrix",
        arguments: "",
        help: "compare installs with every supported Poetry",
        run: |arguments| script("test-matrix", arguments),
    },
    Task {
        name: "fuzz",
        arguments: "[TARGET..] [--seconds N]",
        help: "fuzz each parser for a minute",
        run: fuzz,
    },
    Task {
        name: "bench",
        arguments: "[OPTION..]",
        help: "measure rebuilds against Dockerfiles",
        run: |arguments| script("bench", arguments),
    },
    Task {
        name: "demo",
        arguments: "",
        help: "build the frontend and an example with it",
        run: |arguments| script("demo", arguments),
    },
    Task {
        name: "image",
        arguments: "[--if-stale] REF",
        help: "build the frontend image",
        run: |arguments| script("image", arguments),
    },
    Task {
        name: "release",
        arguments: "--dry-run [DIRECTORY]",
        help: "make what this machine can of a release",
        run: release,
    },
    Task {
        name: "engine",
        arguments: "up|down|env|purge",
        help: "control the engine of the tests",
        run: |arguments| script("engine", arguments),
    },
];

/// The tests that compare generated files and snapshots with the checked-in ones.
const GENERATED: [&str; 4] = ["docs", "compatibility", "messages", "cli"];

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("unknown command `{0}`; `cargo xtask help` lists all")]
    UnknownCommand(String),

    #[error("usage: cargo xtask {0}")]
    Usage(&'static str),

    #[error("unknown fuzz target `{name}`; there are {known}")]
    UnknownTarget { name: String, known: String },

    #[error("cannot run `{program}`: {source}")]
    Start { program: String, source: io::Error },

    /// The program has reported what went wrong.
    #[error("`{command}` failed")]
    Failed { command: String, status: u8 },

    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },

    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(match error {
                Error::UnknownCommand(_) | Error::Usage(_) | Error::UnknownTarget { .. } => 2,
                Error::Failed { status, .. } => status,
                _ => 1,
            })
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Error> {
    match arguments.split_first() {
        None => help(),
        Some((name, _)) if ["help", "--help", "-h"].contains(&name.as_str()) => help(),
        Some((name, rest)) => match TASKS.iter().find(|task| task.name == name) {
            Some(task) => (task.run)(rest),
            None => Err(Error::UnknownCommand(name.clone())),
        },
    }
}

fn help() -> Result<(), Error> {
    let mut text = String::new();
    for task in TASKS {
        let command = format!("cargo xtask {} {}", task.name, task.arguments);
        text.push_str(&format!("{command:<44}{}\n", task.help));
    }
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Error::Output)
}

fn check(arguments: &[String]) -> Result<(), Error> {
    if !arguments.is_empty() {
        return Err(Error::Usage("check"));
    }
    script("lint", &[])?;
    generate(&["--check".to_owned()])?;
    let mut tests = Command::new(root().join("harness/test"));
    // A snapshot that differs fails, and nothing is written next to it.
    tests.env("INSTA_UPDATE", "no");
    // One build at a time: engines share equal steps of concurrent builds, and report them as they like.
    if env::var_os("RUST_TEST_THREADS").is_none() {
        tests.env("RUST_TEST_THREADS", "1");
    }
    succeed(&mut tests)
}

fn generate(arguments: &[String]) -> Result<(), Error> {
    let tests = |names: &[&str]| {
        let mut tests = cargo();
        tests.args(["test", "--locked", "--quiet"]);
        tests.args(names.iter().flat_map(|name| ["--test", name]));
        tests
    };
    match arguments {
        [] => {
            // Each reads what those before it have written. One test at a time: several may write the same file.
            for name in GENERATED {
                let mut tests = tests(&[name]);
                tests.args(["--", "--test-threads=1"]);
                succeed(tests.env("UPDATE_DOCS", "1").env("INSTA_UPDATE", "always"))?;
            }
            Ok(())
        }
        [only] if only == "--check" => {
            let mut tests = tests(&GENERATED);
            succeed(tests.env_remove("UPDATE_DOCS").env("INSTA_UPDATE", "no"))
        }
        _ => Err(Error::Usage("generate [--check]")),
    }
}

/// Tags are what releases are made from, so there is only a trial.
fn release(arguments: &[String]) -> Result<(), Error> {
    match arguments {
        [option] if option == "--dry-run" => dry_run(&[]),
        [option, directory] if option == "--dry-run" => dry_run(&[directory]),
        _ => Err(Error::Usage("release --dry-run [DIRECTORY]")),
    }
}

fn dry_run(directory: &[&String]) -> Result<(), Error> {
    let script = root().join("packaging/release");
    succeed(Command::new(script).arg("dry-run").args(directory))
}

fn fuzz(arguments: &[String]) -> Result<(), Error> {
    const USAGE: Error = Error::Usage("fuzz [TARGET..] [--seconds N]");
    let directory = root().join("fuzz");
    let known = fuzz_targets(&directory.join("fuzz_targets"))?;
    let mut seconds = 60_u32;
    let mut chosen = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            let value = arguments.next().and_then(|value| value.parse().ok());
            seconds = value.ok_or(USAGE)?;
        } else if argument.starts_with('-') {
            return Err(USAGE);
        } else if known.contains(argument) {
            chosen.push(argument.clone());
        } else {
            return Err(Error::UnknownTarget {
                name: argument.clone(),
                known: known.join(", "),
            });
        }
    }
    if chosen.is_empty() {
        chosen = known;
    }

    let tools = tools()?;
    for target in chosen {
        let corpus = format!("corpus/{target}");
        let path = directory.join(&corpus);
        fs::create_dir_all(&path).map_err(|source| Error::File { path, source })?;
        let mut fuzzer = Command::new(tools.join("cargo-fuzz"));
        // No sanitizer: they need a nightly toolchain, and no code here is unsafe.
        fuzzer
            .args(["run", "--sanitizer", "none", &target, &corpus])
            .arg(format!("seeds/{target}"))
            .args(["--", "-timeout=10", "-rss_limit_mb=1024", "-max_len=65536"])
            .arg(format!("-max_total_time={seconds}"))
            .current_dir(&directory);
        succeed(&mut fuzzer)?;
    }
    Ok(())
}

fn fuzz_targets(directory: &Path) -> Result<Vec<String>, Error> {
    let failed = |source| Error::File {
        path: directory.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(
                path.file_stem()
                    .and_then(|stem| stem.to_str())
                    .map(str::to_owned),
            );
        }
    }
    names.sort();
    Ok(names)
}

/// The directory of the linters and of cargo-fuzz, installed on first use.
fn tools() -> Result<PathBuf, Error> {
    let mut command = Command::new(root().join("harness/tools"));
    command.stderr(Stdio::inherit());
    let output = command.output().map_err(|source| start(&command, source))?;
    if !output.status.success() {
        return Err(failed(&command, output.status.code()));
    }
    Ok(PathBuf::from(
        String::from_utf8_lossy(&output.stdout).trim_end(),
    ))
}

/// Runs a script of `harness/`.
fn script(name: &str, arguments: &[String]) -> Result<(), Error> {
    succeed(Command::new(root().join("harness").join(name)).args(arguments))
}

fn succeed(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|source| start(command, source))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(command, status.code()))
    }
}

fn start(command: &Command, source: io::Error) -> Error {
    Error::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    }
}

fn failed(command: &Command, code: Option<i32>) -> Error {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    Error::Failed {
        command: words.join(" "),
        // None: ended by a signal.
        status: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
    }
}

/// The cargo that runs this, and so its toolchain.
fn cargo() -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The root of the repository.
fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        run(&arguments).unwrap_err().to_string()
    }

    #[test]
    fn arguments_that_nothing_takes_are_errors() {
        assert_eq!(
            error(&["tset"]),
            "unknown command `tset`; `cargo xtask help` lists all"
        );
        assert_eq!(error(&["check", "now"]), "usage: cargo xtask check");
        assert_eq!(
            error(&["release"]),
            "usage: cargo xtask release --dry-run [DIRECTORY]"
        );
        assert_eq!(
            error(&["generate", "--all"]),
            "usage: cargo xtask generate [--check]"
        );
        assert_eq!(
            error(&["fuzz", "lock", "--seconds"]),
            "usage: cargo xtask fuzz [TARGET..] [--seconds N]"
        );
    }

    #[test]
    fn every_fuzz_target_has_seeds() {
        let fuzz = root().join("fuzz");
        let targets = fuzz_targets(&fuzz.join("fuzz_targets")).unwrap();
        assert!(targets.contains(&"lock".to_owned()), "{targets:?}");
        for target in targets {
            assert!(fuzz.join("seeds").join(&target).is_dir(), "{target}");
        }
        assert!(error(&["fuzz", "luck"]).contains("`luck`; there are build_file, "));
    }

    #[test]
    fn the_exit_code_of_a_failed_program_is_kept() {
        let failure = succeed(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(matches!(failure, Error::Failed { status: 3, .. }));
        assert_eq!(failure.to_string(), "`sh -c exit 3` failed");
    }
}
