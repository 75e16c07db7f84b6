//! Ports.

use crate::diagnostics::Warning;
use crate::rules::Rule;

use super::super::Inputs;
use super::warning;

pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let ports = inputs.file.runtime.expose.iter().enumerate();
    ports
        .filter(|(_, port)| **port < 1024)
        .map(|(index, port)| {
            let path = ["runtime", "expose", &index.to_string()];
            let place = inputs.file.document.place_of(&path);
            warning(
                Rule::PrivilegedPort,
                &place.unwrap_or_else(|| inputs.file.whole()),
                format!("port {port} may be closed to a user that is not root"),
                format!(
                    "listen on a port from 1024 on, and map it: `docker run -p {port}:{}`",
                    8000 + u32::from(*port)
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
