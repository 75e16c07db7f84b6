//! An engine made up for one conversation: it starts the frontend as a real one does, speaks gRPC over its standard
//! input and output, and keeps what it is asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use buildkit_proto::gateway::llb_bridge_server::{LlbBridge, LlbBridgeServer};
use buildkit_proto::{apicaps, fsutil, gateway, pb, rpc};
use prost::Message;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio_stream::StreamExt;
use tonic::transport::server::Connected;
use tonic::{Code, Request, Response, Status};

/// What engines of our day can do, as far as builds need it (`solver/pb/caps.go`).
const CAPABILITIES: [&str; 27] = [
    "source.image",
    "source.image.resolvemode",
    "source.local",
    "source.local.differ",
    "source.local.excludepatterns",
    "source.local.followpaths",
    "source.local.includepatterns",
    "source.local.sessionid",
    "source.local.sharedkeyhint",
    "exec.meta.base",
    "exec.meta.network",
    "exec.meta.proxyenv",
    "exec.meta.setsdefaultpath",
    "exec.meta.ulimit",
    "exec.mount.bind",
    "exec.mount.bind.readwrite-nooutput",
    "exec.mount.cache",
    "exec.mount.cache.sharing",
    "exec.mount.selector",
    "exec.mount.tmpfs",
    "file.base",
    "file.copy.includeexcludepatterns",
    "file.rm.wildcard",
    "constraints",
    "platform",
    "meta.ignorecache",
    "meta.description",
];

/// The engine, and the folders of the user who asks it to build.
pub(crate) struct OddEngine {
    files: BTreeMap<(&'static str, String), String>,
    options: Vec<(String, String)>,
    lacks: Vec<&'static str>,
    has: Vec<&'static str>,
    refuses: Option<rpc::Status>,
    program: PathBuf,
}

/// What came of it.
pub(crate) struct Conversation {
    pub(crate) asked: Asked,
    pub(crate) exit: ExitStatus,
    pub(crate) stderr: String,
    /// What the process took until it returned its result.
    pub(crate) cost: Cost,
}

/// What the frontend asked for.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) solves: Vec<gateway::SolveRequest>,
    pub(crate) images: Vec<gateway::ResolveImageConfigRequest>,
    pub(crate) returns: Vec<gateway::ReturnRequest>,
    cost: Cost,
}

/// What a process took until now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Of a processor: what else the machine does is no part of it.
    pub(crate) time: Duration,
    /// The most bytes at once.
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

impl OddEngine {
    /// An engine with nothing odd about it, and a package to build.
    pub(crate) fn new() -> Self {
        let engine = Self {
            files: BTreeMap::new(),
            options: Vec::new(),
            lacks: Vec::new(),
            has: Vec::new(),
            refuses: None,
            program: PathBuf::from(env!("CARGO_BIN_EXE_poetry-frontend")),
        };
        let pyproject = super::poetry::pyproject("odd", &[]);
        let lock = super::poetry::lock(&pyproject, "index", &[]);
        engine
            .file(
                "dockerfile",
                "poetry.build.toml",
                "[build]\npackages = [\"gcc\"]\n",
            )
            .file("context", "pyproject.toml", &pyproject)
            .file("context", "poetry.lock", &lock)
            .file("context", "src/odd/__init__.py", "")
    }

    /// Adds a file of the user's, or changes it.
    pub(crate) fn file(mut self, folder: &'static str, path: &str, text: &str) -> Self {
        self.files
            .insert((folder, path.to_owned()), text.to_owned());
        self
    }

    /// Starts another program than that of this build.
    pub(crate) fn started_as(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
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
        let pipes = Pipes {
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
        // There is one connection, and the server goes on for as long as it may.
        let connections = tokio_stream::once(Ok::<_, std::io::Error>(pipes));
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

/// Where the command that runs `program` sees something, in a graph.
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

/// The folder that a graph consists of.
fn folder(definition: &pb::Definition) -> Option<String> {
    ops(definition).find_map(|op| match op {
        Some(pb::op::Op::Source(source)) => source
            .identifier
            .strip_prefix("local://")
            .map(str::to_owned),
        _ => None,
    })
}

fn ops(definition: &pb::Definition) -> impl Iterator<Item = Option<pb::op::Op>> {
    let decoded = definition
        .def
        .iter()
        .map(|op| pb::Op::decode(&**op).unwrap());
    decoded.map(|op| op.op)
}

struct Bridge {
    engine: OddEngine,
    /// The frontend's.
    process: u32,
    asked: Arc<Mutex<Asked>>,
}

#[tonic::async_trait]
impl LlbBridge for Bridge {
    async fn ping(
        &self,
        _: Request<gateway::PingRequest>,
    ) -> Result<Response<gateway::PongResponse>, Status> {
        let llb_caps = CAPABILITIES
            .iter()
            .chain(&self.engine.has)
            .map(|id| apicaps::ApiCap {
                id: (*id).to_owned(),
                enabled: !self.engine.lacks.contains(id),
                ..apicaps::ApiCap::default()
            })
            .collect();
        Ok(Response::new(gateway::PongResponse {
            llb_caps,
            ..gateway::PongResponse::default()
        }))
    }

    async fn solve(
        &self,
        request: Request<gateway::SolveRequest>,
    ) -> Result<Response<gateway::SolveResponse>, Status> {
        let request = request.into_inner();
        self.asked.lock().unwrap().solves.push(request.clone());
        let definition = request.definition.unwrap();
        let id = if runs_commands(&definition) {
            if let Some(status) = &self.engine.refuses {
                let code = Code::from(status.code);
                let details = status.encode_to_vec().into();
                return Err(Status::with_details(code, &status.message, details));
            }
            "image".to_owned()
        } else {
            folder(&definition).unwrap()
        };
        let reference = gateway::Ref { id, def: None };
        Ok(Response::new(gateway::SolveResponse {
            result: Some(gateway::Result {
                result: Some(gateway::result::Result::Ref(reference)),
                ..gateway::Result::default()
            }),
            ..gateway::SolveResponse::default()
        }))
    }

    async fn resolve_image_config(
        &self,
        request: Request<gateway::ResolveImageConfigRequest>,
    ) -> Result<Response<gateway::ResolveImageConfigResponse>, Status> {
        self.asked.lock().unwrap().images.push(request.into_inner());
        let config = br#"{"architecture":"amd64","os":"linux","config":{"Cmd":["run"],"Env":["PATH=/usr/local/bin:/usr/bin:/bin"]}}"#;
        Ok(Response::new(gateway::ResolveImageConfigResponse {
            digest: format!("sha256:{}", "0".repeat(64)),
            config: config.to_vec(),
            ..gateway::ResolveImageConfigResponse::default()
        }))
    }

    async fn read_dir(
        &self,
        request: Request<gateway::ReadDirRequest>,
    ) -> Result<Response<gateway::ReadDirResponse>, Status> {
        let request = request.into_inner();
        let folder = request.dir_path.trim_matches('/');
        let mut entries = BTreeMap::new();
        for ((of, path), text) in &self.engine.files {
            let below = match folder {
                "" => Some(path.as_str()),
                folder => path
                    .strip_prefix(folder)
                    .and_then(|path| path.strip_prefix('/')),
            };
            let Some(below) = below.filter(|_| *of == request.r#ref) else {
                continue;
            };
            let (name, mode, size) = match below.split_once('/') {
                Some((name, _)) => (name, 1 << 31 | 0o755, 0),
                None => (below, 0o644, i64::try_from(text.len()).unwrap()),
            };
            if ["", name].contains(&request.include_pattern.as_str()) {
                let entry = fsutil::Stat {
                    path: name.to_owned(),
                    mode,
                    size,
                    ..fsutil::Stat::default()
                };
                entries.insert(name.to_owned(), entry);
            }
        }
        Ok(Response::new(gateway::ReadDirResponse {
            entries: entries.into_values().collect(),
        }))
    }

    async fn read_file(
        &self,
        request: Request<gateway::ReadFileRequest>,
    ) -> Result<Response<gateway::ReadFileResponse>, Status> {
        let request = request.into_inner();
        let path = request.file_path.trim_start_matches('/');
        let file = self
            .engine
            .files
            .iter()
            .find(|((folder, at), _)| *folder == request.r#ref && at == path);
        match file {
            Some((_, text)) => Ok(Response::new(gateway::ReadFileResponse {
                data: text.clone().into_bytes(),
            })),
            None => Err(Status::not_found(format!(
                "open {path}: no such file or directory"
            ))),
        }
    }

    async fn r#return(
        &self,
        request: Request<gateway::ReturnRequest>,
    ) -> Result<Response<gateway::ReturnResponse>, Status> {
        let mut asked = self.asked.lock().unwrap();
        asked.cost = Cost::of(self.process);
        asked.returns.push(request.into_inner());
        Ok(Response::new(gateway::ReturnResponse {}))
    }

    // The frontend needs nothing of the rest.

    async fn resolve_source_meta(
        &self,
        _: Request<gateway::ResolveSourceMetaRequest>,
    ) -> Result<Response<gateway::ResolveSourceMetaResponse>, Status> {
        Err(Status::unimplemented("ResolveSourceMeta"))
    }

    async fn stat_file(
        &self,
        _: Request<gateway::StatFileRequest>,
    ) -> Result<Response<gateway::StatFileResponse>, Status> {
        Err(Status::unimplemented("StatFile"))
    }

    async fn evaluate(
        &self,
        _: Request<gateway::EvaluateRequest>,
    ) -> Result<Response<gateway::EvaluateResponse>, Status> {
        Err(Status::unimplemented("Evaluate"))
    }

    async fn inputs(
        &self,
        _: Request<gateway::InputsRequest>,
    ) -> Result<Response<gateway::InputsResponse>, Status> {
        Err(Status::unimplemented("Inputs"))
    }

    async fn warn(
        &self,
        _: Request<gateway::WarnRequest>,
    ) -> Result<Response<gateway::WarnResponse>, Status> {
        Err(Status::unimplemented("Warn"))
    }
}

/// The frontend's standard output and input as one connection.
struct Pipes {
    from: ChildStdout,
    to: ChildStdin,
}

impl Connected for Pipes {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Pipes {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.from).poll_read(context, buffer)
    }
}

impl AsyncWrite for Pipes {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.to).poll_write(context, buffer)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.to).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.to).poll_shutdown(context)
    }
}
