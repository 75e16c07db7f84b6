//! `docs/SUMMARY.md`, the contents of the site.

use std::collections::BTreeSet;

use super::markdown::{pages, read};

#[test]
fn every_page_is_in_the_contents_once() {
    let summary = read("docs/SUMMARY.md");
    let linked: Vec<&str> = summary
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap())
        .collect();
    let unique: BTreeSet<&str> = linked.iter().copied().collect();
    assert_eq!(unique.len(), linked.len(), "a page is there twice");
    let pages = pages();
    let pages = pages.iter().filter_map(|page| page.strip_prefix("docs/"));
    let pages: BTreeSet<&str> = pages.filter(|page| *page != "SUMMARY.md").collect();
    assert_eq!(unique, pages);
}
