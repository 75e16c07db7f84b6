//! The gRPC service of the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use buildkit_proto::gateway::llb_bridge_server::LlbBridge;
use buildkit_proto::{Any, apicaps, fsutil, gateway, pb, rpc};
use prost::Message;
use serde_json::json;
use tonic::{Code, Request, Response, Status};

use super::{Asked, Cost, FakeEngine, ops, runs_commands};

/// The capabilities of current engines that builds need (`solver/pb/caps.go`).
pub(super) const CAPABILITIES: [&str; 29] = [
    "source.http",
    "source.http.checksum",
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

pub(super) struct Bridge {
    pub(super) engine: FakeEngine,
    /// The id of the frontend's process.
    pub(super) process: u32,
    pub(super) asked: Arc<Mutex<Asked>>,
}

impl Bridge {
    /// Takes its time, and notes how many files are read meanwhile.
    async fn count_readers(&self) {
        let change = |by: isize| {
            let mut asked = self.asked.lock().unwrap();
            asked.reading += by;
            asked.most_readers = asked.most_readers.max(asked.reading);
            asked.files_read += usize::from(by > 0);
        };
        change(1);
        tokio::time::sleep(Duration::from_millis(2)).await;
        change(-1);
    }
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
            frontend_api_caps: ["gateway.solve.evaluate", "source.metaresolver"]
                .map(|id| apicaps::ApiCap {
                    id: id.to_owned(),
                    enabled: id != "source.metaresolver" || self.engine.tells.is_some(),
                    ..apicaps::ApiCap::default()
                })
                .into(),
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
            if let Some(digest) = self
                .engine
                .fails
                .and_then(|name| digest_of(&definition, name))
            {
                return Err(step_failure(&digest));
            }
            "image".to_owned()
        } else {
            tree(&definition).unwrap()
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
        let request = request.into_inner();
        let platform = request.platform.clone().unwrap_or_default();
        let mut env = vec!["PATH=/usr/local/bin:/usr/bin:/bin".to_owned()];
        let version = self.engine.pythons.get(platform.architecture.as_str());
        env.extend(version.map(|version| format!("PYTHON_VERSION={version}")));
        let config = json!({
            "architecture": platform.architecture,
            "os": "linux",
            "config": { "Cmd": ["run"], "Env": env },
        });
        self.asked.lock().unwrap().images.push(request);
        Ok(Response::new(gateway::ResolveImageConfigResponse {
            digest: format!("sha256:{}", "0".repeat(64)),
            config: config.to_string().into_bytes(),
            ..gateway::ResolveImageConfigResponse::default()
        }))
    }

    async fn resolve_source_meta(
        &self,
        request: Request<gateway::ResolveSourceMetaRequest>,
    ) -> Result<Response<gateway::ResolveSourceMetaResponse>, Status> {
        let mut asked = self.asked.lock().unwrap();
        asked.sources.push(request.into_inner());
        Ok(Response::new(self.engine.tells.clone().unwrap()))
    }

    async fn read_dir(
        &self,
        request: Request<gateway::ReadDirRequest>,
    ) -> Result<Response<gateway::ReadDirResponse>, Status> {
        let request = request.into_inner();
        let directory = request.dir_path.trim_matches('/');
        let mut entries = BTreeMap::new();
        for ((of, path), text) in &self.engine.files {
            let below = match directory {
                "" => Some(path.as_str()),
                directory => path
                    .strip_prefix(directory)
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
        self.count_readers().await;
        let path = request.file_path.trim_start_matches('/');
        let file = self
            .engine
            .files
            .iter()
            .find(|((context, at), _)| *context == request.r#ref && at == path);
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

    // The frontend calls none of the rest.

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

/// The files that a graph consists of.
fn tree(definition: &pb::Definition) -> Option<String> {
    ops(definition).find_map(|op| match op {
        Some(pb::op::Op::Source(source)) => {
            let name = match source.identifier.split_once("://")? {
                ("local", name) => name,
                ("git", _) => "context",
                _ => "download",
            };
            Some(name.to_owned())
        }
        _ => None,
    })
}

/// The digest of the step whose name contains `name`.
fn digest_of(definition: &pb::Definition, name: &str) -> Option<String> {
    let mut steps = definition.metadata.iter();
    let (digest, _) = steps.find(|(_, metadata)| {
        let title = metadata.description.get("llb.customname");
        title.is_some_and(|title| title.contains(name))
    })?;
    Some(digest.clone())
}

/// The error for a failed command.
fn step_failure(digest: &str) -> Status {
    let message = "process \"/bin/sh -euc exit 100\" did not complete successfully: exit code: 100";
    let status = rpc::Status {
        code: Code::Unknown.into(),
        message: message.to_owned(),
        details: vec![Any {
            type_url: "github.com/moby/buildkit/errdefs.Vertex+json".to_owned(),
            value: format!(r#"{{"digest":"{digest}"}}"#).into_bytes(),
        }],
    };
    let details = status.encode_to_vec().into();
    Status::with_details(Code::Unknown, message, details)
}
