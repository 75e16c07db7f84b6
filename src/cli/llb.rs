//! `llb`: the LLB graph of a build, for `buildctl build` or as JSON.

use prost::Message;
use serde_json::{Value, json};

use buildkit_llb::digest;
use buildkit_proto::pb;

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::directory::{DIRECTORY, OPTIONS, ProjectDirectory};
use super::error::Error;
use super::output;
use crate::compile::{self, Context, ImageFiles, Images, LocalDirectory, ResolvedImage};
use crate::plan::Plan;
use crate::resolve::file_and_line;

pub(super) const COMMAND: Command = Command {
    name: "llb",
    about: "write the LLB graph that an engine would build",
    details: "Pipe the graph into `buildctl build --local context=. --output ...`, or print it as JSON. Only an engine knows the digest and the
environment of a base image, so images are referenced by tag, and commands get the environment of the official Python images.",
    operands: &[DIRECTORY],
    options: &[
        &[Opt::choice(
            "format",
            &["binary", "json"],
            "the output format; default: `binary`, for `buildctl`",
        )],
        OPTIONS,
    ],
    run,
};

/// The search path of the official Python images.
const PATH: &str = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The graph has no addresses of wheels, which only a build asks for.
const NO_ADDRESSES: &str = "this is the graph before the index is asked for the addresses of the wheels: it cannot be built, and `docker buildx build --call convertllb` writes the one that can";

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let directory = ProjectDirectory::from_arguments(arguments)?;
    let Some(plan) = directory.plan(arguments)? else {
        return Ok(Outcome::Problems);
    };
    if let Some(span) = &plan.fetched_at
        && plan.stages.iter().any(|stage| stage.name.is_addresses())
    {
        output::error(&format!("note: {}: {NO_ADDRESSES}\n", file_and_line(span)))?;
    }
    let definition = definition(&directory, &plan)?;
    if arguments.get("format") == Some("json") {
        output::json(&json(&definition))?;
    } else {
        output::bytes(&definition.encode_to_vec())?;
    }
    Ok(Outcome::Success)
}

fn definition(directory: &ProjectDirectory, plan: &Plan) -> Result<pb::Definition, Error> {
    let images: Images = plan
        .images()
        .map(|(reference, _)| {
            let image = ResolvedImage {
                files: ImageFiles::Image(reference.clone()),
                config: json!({ "config": { "Env": [PATH] } }),
            };
            (reference.clone(), image)
        })
        .collect();
    let local = |name: &str| {
        Context::Local(LocalDirectory {
            name: name.to_owned(),
            ..LocalDirectory::default()
        })
    };
    let contexts = directory.request.contexts.iter();
    let options = compile::Options {
        context: local("context"),
        merge: true,
        named_contexts: contexts.map(|name| (name.clone(), local(name))).collect(),
        ..compile::Options::default()
    };
    let compiled = compile::compile(plan, &directory.request.platform, &images, &options);
    Ok(compiled?.definition.into_pb())
}

/// The ops in order, each with its operation and the numbers of its inputs.
fn json(definition: &pb::Definition) -> Value {
    let digests: Vec<String> = definition.def.iter().map(|bytes| digest(bytes)).collect();
    let ops = definition.def.iter().zip(&digests).enumerate();
    ops.filter_map(|(number, (bytes, digest))| {
        let op = pb::Op::decode(bytes.as_slice()).ok()?;
        let inputs: Vec<Value> = op
            .inputs
            .iter()
            .map(|input| {
                json!({
                    "op": digests.iter().position(|digest| *digest == input.digest),
                    "output": input.index,
                })
            })
            .collect();
        let description = definition
            .metadata
            .get(digest)
            .map(|metadata| &metadata.description);
        let name = description.and_then(|description| description.get("llb.customname"));
        Some(json!({
            "number": number,
            "digest": digest,
            "name": name,
            "inputs": inputs,
            "operation": operation(op.op.as_ref()),
        }))
    })
    .collect()
}

fn operation(op: Option<&pb::op::Op>) -> Value {
    match op {
        Some(pb::op::Op::Source(source)) => {
            json!({ "source": source.identifier, "attributes": source.attrs })
        }
        Some(pb::op::Op::Exec(exec)) => {
            let meta = exec.meta.clone().unwrap_or_default();
            let mounts: Vec<Value> = exec
                .mounts
                .iter()
                .map(|mount| {
                    json!({
                        "dest": mount.dest,
                        "input": mount.input,
                        "selector": mount.selector,
                        "readonly": mount.readonly,
                        "type": mount.mount_type,
                        "cache": mount.cache_opt.as_ref().map(|cache| &cache.id),
                        "secret": mount.secret_opt.as_ref().map(|secret| &secret.id),
                    })
                })
                .collect();
            let secrets: Vec<Value> = exec
                .secretenv
                .iter()
                .map(|secret| json!({ "name": secret.name, "id": secret.id }))
                .collect();
            json!({
                "exec": meta.args,
                "env": meta.env,
                "cwd": meta.cwd,
                "user": meta.user,
                "network": exec.network,
                "mounts": mounts,
                "secretEnv": secrets,
            })
        }
        Some(pb::op::Op::File(file)) => {
            let actions = file
                .actions
                .iter()
                .map(|action| file_action(action.action.as_ref()));
            json!({ "file": actions.collect::<Vec<_>>() })
        }
        Some(pb::op::Op::Merge(_)) => json!("merge"),
        Some(pb::op::Op::Diff(_)) => json!("diff"),
        _ => Value::Null,
    }
}

fn file_action(action: Option<&pb::file_action::Action>) -> Value {
    match action {
        Some(pb::file_action::Action::Copy(copy)) => json!({
            "copy": copy.src,
            "dest": copy.dest,
            "include": copy.include_patterns,
            "exclude": copy.exclude_patterns,
        }),
        Some(pb::file_action::Action::Mkfile(file)) => json!({
            "mkfile": file.path,
            "content": String::from_utf8_lossy(&file.data),
        }),
        Some(pb::file_action::Action::Mkdir(directory)) => json!({ "mkdir": directory.path }),
        Some(pb::file_action::Action::Rm(removed)) => json!({ "rm": removed.path }),
        _ => Value::Null,
    }
}
