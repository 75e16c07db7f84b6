//! Compiles the `.proto` files in `proto/` without an external `protoc`.

use std::{env, error::Error};

use prost::Message;

const FILES: [&str; 6] = [
    "apicaps.proto",
    "fsutil.proto",
    "gateway.proto",
    "ops.proto",
    "status.proto",
    "types.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        println!("cargo::rerun-if-changed=proto/{file}");
    }
    let descriptors = protox::compile(FILES, ["proto"])?;
    // Graphs are printed as JSON.
    pbjson_build::Builder::new()
        .register_descriptors(&descriptors.encode_to_vec())?
        .btree_map(["."])
        .build(&[".pb"])?;
    tonic_prost_build::configure()
        // The order of a hash map differs between processes, and so would bytes and digests.
        .btree_map(".")
        .build_client(true)
        .build_server(env::var_os("CARGO_FEATURE_SERVER").is_some())
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
