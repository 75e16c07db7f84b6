//! Goes through the stages of an image, and collects what they say.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Healthcheck, Image, Origin, Taken};
use super::files::Files;
use super::spelling::shortened;
use super::stages::roles;
use super::state::{State, Walk, is_own_directory, joined};
use super::{commands, copies, environment, finish, from, run};
use crate::dockerfile::{Dockerfile, Expanded, Health, Instruction, Kind};
use crate::project::Project;

/// The image of a stage.
pub(super) fn image(
    dockerfile: &Dockerfile,
    stage: usize,
    project: &Project,
    files: &dyn Files,
    draft: &mut Draft,
) -> Image {
    let mut walk = Walk {
        dockerfile,
        project,
        files,
        draft,
        roles: roles(dockerfile, stage),
        image: Image::default(),
        selected: Vec::new(),
        installs_project: None,
        project_files: Vec::new(),
        venvs: ["/app/.venv", "/opt/venv", "/venv"]
            .map(str::to_owned)
            .into(),
        workdir: Expanded::plain("/"),
        executables: BTreeSet::new(),
        takes_builder: false,
        user: None,
    };
    walk.stages();
    walk.image
}

impl Walk<'_> {
    fn stages(&mut self) {
        let dockerfile = self.dockerfile;
        let mut states: BTreeMap<usize, State> = BTreeMap::new();
        let mut last = State::default();
        from::bases(self);
        self.workdir = self.last_workdir();
        for index in self.roles.walked() {
            let Some(found) = dockerfile.stages.get(index) else {
                continue;
            };
            let parent = dockerfile.stage(&found.base.value, index);
            let parent = parent.and_then(|parent| states.get(&parent));
            let mut state = State {
                stage: index,
                ..parent.cloned().unwrap_or_default()
            };
            self.instructions(&found.instructions, &mut state);
            states.insert(index, state.clone());
            if self.is_image(index) {
                last = state;
            }
        }
        finish::finish(self, &last);
    }

    fn instructions(&mut self, instructions: &[Instruction], state: &mut State) {
        let mut sets_cmd = false;
        for instruction in instructions {
            let is_entrypoint = matches!(instruction.kind, Kind::Entrypoint(_));
            if is_entrypoint && self.is_image(state.stage) && !sets_cmd {
                // Docker forgets the command of the stage below.
                self.image.cmd = None;
            }
            sets_cmd |= matches!(instruction.kind, Kind::Cmd(_));
            self.instruction(instruction, state);
        }
    }

    /// The working directory of the image.
    fn last_workdir(&self) -> Expanded {
        let stages = self
            .roles
            .image
            .iter()
            .filter_map(|&stage| self.dockerfile.stages.get(stage));
        let instructions = stages.flat_map(|stage| &stage.instructions);
        instructions.fold(Expanded::plain("/"), |at, instruction| {
            match &instruction.kind {
                Kind::Workdir(path) => joined(&at, path),
                _ => at,
            }
        })
    }

    fn instruction(&mut self, instruction: &Instruction, state: &mut State) {
        let origin = Origin::of(&instruction.span);
        let is_image = self.is_image(state.stage);
        match &instruction.kind {
            Kind::Arg(arguments) => environment::arguments(self, state, arguments, &origin),
            Kind::Env(variables) => environment::variables(self, state, variables, &origin),
            Kind::Run(running) => run::run(self, state, running, &origin),
            Kind::Copy(copying) => copies::copy(self, state, copying, &origin),
            Kind::Add(adding) => copies::add(self, state, adding, &origin),
            Kind::Workdir(path) => {
                state.workdir = joined(&state.workdir, path);
                let venv = format!("{}/.venv", state.workdir.value.trim_end_matches('/'));
                self.venvs.insert(venv);
                if is_image {
                    let path = state.workdir.template.clone();
                    self.image.workdir = Some(Taken::new(path, &origin));
                }
            }
            Kind::User(user) => {
                state.is_root = state.users.get(user).is_none();
                if is_image {
                    self.user = Some(Taken::new(user.clone(), &origin));
                }
            }
            Kind::Onbuild(text) => self.draft.remark(
                &origin,
                format!(
                    "`ONBUILD {}` is for images on top of this one",
                    shortened(text)
                ),
                "write the instruction into the build files of these images",
            ),
            Kind::Shell(words) => {
                let shell = words
                    .first()
                    .map_or("", |word| word.rsplit('/').next().unwrap_or_default());
                if !["sh", "bash", "ash", "dash"].contains(&shell) {
                    self.draft.remark(
                        &origin,
                        format!("`SHELL` is `{shell}`"),
                        "start the script of each hook with a `#!` line",
                    );
                }
            }
            // A builder is no container.
            _ if !is_image => {}
            kind => self.container(kind, state, &origin),
        }
    }

    /// What only says how the container runs.
    fn container(&mut self, kind: &Kind, state: &State, origin: &Origin) {
        match kind {
            Kind::Cmd(command) => {
                let words = commands::command(self, command, origin);
                self.image.cmd = Some(Taken::new(words, origin));
            }
            Kind::Entrypoint(command) => commands::entrypoint(self, command, origin),
            Kind::Expose(ports) => self.expose(ports, origin),
            Kind::Healthcheck(Health::None) => {
                self.image.healthcheck = Some(Taken::new(Healthcheck::default(), origin));
            }
            Kind::Healthcheck(Health::Check { command, options }) => {
                let check = commands::health(self, command, options, origin);
                self.image.healthcheck = Some(Taken::new(check, origin));
            }
            Kind::Label(labels) => environment::labels(self, labels, origin),
            Kind::Maintainer(name) => {
                let name = (
                    "org.opencontainers.image.authors".to_owned(),
                    Expanded::plain(name.trim_matches('"')),
                );
                environment::labels(self, &[name], origin);
            }
            Kind::StopSignal(signal) => {
                let text = &signal.template;
                let is_name = text.starts_with(|first: char| first.is_ascii_uppercase());
                let named = is_name && !text.starts_with("SIG");
                let text = if named {
                    format!("SIG{text}")
                } else {
                    text.clone()
                };
                self.image.stop_signal = Some(Taken::new(text, origin));
            }
            Kind::Volume(paths) => {
                for path in paths {
                    let path = joined(&state.workdir, path);
                    if is_own_directory(&path.value) {
                        self.image.volumes.push(Taken::new(path.template, origin));
                    } else {
                        self.draft.remark(
                            origin,
                            format!("`{}` cannot be a volume", path.value),
                            "use a directory of the service, such as `/app/data`",
                        );
                    }
                }
            }
            _ => {}
        }
    }

    fn expose(&mut self, ports: &[Expanded], origin: &Origin) {
        for port in ports {
            let (range, protocol) = port.value.split_once('/').unwrap_or((&port.value, "tcp"));
            let suffix = match protocol.to_ascii_lowercase() {
                protocol if protocol == "tcp" => String::new(),
                protocol => format!("/{protocol}"),
            };
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last) = (first.parse::<u16>(), last.parse::<u16>());
            match (first, last) {
                (Ok(first), Ok(last)) if first == last && !port.arguments.is_empty() => {
                    let reference = port.template.split('/').next().unwrap_or_default();
                    self.image
                        .expose
                        .push(Taken::new(format!("{reference}{suffix}"), origin));
                }
                (Ok(first), Ok(last)) if first > 0 && first <= last && last - first < 100 => {
                    let all =
                        (first..=last).map(|port| Taken::new(format!("{port}{suffix}"), origin));
                    self.image.expose.extend(all);
                }
                _ => self.draft.remark(
                    origin,
                    format!("`EXPOSE {}` is no port", shortened(&port.value)),
                    "add the number to `expose` of `[runtime]`",
                ),
            }
        }
    }
}
