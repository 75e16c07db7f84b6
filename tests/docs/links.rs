//! Every link leads somewhere: to a file of the repository, and to a heading of it. Addresses of other sites are not asked.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::markdown::{pages, prose, read, root};

/// A link and its line.
struct Link {
    line: usize,
    target: String,
}

/// The links and images of a page, without those in code.
fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for (line, prose) in prose(text) {
        // Every other piece is in backticks.
        let outside: String = prose.split('`').step_by(2).collect::<Vec<_>>().join("_");
        for rest in outside.split("](").skip(1) {
            let target = rest.split(')').next().unwrap().to_owned();
            found.push(Link { line, target });
        }
    }
    found
}

/// The anchors of a page, as GitHub and mdBook make them from headings.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = Vec::new();
    for (_, line) in prose(text) {
        let Some(heading) = line.strip_prefix('#') else {
            continue;
        };
        let heading = heading.trim_start_matches('#');
        let Some(heading) = heading.strip_prefix(' ') else {
            continue;
        };
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let name: String = heading.trim().to_lowercase().chars().filter(kept).collect();
        let name = name.replace(' ', "-");
        let count = seen.entry(name.clone()).or_default();
        anchors.push(if *count == 0 {
            name
        } else {
            format!("{name}-{count}")
        });
        *count += 1;
    }
    anchors
}

/// The path without `..`, which may lead to a directory that does not exist.
fn cleaned(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                assert!(clean.pop(), "{} leaves the repository", path.display());
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

/// What is wrong with a link of a page.
fn problem(page: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    if target.contains("://") {
        return Some("is not https".to_owned());
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = if path.is_empty() {
        PathBuf::from(page)
    } else {
        cleaned(&Path::new(page).parent().unwrap().join(path))
    };
    if !root().join(&file).exists() {
        return Some("leads to no file".to_owned());
    }
    if anchor.is_empty() {
        return None;
    }
    let text = read(file.to_str().unwrap());
    (!anchors(&text).iter().any(|one| one == anchor)).then(|| "leads to no heading".to_owned())
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut count = 0;
    let mut problems = Vec::new();
    for page in pages() {
        for link in links(&read(&page)) {
            count += 1;
            if let Some(problem) = problem(&page, &link.target) {
                problems.push(format!("{page}:{}: `{}` {problem}", link.line, link.target));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(count >= 60, "only {count} links were found");
}

#[test]
fn broken_links_are_found() {
    assert_eq!(problem("docs/standard.md", "build-file.md#groups"), None);
    assert_eq!(problem("docs/standard.md", "#images"), None);
    for broken in [
        "nothing.md",
        "build-file.md#nothing",
        "#nothing",
        "http://example.com",
    ] {
        assert!(problem("docs/standard.md", broken).is_some(), "{broken}");
    }
    let text = "# One `two`, three\n```\n# not\n```\n## One\n## One\n[a](b.md) `[c](d.md)`\n";
    assert_eq!(anchors(text), ["one-two-three", "one", "one-1"]);
    let targets: Vec<String> = links(text).into_iter().map(|link| link.target).collect();
    assert_eq!(targets, ["b.md"]);
}
