//! The second round of a build whose wheels the engine downloads: the indexes are asked for the addresses, and the build is
//! planned again with the answers.

use crate::compile::Compiled;
use crate::diagnostics::{Diagnostic, Span};
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::{Engine, Error, Failure, all};
use crate::plan::{ADDRESSES, Input, Plan, Stage, StageName, Step};
use crate::resolve::Addresses;

use super::platforms::{self, Build};
use super::{graphs, step_failures};

/// What an engine needs to download wheels, with the hashes of the lock.
const NEEDED: [&str; 2] = ["source.http", "source.http.checksum"];
/// What it needs to send credentials as well.
const NEEDED_TO_AUTHORIZE: [&str; 1] = ["source.http.auth"];

/// The builds and their graphs with the addresses of all wheels that the engine downloads.
pub(crate) async fn complete(
    inputs: &Inputs<'_>,
    builds: Vec<Build>,
    compiled: Vec<Compiled>,
) -> Result<(Vec<Build>, Vec<Compiled>), Failure> {
    let Some(span) = builds.iter().find_map(|build| asked_at(&build.plan)) else {
        return Ok((builds, compiled));
    };
    can_download(inputs.engine, span)?;
    let stages = builds.iter().flat_map(|build| asking(&build.plan));
    can_authorize(inputs.engine, stages)?;
    let answers = builds.iter().zip(&compiled).map(|(build, compiled)| {
        let stages = asking(&build.plan);
        let lists = stages.map(|stage| list(inputs.engine, compiled, &stage.name));
        all(lists.collect::<Vec<_>>())
    });
    let answers = all(answers)
        .await
        .map_err(|failure| step_failures::explain(failure, &builds, &compiled))?;
    let addresses = answers.iter().map(|lists| {
        Addresses::read(lists.iter().map(Vec::as_slice))
            .map_err(|error| Error::Internal(error.to_string()))
    });
    let addresses: Vec<Addresses> = addresses.collect::<Result<_, _>>()?;
    let builds = platforms::plan_again(inputs, builds, addresses)?;
    if let Some(stage) = builds.iter().find_map(|build| asking(&build.plan).next()) {
        let error = Error::Internal(format!("no address for `{}`", stage.name));
        return Err(error.into());
    }
    let compiled = graphs::compile(inputs, &builds).await?;
    Ok((builds, compiled))
}

fn asking(plan: &Plan) -> impl Iterator<Item = &Stage> {
    let stages = plan.stages.iter();
    stages.filter(|stage| stage.name.is_addresses())
}

/// Where the user wants the engine to download wheels, if it has to. A target that this one copies from may want it alone.
fn asked_at(plan: &Plan) -> Option<&Span> {
    let stage = asking(plan).next()?;
    plan.fetched_at.as_ref().or(Some(&stage.span))
}

fn can_download(engine: &Engine, span: &Span) -> Result<(), Diagnostic> {
    has(
        engine,
        &NEEDED,
        span,
        "download wheels",
        "use Docker 24 or BuildKit 0.11, or newer, or set `fetch = \"step\"`",
    )
}

fn can_authorize<'a>(
    engine: &Engine,
    stages: impl Iterator<Item = &'a Stage>,
) -> Result<(), Diagnostic> {
    let mut inputs = stages.flat_map(|stage| &stage.steps).flat_map(Step::inputs);
    let required_at = inputs.find_map(|input| match input {
        Input::Secret(_, required_at) => required_at,
        _ => None,
    });
    required_at.map_or(Ok(()), |span| {
        has(
            engine,
            &NEEDED_TO_AUTHORIZE,
            span,
            "send credentials to an index",
            "use Docker 28.1 or BuildKit 0.21, or newer, or remove `header-secret`: the step that installs the wheels then downloads them, with user name and password",
        )
    })
}

/// Fails if the engine lacks a capability, and therefore cannot do `what` the line at `span` asks for.
fn has(
    engine: &Engine,
    needed: &[&str],
    span: &Span,
    what: &str,
    hint: &str,
) -> Result<(), Diagnostic> {
    let Some(missing) = needed.iter().find(|capability| !engine.has(capability)) else {
        return Ok(());
    };
    Err(Diagnostic {
        span: Some(span.clone()),
        message: format!("this engine cannot {what}: it does not support `{missing}`"),
        hint: hint.to_owned(),
        rule: None,
    })
}

/// The list of addresses that a stage wrote.
async fn list(engine: &Engine, compiled: &Compiled, stage: &StageName) -> Result<Vec<u8>, Failure> {
    let missing = || Error::Internal(format!("`{stage}` has no list of addresses"));
    let output = compiled.stage_outputs.get(stage).ok_or_else(missing)?;
    let files = engine.solve_output(output).await?;
    let entries = files.list("", ADDRESSES).await?;
    let entry = entries.first().ok_or_else(missing)?;
    files.read(&entry.name, entry.size).await
}
