//! The engine's gateway service, as far as this frontend uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use buildkit_llb::{Definition, Output, Platform, ResolveMode};
use buildkit_proto::apicaps::ApiCap;
use buildkit_proto::gateway::llb_bridge_client::LlbBridgeClient;
use buildkit_proto::gateway::{
    CacheOptionsEntry, InputsRequest, PingRequest, ResolveImageConfigRequest,
    ResolveImageConfigResponse, ResolveSourceGitRequest, ResolveSourceMetaRequest,
    ResolveSourceMetaResponse, Result as BuildResult, ReturnRequest, SolveRequest, WarnRequest,
    result,
};
use buildkit_proto::{pb, rpc};
use tonic::transport::Channel;

use super::failure::{Error, Failure};
use super::reference::{Ref, Turn};

/// The resolver for OCI layouts on the client, in `ResolveImageConfigRequest`.
const OCI_LAYOUT: i32 = 1;

/// When a definition is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evaluation {
    /// When something is read from the ref, or after the result is returned.
    Lazy,
    /// Before `solve` returns, so that a failing step is an error of `solve`. Engines without the capability stay lazy.
    Eager,
}

/// A connection to an engine, and the engine's capabilities.
///
/// Requests are boxed: their futures take kilobytes, and many are part of one another.
pub(crate) struct Engine {
    client: LlbBridgeClient<Channel>,
    /// Of LLB.
    capabilities: BTreeSet<String>,
    /// Of the gateway service.
    services: BTreeSet<String>,
    cache_imports: Vec<CacheOptionsEntry>,
    /// For each file tree, by the digest of its operation.
    readers: Mutex<BTreeMap<String, Turn>>,
}

impl Engine {
    /// Pings the engine, which answers with its capabilities.
    pub(crate) async fn greet(
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
            readers: Mutex::default(),
        })
    }

    /// Whether the engine has this LLB capability.
    pub(crate) fn has(&self, capability: &str) -> bool {
        self.capabilities.contains(capability)
    }

    /// The ref of `output`, which is built when something is read from it.
    pub(crate) async fn solve_output(&self, output: &Output) -> Result<Ref, Failure> {
        let tree = self
            .solve(Definition::new(output), Evaluation::Lazy)
            .await?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = readers.entry(output.digest().to_owned()).or_default();
        Ok(tree.read_in_turn(Arc::clone(turn)))
    }

    pub(crate) async fn solve(
        &self,
        definition: Definition,
        evaluation: Evaluation,
    ) -> Result<Ref, Failure> {
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
            evaluate: evaluation == Evaluation::Eager
                && self.services.contains("gateway.solve.evaluate"),
            ..SolveRequest::default()
        };
        let mut client = self.client.clone();
        let response = Box::pin(client.solve(request)).await?.into_inner();
        let id = match response.result.and_then(|result| result.result) {
            Some(result::Result::Ref(reference)) => reference.id,
            Some(result::Result::RefDeprecated(id)) => id,
            _ => response.r#ref,
        };
        Ok(Ref::new(self.client.clone(), id))
    }

    /// The config of an image, from its registry or from the engine's own store.
    pub(crate) async fn image_config(
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

    /// The config of an image in an OCI layout that the client offers.
    pub(crate) async fn layout_config(
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
        let mut client = self.client.clone();
        let response = Box::pin(client.resolve_image_config(request)).await?;
        Ok(response.into_inner())
    }

    /// What is known of a Git repository or a download; `None` if the engine does not answer such requests.
    pub(crate) async fn source_metadata(
        &self,
        source: pb::SourceOp,
        title: String,
    ) -> Result<Option<ResolveSourceMetaResponse>, Failure> {
        if !self.services.contains("source.metaresolver") {
            return Ok(None);
        }
        let request = ResolveSourceMetaRequest {
            source: Some(source),
            log_name: title,
            git: Some(ResolveSourceGitRequest {
                return_object: true,
            }),
            ..ResolveSourceMetaRequest::default()
        };
        let mut client = self.client.clone();
        let response = Box::pin(client.resolve_source_meta(request)).await?;
        Ok(Some(response.into_inner()))
    }

    /// The definitions that the client passed as inputs, by name.
    pub(crate) async fn inputs(&self) -> Result<BTreeMap<String, pb::Definition>, Failure> {
        if !self.services.contains("frontend.inputs") {
            return Ok(BTreeMap::new());
        }
        let response = self.client.clone().inputs(InputsRequest {}).await?;
        Ok(response.into_inner().definitions)
    }

    /// Shows a warning to the user.
    pub(crate) async fn warn(&self, request: WarnRequest) -> Result<(), Failure> {
        self.client.clone().warn(request).await?;
        Ok(())
    }

    /// Ends the build; the engine accepts no request after this.
    pub(crate) async fn finish(
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
