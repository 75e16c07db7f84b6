//! `compose`: prints a Compose file for the image and for development.

mod watch;

use std::collections::BTreeSet;

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::directory::{ALL_TARGETS, DIRECTORY};
use super::error::Error;
use super::invocation::{RUNTIME, Targets, problems};
use super::output;
use crate::build_file::{DEV, ImageSpec};
use crate::diagnostics::Diagnostics;
use crate::export::{Service, compose};
use crate::paths::clean;
use crate::plan::{Plan, Settings};
use crate::resolve::environment::INIT;
use crate::resolve::target;
use watch::Watching;

pub(super) const COMMAND: Command = Command {
    name: "compose",
    about: "print a Compose file for the image and for development",
    details: "The service of the image runs as in production: with a read-only file system, an empty `/tmp` and no capabilities. The service
`dev` runs its command in the development image, into which edits of the source are copied. With both, `--watch` rebuilds the image
after a change of the lock. For example:
  poetry-frontend compose > compose.yaml
  docker compose up --build --watch
  docker compose up --build --watch dev
Named contexts whose place only you know, and the values of secrets, come from environment variables.",
    operands: &[DIRECTORY],
    options: &[
        &[Opt::value(
            "target",
            "NAME",
            "the image of the service; default: `runtime`",
        )],
        ALL_TARGETS,
    ],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let mut targets = match Targets::from_arguments(arguments)? {
        Ok(targets) => targets,
        Err(errors) => return problems(&errors, arguments),
    };
    let name = arguments.get("target").unwrap_or(RUNTIME);
    match plans(&mut targets, name) {
        Ok((plan, dev)) => output::text(&text(&targets, name, &plan, dev.as_ref())?)?,
        Err(errors) => return problems(&errors, arguments),
    }
    Ok(Outcome::Success)
}

/// The plan of the target, and that of the development image beside it.
fn plans(targets: &mut Targets, name: &str) -> Result<(Plan, Option<Plan>), Diagnostics> {
    let plan = targets.add(name)?;
    let dev = if name == DEV {
        None
    } else {
        targets.add_dev()?
    };
    Ok((plan, dev))
}

fn text(targets: &Targets, name: &str, plan: &Plan, dev: Option<&Plan>) -> Result<String, Error> {
    let service_name = match name {
        RUNTIME if targets.invocation.name != DEV => targets.invocation.name.clone(),
        RUNTIME => "app".to_owned(),
        name => name.to_owned(),
    };
    let file = &targets.parsed.file;
    let spec = target(file, Some(name)).map_or(&file.main, |target| target.file);
    let watching = Watching::new(targets);
    let mut services = vec![Service {
        name: service_name,
        target: name,
        settings: &plan.settings,
        profile: None,
        command: None,
        read_only: spec.runtime.read_only && name != DEV,
        volumes: volumes(spec),
        watch: watching.rebuilding(plan)?,
    }];
    let mut comments = vec!["Written by `poetry-frontend compose`."];
    if let Some(dev) = dev {
        comments.push(
            "`docker compose up --build --watch` runs the image, and rebuilds it after each edit.",
        );
        comments.push("`docker compose up --build --watch dev` runs the development image, and copies edits of the source into it.");
        comments.push("Compose cannot copy files into a container with a read-only file system.");
        let command =
            file.dev.image.runtime.entrypoint.is_none() && file.dev.image.runtime.cmd.is_none();
        services.push(Service {
            name: DEV.to_owned(),
            target: DEV,
            settings: &dev.settings,
            profile: Some(DEV),
            command: command
                .then(|| own_command(&plan.settings, &dev.settings))
                .flatten(),
            read_only: false,
            volumes: volumes(&file.dev.image),
            watch: watching.syncing(plan, dev)?,
        });
    }
    Ok(compose(&targets.invocation, &services, &comments))
}

fn volumes(spec: &ImageSpec) -> Vec<String> {
    let runtime = &spec.runtime;
    let paths = runtime.writable.iter().chain(&runtime.volumes);
    let paths: BTreeSet<String> = paths.map(|path| clean(&path.value)).collect();
    paths.into_iter().collect()
}

/// The command of an image, for the development image, which starts a shell unless the file says otherwise.
fn own_command(image: &Settings, dev: &Settings) -> Option<Vec<String>> {
    let entrypoint = image.entrypoint.clone().unwrap_or_default();
    let starts_init = dev.entrypoint.iter().flatten().any(|word| word == INIT);
    let words = entrypoint
        .into_iter()
        .chain(image.cmd.clone().into_iter().flatten());
    let words: Vec<String> = words.skip(if starts_init { 2 } else { 0 }).collect();
    (!words.is_empty()).then_some(words)
}
