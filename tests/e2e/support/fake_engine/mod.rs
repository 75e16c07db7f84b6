//! A fake engine for one build: it starts the frontend as a real one does, speaks gRPC over its standard input and
//! output, and records the requests.

mod connection;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use buildkit_proto::gateway::llb_bridge_server::LlbBridgeServer;
use buildkit_proto::{gateway, pb, rpc};
use prost::Message;
use testkit::Project;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio_stream::StreamExt;

use super::published;
use connection::Connection;
use server::{Bridge, CAPABILITIES};

/// The engine, and the files of the user who asks it to build.
pub(crate) struct FakeEngine {
    files: BTreeMap<(&'static str, String), String>,
    options: Vec<(String, String)>,
    lacks: Vec<&'static str>,
    has: Vec<&'static str>,
    refuses: Option<rpc::Status>,
    fails: Option<&'static str>,
    tells: Option<gateway::ResolveSourceMetaResponse>,
    /// The Pythons of the base images, by architecture.
    pythons: BTreeMap<&'static str, &'static str>,
    program: PathBuf,
}

/// A finished build.
pub(crate) struct Conversation {
    pub(crate) asked: Asked,
    pub(crate) exit: ExitStatus,
    pub(crate) stderr: String,
    /// What the process used until it returned its result.
    pub(crate) cost: Cost,
}

/// The requests of the frontend.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) solves: Vec<gateway::SolveRequest>,
    pub(crate) images: Vec<gateway::ResolveImageConfigRequest>,
    pub(crate) sources: Vec<gateway::ResolveSourceMetaRequest>,
    pub(crate) returns: Vec<gateway::ReturnRequest>,
    /// How many files are being read.
    reading: isize,
    pub(crate) files_read: usize,
    /// How many were read at the same time.
    pub(crate) most_readers: isize,
    cost: Cost,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Processor time, which other processes do not affect.
    pub(crate) time: Duration,
    /// Peak memory in bytes.
    pub(crate) memory: u64,
}

impl Cost {
    /// Of a process with one thread, `proc_pid_schedstat(5)` and `proc_pid_status(5)`.
    fn of(process: u32) -> Self {
        let read = |file| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap();
        let time = read("schedstat");
        let status = read("status");
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let most = most
            .and_then(|most| most.trim().strip_suffix(" kB"))
            .unwrap();
        assert!(status.contains("\nThreads:\t1\n"), "{status}");
        Self {
            time: Duration::from_nanos(time.split(' ').next().unwrap().parse().unwrap()),
            memory: most.parse::<u64>().unwrap() << 10,
        }
    }
}

impl FakeEngine {
    /// An engine that can do what builds need, and a package `odd` to build.
    pub(crate) fn new() -> Self {
        let engine = Self {
            files: BTreeMap::new(),
            options: Vec::new(),
            lacks: Vec::new(),
            has: Vec::new(),
            refuses: None,
            fails: None,
            tells: None,
            pythons: BTreeMap::new(),
            program: PathBuf::from(env!("CARGO_BIN_EXE_poetry-frontend")),
        };
        engine.project(&published::package("odd", &[])).file(
            "dockerfile",
            "poetry.build.toml",
            // Poetry installs in the builder.
            "[build]\npackages = [\"gcc\"]\n[dependencies]\ninstaller = \"poetry\"\n",
        )
    }

    /// Puts the files of a project into its context, in place of those that are there.
    pub(crate) fn project(self, project: &Project) -> Self {
        let files = project.files().into_iter();
        files.fold(self, |engine, (path, text)| {
            engine.file("context", &path, &text)
        })
    }

    /// Adds or replaces a file of the `context` or the `dockerfile` that the user sends. A Git repository has the files of
    /// the `context`, and a download those of the `download`.
    pub(crate) fn file(mut self, context: &'static str, path: &str, text: &str) -> Self {
        self.files
            .insert((context, path.to_owned()), text.to_owned());
        self
    }

    /// Starts another program than the one built from this tree.
    pub(crate) fn started_as(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// The base images of an architecture say that they have this Python.
    pub(crate) fn python(mut self, architecture: &'static str, version: &'static str) -> Self {
        self.pythons.insert(architecture, version);
        self
    }

    /// Leaves out a capability.
    pub(crate) fn lacking(mut self, capability: &'static str) -> Self {
        assert!(CAPABILITIES.contains(&capability));
        self.lacks.push(capability);
        self
    }

    /// Adds a capability of newer engines.
    pub(crate) fn having(mut self, capability: &'static str) -> Self {
        assert!(!CAPABILITIES.contains(&capability));
        self.has.push(capability);
        self
    }

    /// Adds an option of the command.
    pub(crate) fn option(mut self, name: &str, value: &str) -> Self {
        self.options.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Fails to solve any graph that runs a command.
    pub(crate) fn refusing(mut self, status: rpc::Status) -> Self {
        self.refuses = Some(status);
        self
    }

    /// Fails at the step whose name contains `name`, as a real engine does.
    pub(crate) fn failing(mut self, name: &'static str) -> Self {
        self.fails = Some(name);
        self
    }

    /// Answers requests for the metadata of repositories and downloads.
    pub(crate) fn telling(mut self, answer: gateway::ResolveSourceMetaResponse) -> Self {
        self.tells = Some(answer);
        self
    }

    /// Starts the frontend and talks to it until it ends.
    pub(crate) fn talk(self) -> Conversation {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(self.conversation())
    }

    async fn conversation(self) -> Conversation {
        let mut child = frontend(&self.program, &self.options).spawn().unwrap();
        let process = child.id().unwrap();
        let connection = Connection {
            from: child.stdout.take().unwrap(),
            to: child.stdin.take().unwrap(),
        };
        let mut stderr = child.stderr.take().unwrap();
        let asked = Arc::new(Mutex::new(Asked::default()));
        let service = LlbBridgeServer::new(Bridge {
            engine: self,
            process,
            asked: Arc::clone(&asked),
        })
        .max_decoding_message_size(16 << 20);
        // One connection; the server runs until the frontend ends.
        let connections = tokio_stream::once(Ok::<_, std::io::Error>(connection));
        let server = tonic::transport::Server::builder()
            .add_service(service)
            .serve_with_incoming(connections.chain(tokio_stream::pending()));
        let mut said = String::new();
        let exit = tokio::select! {
            ended = async { tokio::join!(child.wait(), stderr.read_to_string(&mut said)).0 } => ended.unwrap(),
            ended = server => panic!("the server ended: {ended:?}"),
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("the frontend does not end"),
        };
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        Conversation {
            cost: asked.cost,
            asked,
            exit,
            stderr: said,
        }
    }

    /// Starts the frontend and hangs up at once.
    pub(crate) fn hang_up() -> (ExitStatus, String) {
        let program = Path::new(env!("CARGO_BIN_EXE_poetry-frontend"));
        let mut child = frontend(program, &[]).into_std().spawn().unwrap();
        drop(child.stdin.take());
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        (output.status, String::from_utf8(output.stderr).unwrap())
    }
}

/// The frontend as an engine starts it.
fn frontend(program: &Path, options: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    let workers = r#"[{"ID":"worker","Platforms":[{"os":"linux","architecture":"amd64"}]}]"#;
    command
        .env_clear()
        .env("BUILDKIT_SESSION_ID", "session")
        .env("BUILDKIT_WORKERS", workers)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    for (number, (name, value)) in options.iter().enumerate() {
        command.env(
            format!("BUILDKIT_FRONTEND_OPT_{number}"),
            format!("{name}={value}"),
        );
    }
    command
}

impl Conversation {
    /// The only error that the frontend returned, and nothing else.
    #[track_caller]
    pub(crate) fn error(&self) -> &rpc::Status {
        assert_eq!(self.asked.returns.len(), 1, "{:?}", self.asked.returns);
        assert_eq!(self.asked.returns[0].result, None);
        self.asked.returns[0].error.as_ref().unwrap()
    }

    /// The graphs that run commands.
    pub(crate) fn builds(&self) -> Vec<&pb::Definition> {
        let definitions = self.asked.solves.iter();
        definitions
            .filter_map(|solve| solve.definition.as_ref())
            .filter(|definition| runs_commands(definition))
            .collect()
    }
}

fn runs_commands(definition: &pb::Definition) -> bool {
    ops(definition).any(|op| matches!(op, Some(pb::op::Op::Exec(_))))
}

/// The commands of a graph by name, each with the architecture that it runs on.
pub(crate) fn commands(definition: &pb::Definition) -> BTreeMap<String, String> {
    let decoded = definition.def.iter().filter_map(|bytes| {
        let op = pb::Op::decode(&**bytes).unwrap();
        let is_command = matches!(op.op, Some(pb::op::Op::Exec(_)));
        let architecture = op.platform.filter(|_| is_command)?.architecture;
        let metadata = &definition.metadata[&buildkit_llb::digest(bytes)];
        let name = metadata.description.get("llb.customname");
        Some((name.cloned().unwrap_or_default(), architecture))
    });
    decoded.collect()
}

/// The mount points of the command that runs `program`, in a graph.
pub(crate) fn mounts(definition: &pb::Definition, program: &str) -> Vec<String> {
    let commands = ops(definition).filter_map(|op| match op {
        Some(pb::op::Op::Exec(exec)) => Some(exec),
        _ => None,
    });
    let run = |exec: &pb::ExecOp| exec.meta.as_ref().unwrap().args == [program];
    commands
        .filter(run)
        .flat_map(|exec| exec.mounts.into_iter().map(|mount| mount.dest))
        .collect()
}

fn ops(definition: &pb::Definition) -> impl Iterator<Item = Option<pb::op::Op>> {
    let decoded = definition
        .def
        .iter()
        .map(|op| pb::Op::decode(&**op).unwrap());
    decoded.map(|op| op.op)
}
