//! Writes a build graph to standard output, for `buildctl build`.

use std::io::{self, Write};

use buildkit_llb::{
    CacheSharing, Copy, Definition, Exec, FileOp, ImageSource, LocalSource, Mkdir, Mount,
};
use prost::Message;

fn main() -> io::Result<()> {
    let python = ImageSource::new("docker.io/library/python:3.13-slim").output();
    // The files of the client, by the name in `--local context=DIRECTORY`.
    let source = LocalSource::new("context").include(["*.py"]).output();

    // A step: its root file system, what else it sees, and its command.
    let compiled = Exec::new("python")
        .args(["-m", "compileall", "-q", "/out"])
        .env("PYTHONHASHSEED", "0")
        .root(python.clone())
        .mount(Mount::bind(source, "/out"))
        .mount(Mount::cache(
            "/root/.cache",
            "greeting",
            CacheSharing::Locked,
        ))
        .named("compile the program")
        .run();

    // What it wrote to a mount is the input of the next one.
    let mut image = FileOp::on(python).mkdir(Mkdir::new("/app", 0o755));
    if let Some(program) = compiled.mount("/out") {
        image = image.copy(Copy::new(program, "/", "/app").contents_only());
    }
    let definition = Definition::new(&image.output()).into_pb();
    io::stdout().write_all(&definition.encode_to_vec())
}
