//! Runs the gateway if an engine started the process, otherwise the command line.

use std::process::ExitCode;

use poetry_frontend::{cli, gateway};

fn main() -> ExitCode {
    if !gateway::called() {
        return cli::run(std::env::args_os().skip(1));
    }
    match gateway::serve() {
        // Also if the build failed: the error was already returned over gRPC, and a non-zero exit would mask it.
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("poetry-frontend: the connection to the engine failed: {error}");
            ExitCode::FAILURE
        }
    }
}
