//! The engine's gateway service, as far as a build uses it.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{Definition, Output, Platform, ResolveMode};
use buildkit_proto::apicaps::ApiCap;
use buildkit_proto::fsutil::Stat;
use buildkit_proto::gateway::llb_bridge_client::LlbBridgeClient;
use buildkit_proto::gateway::{
    CacheOptionsEntry, FileRange, InputsRequest, PingRequest, ReadDirRequest, ReadFileRequest, Ref,
    ResolveImageConfigRequest, ResolveImageConfigResponse, Result as BuildResult, ReturnRequest,
    SolveRequest, WarnRequest, result,
};
use buildkit_proto::{pb, rpc};
use tonic::transport::Channel;

use super::failure::{Error, Failure};

/// No build file, project file or lock may be larger; what an engine gives at once is up to 16 MiB.
const FILE_LIMIT: i64 = 4 << 20;
/// The kind of resolver that looks into a layout of the client's.
const OCI_LAYOUT: i32 = 1;
/// Go's `os.ModeDir`.
const DIRECTORY: u32 = 1 << 31;

/// A connection to an engine and what the engine can do. Cheap to clone.
#[derive(Clone)]
pub(super) struct Engine {
    client: LlbBridgeClient<Channel>,
    capabilities: BTreeSet<String>,
    /// What the gateway itself can do.
    services: BTreeSet<String>,
    cache_imports: Vec<CacheOptionsEntry>,
}

impl Engine {
    /// Greets the engine and learns what it can do.
    pub(super) async fn greet(
        mut client: LlbBridgeClient<Channel>,
        cache_imports: Vec<CacheOptionsEntry>,
    ) -> Result<Self, Failure> {
        let pong = client.ping(PingRequest {}).await?.into_inner();
        let enabled = |capabilities: Vec<ApiCap>| {
            let enabled = capabilities.into_iter().filter(|one| one.enabled);
            enabled.map(|one| one.id).collect()
        };
        Ok(Self {
            client,
            capabilities: enabled(pong.llb_caps),
            services: enabled(pong.frontend_api_caps),
            cache_imports,
        })
    }

    /// Whether graphs may hold what needs this capability.
    pub(super) fn has(&self, capability: &str) -> bool {
        self.capabilities.contains(capability)
    }

    /// Has the engine build the graph, as lazily as it likes.
    pub(super) async fn solve(&self, definition: Definition) -> Result<Tree, Failure> {
        let missing: Vec<String> = definition
            .required_caps()
            .filter(|capability| !self.capabilities.contains(*capability))
            .map(str::to_owned)
            .collect();
        if !missing.is_empty() {
            return Err(Error::MissingCapabilities(missing).into());
        }
        let request = SolveRequest {
            definition: Some(definition.into_pb()),
            allow_result_return: true,
            allow_result_array_ref: true,
            cache_imports: self.cache_imports.clone(),
            ..SolveRequest::default()
        };
        let response = self.client.clone().solve(request).await?.into_inner();
        let id = match response.result.and_then(|result| result.result) {
            Some(result::Result::Ref(reference)) => reference.id,
            Some(result::Result::RefDeprecated(id)) => id,
            _ => response.r#ref,
        };
        Ok(Tree {
            engine: self.clone(),
            id,
        })
    }

    /// Reads the config of an image, from the registry or from what the engine has.
    pub(super) async fn image_config(
        &self,
        reference: String,
        platform: Platform,
        mode: ResolveMode,
    ) -> Result<ResolveImageConfigResponse, Failure> {
        self.resolve(ResolveImageConfigRequest {
            log_name: format!("[internal] load metadata for {reference}"),
            r#ref: reference,
            platform: Some(platform),
            resolve_mode: mode.as_str().to_owned(),
            ..ResolveImageConfigRequest::default()
        })
        .await
    }

    /// Reads the config of an image in a layout that the client offers.
    pub(super) async fn layout_config(
        &self,
        reference: String,
        platform: Platform,
        session: String,
        store: String,
    ) -> Result<ResolveImageConfigResponse, Failure> {
        self.resolve(ResolveImageConfigRequest {
            log_name: format!("[internal] load metadata for {reference}"),
            r#ref: reference,
            platform: Some(platform),
            resolver_type: OCI_LAYOUT,
            session_id: session,
            store_id: store,
            ..ResolveImageConfigRequest::default()
        })
        .await
    }

    async fn resolve(
        &self,
        request: ResolveImageConfigRequest,
    ) -> Result<ResolveImageConfigResponse, Failure> {
        let response = self.client.clone().resolve_image_config(request).await?;
        Ok(response.into_inner())
    }

    /// The graphs that the client passed in, by their names.
    pub(super) async fn inputs(&self) -> Result<BTreeMap<String, pb::Definition>, Failure> {
        if !self.services.contains("frontend.inputs") {
            return Ok(BTreeMap::new());
        }
        let response = self.client.clone().inputs(InputsRequest {}).await?;
        Ok(response.into_inner().definitions)
    }

    /// Has the engine tell the user of something.
    pub(super) async fn warn(&self, request: WarnRequest) -> Result<(), Failure> {
        self.client.clone().warn(request).await?;
        Ok(())
    }

    /// Ends the build: the engine takes nothing after this.
    pub(super) async fn finish(
        mut self,
        outcome: Result<BuildResult, rpc::Status>,
    ) -> Result<(), tonic::Status> {
        let request = match outcome {
            Ok(result) => ReturnRequest {
                result: Some(result),
                error: None,
            },
            Err(status) => ReturnRequest {
                result: None,
                error: Some(status),
            },
        };
        self.client.r#return(request).await.map(drop)
    }
}

/// A file tree in the engine.
#[derive(Clone)]
pub(super) struct Tree {
    engine: Engine,
    id: String,
}

/// A path that a tree holds.
pub(super) struct Entry {
    /// The last part of the path.
    pub(super) name: String,
    /// Whether it is a folder.
    pub(super) is_dir: bool,
    size: i64,
}

impl Entry {
    /// The size in bytes.
    pub(super) fn size(&self) -> i64 {
        self.size
    }
}

impl From<Stat> for Entry {
    fn from(stat: Stat) -> Self {
        Self {
            is_dir: stat.mode & DIRECTORY != 0,
            name: stat.path,
            size: stat.size,
        }
    }
}

impl Tree {
    /// Builds `output` alone.
    pub(super) async fn of(engine: &Engine, output: &Output) -> Result<Self, Failure> {
        engine.solve(Definition::new(output)).await
    }

    /// The entries of a folder whose names match `pattern`.
    pub(super) async fn list(&self, folder: &str, pattern: &str) -> Result<Vec<Entry>, Failure> {
        // The engine has no tree for a source that turned out to be empty.
        if self.id.is_empty() {
            return Ok(Vec::new());
        }
        let request = ReadDirRequest {
            r#ref: self.id.clone(),
            dir_path: folder.to_owned(),
            include_pattern: pattern.to_owned(),
        };
        let response = self.engine.client.clone().read_dir(request).await?;
        let entries = response.into_inner().entries;
        Ok(entries.into_iter().map(Entry::from).collect())
    }

    /// The content of a file that [`Tree::list`] gave, with this size.
    pub(super) async fn read(&self, path: &str, size: i64) -> Result<Vec<u8>, Failure> {
        if size > FILE_LIMIT {
            return Err(Error::TooLarge(path.to_owned()).into());
        }
        self.content(path, None).await
    }

    /// The first bytes of a file.
    pub(super) async fn head(&self, path: &str, length: i64) -> Result<Vec<u8>, Failure> {
        let range = FileRange { offset: 0, length };
        self.content(path, Some(range)).await
    }

    async fn content(&self, path: &str, range: Option<FileRange>) -> Result<Vec<u8>, Failure> {
        let request = ReadFileRequest {
            r#ref: self.id.clone(),
            file_path: path.to_owned(),
            range,
        };
        let response = self.engine.client.clone().read_file(request).await?;
        Ok(response.into_inner().data)
    }

    /// The tree as part of a build's result.
    pub(super) fn into_ref(self) -> Ref {
        Ref {
            id: self.id,
            def: None,
        }
    }
}
