//! `read_licenses.py` reads what the installed packages say about their licences.

use super::container::Container;

/// The report on files, each with its text.
fn report(files: &[(&str, &str)]) -> String {
    let mut container = Container::new();
    container.python("");
    for (path, text) in files {
        container.write(path, text);
    }
    container
        .py("read_licenses.py", &["/report", "/layers/1", "/layers/2"])
        .succeeded();
    container.read("/report")
}

#[test]
fn fields_and_classifiers_of_all_layers_are_reported_once() {
    let words = "Metadata-Version: 2.4\nName: words\nVersion: 1.0\nLicense-Expression: MIT OR\n Apache-2.0\n\nLicense: no header\n";
    let names = "Name: names\nVersion: 2\nLicense: BSD\nClassifier: License :: OSI Approved :: BSD License\nClassifier: Programming Language :: Python\n";
    let found = report(&[
        (
            "/layers/1/lib/python3.13/site-packages/words-1.0.dist-info/METADATA",
            words,
        ),
        (
            "/layers/2/app/.venv/lib/python3.13/site-packages/words-1.0.dist-info/METADATA",
            words,
        ),
        (
            "/layers/2/app/.venv/lib/python3.13/site-packages/names-2.dist-info/METADATA",
            names,
        ),
        (
            "/layers/2/app/.venv/lib/python3.13/site-packages/vendored/site-packages/x.dist-info/METADATA",
            names,
        ),
        ("/layers/2/app/METADATA", names),
    ]);
    assert_eq!(
        found,
        "{\"classifiers\": [\"License :: OSI Approved :: BSD License\"], \"license\": \"BSD\", \"name\": \"names\", \"version\": \"2\"}\n\
         {\"expression\": \"MIT OR Apache-2.0\", \"name\": \"words\", \"version\": \"1.0\"}\n"
    );
}

#[test]
fn the_text_of_a_licence_is_cut() {
    let metadata = format!("Name: words\nLicense: {}\n", "all rights ".repeat(1000));
    let path = "/layers/1/site-packages/words-1.dist-info/METADATA";
    let found = report(&[(path, &metadata)]);
    assert!(found.len() < 300, "{found}");
    assert_eq!(report(&[]), "");
}
