//! `llb`: the graph that an engine would be given, for `buildctl build`, or to be read.

use prost::Message;
use serde_json::{Value, json};

use buildkit_proto::pb;

use super::arguments::Opt;
use super::folder::{FOLDER, Folder, OPTIONS};
use super::plan::planned;
use super::{Command, Error, Given, Outcome, output};
use crate::compile::{self, Context, ImageFiles, Images, LocalFolder, ResolvedImage};
use crate::plan::Plan;

pub(super) const COMMAND: Command = Command {
    name: "llb",
    about: "write the graph that an engine would be given",
    details: "It goes to `buildctl build --local context=. --output ...`, or is shown as JSON. Base images are named by their tags, and
commands see the environment that the official Python images have: their settings are known to engines only.",
    operands: &[FOLDER],
    options: &[
        &[Opt::choice(
            "format",
            &["binary", "json"],
            "for `buildctl`, or to be read; default: `binary`",
        )],
        OPTIONS,
    ],
    run,
};

/// Where the official images have their programs.
const PATH: &str = "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin";

fn run(given: &Given) -> Result<Outcome, Error> {
    let folder = Folder::read(given)?;
    let Some(plan) = planned(&folder, given)? else {
        return Ok(Outcome::Bad);
    };
    let definition = definition(&folder, &plan)?;
    if given.get("format") == Some("json") {
        output::json(&readable(&definition))?;
    } else {
        output::bytes(&definition.encode_to_vec())?;
    }
    Ok(Outcome::Good)
}

fn definition(folder: &Folder, plan: &Plan) -> Result<pb::Definition, Error> {
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
        Context::Folder(LocalFolder {
            name: name.to_owned(),
            ..LocalFolder::default()
        })
    };
    let contexts = folder.request.contexts.iter();
    let options = compile::Options {
        context: local("context"),
        named_contexts: contexts.map(|name| (name.clone(), local(name))).collect(),
        ..compile::Options::default()
    };
    let compiled = compile::compile(plan, &folder.request.platform, &images, &options);
    Ok(compiled?.definition.into_pb())
}

/// The ops in their order, each with what it does and the numbers of those that it needs.
fn readable(definition: &pb::Definition) -> Value {
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
            "does": does(op.op.as_ref()),
        }))
    })
    .collect()
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(bytes);
    let hex: String = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("sha256:{hex}")
}

fn does(op: Option<&pb::op::Op>) -> Value {
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
                .map(|secret| json!({ "name": secret.name, "secret": secret.id }))
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
            "to": copy.dest,
            "include": copy.include_patterns,
            "exclude": copy.exclude_patterns,
        }),
        Some(pb::file_action::Action::Mkfile(file)) => json!({
            "write": file.path,
            "content": String::from_utf8_lossy(&file.data),
        }),
        Some(pb::file_action::Action::Mkdir(folder)) => json!({ "mkdir": folder.path }),
        Some(pb::file_action::Action::Rm(removed)) => json!({ "remove": removed.path }),
        _ => Value::Null,
    }
}
