//! Where the build context and the build file are: in directories of the client, in a Git repository, on a web server, or
//! in the result of another build (`initContext` in `frontend/dockerui/context.go`).

use buildkit_llb::{Copy, FileOp, Output};

use crate::compile::Context;
use crate::gateway::request::{GitAddress, Options};
use crate::gateway::transport::{Engine, Error, Failure};

use super::remote::{self, DOWNLOAD};

/// Where the files that define the build are.
pub(crate) struct MainContext {
    /// The build context.
    pub(crate) context: Context,
    /// The tree that contains the build file.
    pub(super) build_file: Context,
    /// The build file's path in it.
    pub(super) filename: String,
}

pub(super) async fn find(engine: &Engine, options: &Options) -> Result<MainContext, Failure> {
    let mut filename = options.filename.clone();
    let (context, build_file) = match &options.remote_context {
        Some(address) => match GitAddress::parse(address) {
            Some(repository) => {
                let repository = repository.map_err(|why| unusable(address, why))?;
                let title = format!("[internal] load git source {address}");
                let source = repository.keeping_git_dir(options.keep_git_dir).source();
                let tree = source.named(title).output();
                (Some(tree.clone()), Some(tree))
            }
            None if address.starts_with("http://") || address.starts_with("https://") => {
                let title = "[internal] load remote build context";
                let (tree, unpacked) = remote::download(engine, address, title).await?;
                // A file that is not an archive is the build file.
                if !unpacked {
                    DOWNLOAD.clone_into(&mut filename);
                }
                (Some(tree.clone()), Some(tree))
            }
            None => {
                let why = "not a Git repository or HTTP URL".to_owned();
                return Err(unusable(address, why).into());
            }
        },
        None => inputs(engine, options).await?,
    };
    let context = match (context, &options.remote_directory) {
        (None, _) => Context::Local(options.context.clone()),
        (Some(tree), None) => Context::Output(tree),
        (Some(tree), Some(directory)) => Context::Output(
            FileOp::on(None)
                .copy(Copy::new(tree, directory, "/").contents_only())
                .named(format!("[internal] use {directory} as build context"))
                .output(),
        ),
    };
    let build_file = if let Some(tree) = build_file.filter(|_| !options.own_build_file) {
        Context::Output(tree)
    } else {
        filename.clone_from(&options.filename);
        Context::Local(options.build_file_directory.clone())
    };
    Ok(MainContext {
        context,
        build_file,
        filename,
    })
}

fn unusable(address: &str, why: String) -> Error {
    Error::Context {
        role: "the build context".to_owned(),
        address: address.to_owned(),
        why,
    }
}

/// The trees of the build context and of the build file, as far as the client passed them as inputs.
async fn inputs(
    engine: &Engine,
    options: &Options,
) -> Result<(Option<Output>, Option<Output>), Failure> {
    let inputs = engine.inputs().await?;
    let input = |name: &str| {
        let definition = inputs.get(name);
        definition
            .map(|definition| remote::input(definition, name))
            .transpose()
    };
    Ok((
        input("context")?,
        input(&options.build_file_directory.name)?,
    ))
}
