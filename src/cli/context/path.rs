//! Paths within a build context.

/// The parts of a clean path, with their offsets.
pub(super) fn parts(path: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(move |part| {
            let at = start;
            start += part.len() + 1;
            (at, part)
        })
}

pub(super) fn join(directory: &str, name: &str) -> String {
    match directory {
        "" => name.to_owned(),
        directory => format!("{directory}/{name}"),
    }
}
