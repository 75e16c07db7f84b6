//! Requests other than builds: `docker buildx build --call`, or `--print` (`frontend/subrequests`).

mod definition;
mod describe;
mod graph;
mod licenses;
mod lint;
mod outline;
mod table;
mod targets;
mod texts;

use buildkit_proto::gateway::Result as BuildResult;

use crate::gateway::inputs::Inputs;
use crate::gateway::request::Options;
use crate::gateway::transport::{Engine, Error, Failure};

use definition::Definition;

const ALL: [&Definition; 6] = [
    &outline::REQUEST,
    &targets::REQUEST,
    &lint::REQUEST,
    &licenses::REQUEST,
    &graph::REQUEST,
    &describe::REQUEST,
];

/// Answers the request called `name`.
pub(super) async fn answer(
    engine: &Engine,
    options: &Options,
    name: &str,
) -> Result<BuildResult, Failure> {
    let known = ALL.into_iter().find(|known| known.name == name);
    let known = known.ok_or_else(|| Error::UnsupportedSubrequest(name.to_owned()))?;
    if known.name == describe::REQUEST.name {
        return Ok(describe::answer(&ALL));
    }
    let inputs = Inputs::gather(engine, options).await?;
    if known.name == outline::REQUEST.name {
        outline::answer(&inputs)
    } else if known.name == targets::REQUEST.name {
        targets::answer(&inputs)
    } else if known.name == licenses::REQUEST.name {
        licenses::answer(&inputs).await
    } else if known.name == graph::REQUEST.name {
        graph::answer(&inputs).await
    } else {
        lint::answer(&inputs).await
    }
}
