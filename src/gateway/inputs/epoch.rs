//! `SOURCE_DATE_EPOCH=context`: the time of the commit that a context checks out, or when a download was modified
//! (`frontend/dockerfile/dockerfile2llb/epoch.go`).

use buildkit_llb::{Definition, Output};
use buildkit_proto::gateway::ResolveSourceMetaResponse;
use buildkit_proto::pb;
use prost::Message;

use crate::compile::Context;
use crate::gateway::request::{MAIN_CONTEXT, Options};
use crate::gateway::transport::{Error, Failure};

use super::found::Inputs;
use super::named_contexts;

/// The build argument with the time.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The options with the time in seconds, if they name a context for it.
pub(super) async fn resolved(inputs: &Inputs<'_>) -> Result<Option<Options>, Failure> {
    let Some(name) = &inputs.options.epoch_of else {
        return Ok(None);
    };
    let seconds = time_of(inputs, name).await?;
    let mut options = inputs.options.clone().into_owned();
    let arguments = &mut options.build_args;
    arguments.insert(EPOCH.to_owned(), seconds.to_string());
    options.epoch = Some(seconds);
    Ok(Some(options))
}

async fn time_of(inputs: &Inputs<'_>, name: &str) -> Result<u64, Failure> {
    let unknown = |why: &str| Error::Time {
        context: name.to_owned(),
        why: why.to_owned(),
    };
    let named = match inputs.options.platforms.first() {
        Some(platform) if name != MAIN_CONTEXT => {
            let mut found = named_contexts::load(inputs, platform, [name.to_owned()]).await?;
            found.remove(name).map(|context| context.files)
        }
        _ => None,
    };
    let source = match named.as_ref().unwrap_or(&inputs.main.context) {
        Context::Output(files) => source_of(files),
        Context::Local(_) => None,
    };
    let source = source.filter(|source| has_time(&source.identifier));
    let source = source.ok_or_else(|| unknown("it is neither a Git repository nor a download"))?;
    let title = format!("[internal] read the time of {}", source.identifier);
    let told = inputs.engine.source_metadata(source, title).await?;
    let told = told.ok_or_else(|| unknown("this engine does not tell it"))?;
    Ok(time(&told).ok_or_else(|| unknown("its server does not tell it"))?)
}

/// The source that a context consists of, if it is one alone.
fn source_of(files: &Output) -> Option<pb::SourceOp> {
    let definition = Definition::new(files).into_pb();
    let ops = definition.def.iter().filter_map(|op| {
        let op = pb::Op::decode(&**op).ok()?;
        match op.op {
            Some(pb::op::Op::Source(source)) => Some(source),
            _ => None,
        }
    });
    let mut sources = ops.fuse();
    let first = sources.next()?;
    sources.next().is_none().then_some(first)
}

fn has_time(identifier: &str) -> bool {
    let schemes = ["git://", "http://", "https://"];
    schemes.iter().any(|scheme| identifier.starts_with(scheme))
}

fn time(told: &ResolveSourceMetaResponse) -> Option<u64> {
    match (&told.git, &told.http) {
        (Some(git), _) => commit_time(&git.commit_object),
        (_, Some(http)) => u64::try_from(http.last_modified.as_ref()?.seconds).ok(),
        _ => None,
    }
}

/// When a commit was made, in seconds since 1970. Its header ends with an empty line.
fn commit_time(commit: &[u8]) -> Option<u64> {
    let lines = commit.split(|byte| *byte == b'\n');
    let mut header = lines.take_while(|line| !line.is_empty());
    let committer = header.find_map(|line| line.strip_prefix(b"committer "))?;
    let mut words = committer.rsplit(|byte| *byte == b' ');
    std::str::from_utf8(words.nth(1)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_commit_is_that_of_its_committer() {
        let header = "tree 1\nauthor A <a@a> 1600000000 +0000\n";
        let committer = "committer committer B <b@c> 1700000000 -0330\n";
        for (commit, time) in [
            (
                format!("{header}{committer}gpgsig x\n y\n\nmessage"),
                Some(1_700_000_000),
            ),
            (format!("{header}\n{committer}"), None),
            (format!("{header}committer B\n\n"), None),
            (String::new(), None),
        ] {
            assert_eq!(commit_time(commit.as_bytes()), time, "{commit}");
        }
    }
}
