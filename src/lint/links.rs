//! Links in the source that lead to something that is not part of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Span, Warning};
use crate::paths::clean;
use crate::plan::ContextFiles;
use crate::rules::Rule;

use super::reader::ContextFile;
use super::warning::warning;

/// More links than this are taken for a loop.
const MOST: usize = 40;

/// The links among the files that a step at `span` copies: `files`, which are these. What a followed link leads to is copied
/// with it.
pub(super) fn broken(
    files: &ContextFiles,
    listing: &[ContextFile],
    span: &Span,
) -> Option<Warning> {
    let links = listing.iter().filter_map(|file| {
        let link = file.link.as_deref()?;
        Some((file.path.as_str(), link))
    });
    let links: BTreeMap<&str, &str> = links.collect();
    if files.follow || links.is_empty() {
        return None;
    }
    let tree = Tree::new(listing, &links);
    let mut broken = links
        .iter()
        .filter(|(path, link)| !tree.leads_somewhere(path, link));
    let (path, link) = broken.next()?;
    let more = match broken.count() {
        0 => String::new(),
        1 => "; so is another one".to_owned(),
        more => format!("; so are {more} others"),
    };
    Some(warning(
        Rule::BrokenLink,
        span,
        format!("`{path}` is a link to `{link}`, which is not part of the source{more}"),
        "replace the link with the file, or name both in `include` of `[source]`",
    ))
}

struct Tree<'a> {
    links: &'a BTreeMap<&'a str, &'a str>,
    /// Files and directories.
    paths: BTreeSet<&'a str>,
}

impl<'a> Tree<'a> {
    fn new(listing: &'a [ContextFile], links: &'a BTreeMap<&str, &str>) -> Self {
        let paths = listing.iter().flat_map(|file| {
            let path = file.path.as_str();
            let ends = path.match_indices('/').map(|(end, _)| end);
            ends.chain([path.len()]).map(|end| &path[..end])
        });
        Self {
            links,
            paths: paths.collect(),
        }
    }

    /// Whether a link leads to a file or directory. The base image may have what an absolute link leads to.
    fn leads_somewhere(&self, path: &str, link: &str) -> bool {
        if link.starts_with('/') {
            return true;
        }
        let mut open = Some(beside(path, link));
        for _ in 0..MOST {
            let Some(target) = open else { return true };
            if target == "." {
                return true;
            }
            if target.starts_with("..") && clean(&format!("/{target}")) != format!("/{target}") {
                return false;
            }
            let ends = target.match_indices('/').map(|(end, _)| end);
            let mut ends = ends.chain([target.len()]);
            let through = ends.find_map(|end| {
                let link = self.links.get(&target[..end])?;
                Some((end, *link))
            });
            open = match through {
                Some((_, link)) if link.starts_with('/') => None,
                Some((end, link)) => {
                    let rest = &target[end..];
                    Some(clean(&format!("{}{rest}", beside(&target[..end], link))))
                }
                None => return self.paths.contains(target.as_str()),
            };
        }
        false
    }
}

/// The path of what a link leads to; it starts with `..` if that is not below the root.
fn beside(path: &str, link: &str) -> String {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    clean(&format!("./{directory}/{link}"))
}

#[cfg(test)]
mod tests {
    use super::super::reader::FileKind;
    use super::*;
    use crate::diagnostics::Document;

    #[test]
    fn links_that_lead_nowhere_are_reported() {
        let found = |links: &[(&str, &str)], follow| {
            let file = |path: &str, link: Option<&str>| ContextFile {
                path: path.to_owned(),
                kind: link.map_or(FileKind::File, |_| FileKind::Link),
                size: 1,
                link: link.map(str::to_owned),
            };
            let files = ["app/data/x.json", "..odd"].map(|path| file(path, None));
            let links = links.iter().map(|(path, link)| file(path, Some(link)));
            let listing: Vec<ContextFile> = files.into_iter().chain(links).collect();
            let files = ContextFiles {
                follow,
                ..ContextFiles::default()
            };
            let span = Document::new("f", "toml", "").first_line();
            broken(&files, &listing, &span).map(|warning| warning.message)
        };
        for right in [
            &[("app/x.json", "data/x.json")][..],
            &[("app/x.json", "../app/./data/x.json")],
            &[("app/d", "data"), ("y", "app/d/x.json")],
            &[("a", "b"), ("b", "app")],
            &[("app/all", "..")],
            &[("odd", "..odd")],
            &[("app/zone", "/usr/share/zoneinfo")],
        ] {
            assert_eq!(found(right, false), None, "{right:?}");
        }
        for wrong in [
            ("app/y.json", "data/y.json"),
            ("app/x.json", "../../app/data/x.json"),
            ("loop", "loop"),
            ("app/x.json", "data/x.json/y"),
        ] {
            let (path, link) = wrong;
            assert_eq!(
                found(&[wrong], false),
                Some(format!(
                    "`{path}` is a link to `{link}`, which is not part of the source"
                ))
            );
            assert_eq!(found(&[wrong], true), None);
        }
        assert_eq!(
            found(&[("a", "none"), ("b", "a"), ("c", "none")], false).unwrap(),
            "`a` is a link to `none`, which is not part of the source; so are 2 others"
        );
    }
}
