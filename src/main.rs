//! One door: the gateway when an engine calls, else the command line.

use std::process::ExitCode;

use poetry_frontend::{cli, gateway};

fn main() -> ExitCode {
    if !gateway::called() {
        return cli::run(std::env::args_os().skip(1));
    }
    match gateway::serve() {
        // Even a failed build ends well once the engine has been told: it would hide what was said otherwise.
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("poetry-frontend: the connection to the engine failed: {error}");
            ExitCode::FAILURE
        }
    }
}
