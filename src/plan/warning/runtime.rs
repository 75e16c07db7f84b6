//! Ports.

use crate::diagnostics::Warning;
use crate::rules::Rule;

use super::super::Inputs;
use super::warning;

pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let ports = inputs.file.runtime.expose.iter();
    ports
        .filter(|port| port.value < 1024)
        .map(|port| {
            let number = port.value;
            warning(
                Rule::PrivilegedPort,
                &port.place,
                format!("port {number} may be closed to a user that is not root"),
                format!(
                    "listen on a port from 1024 on, and map it: `docker run -p {number}:{}`",
                    8000 + u32::from(number)
                ),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::told;

    #[test]
    fn ports_that_only_root_may_use() {
        assert_eq!(
            told("[runtime]\nexpose = [\n  8000,\n  80,\n]\n"),
            [
                "poetry.build.toml:4 PrivilegedPort: port 80 may be closed to a user that is not root"
            ]
        );
    }
}
