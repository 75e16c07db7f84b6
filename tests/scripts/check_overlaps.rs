//! `check_overlaps.py` finds packages that install different files at one path.

use super::container::Container;

/// The report on layers, each with its packages, and each of these with the rows of its RECORD.
fn report(layers: &[&[(&str, &[&str])]]) -> String {
    let mut container = Container::new();
    container.python("");
    let mut args = vec!["/report".to_owned()];
    for (number, packages) in layers.iter().enumerate() {
        let layer = format!("/layers/{number}");
        for (package, rows) in *packages {
            let record = format!("{layer}/lib/python3.13/site-packages/{package}.dist-info/RECORD");
            container.write(&record, &(rows.join("\n") + "\n"));
        }
        args.push(layer);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    container.py("check_overlaps.py", &args).succeeded();
    container.read("/report")
}

#[test]
fn different_files_at_one_path_are_reported() {
    let found = report(&[
        &[(
            "words-1.0",
            &["words/a.py,sha256=1,1", "words/b.py,sha256=1,1"],
        )],
        &[(
            "names-2",
            &["words/a.py,sha256=2,1", "words/b.py,sha256=2,1"],
        )],
        &[("other-3", &["words/a.py,sha256=3,1"])],
    ]);
    assert_eq!(
        found,
        "words 1.0\tnames 2\twords/a.py\t1\nwords 1.0\tother 3\twords/a.py\t0\n"
    );
}

#[test]
fn equal_files_are_no_overlap() {
    let found = report(&[
        &[("words-1.0", &["space/__init__.py,sha256=1,1"])],
        &[("names-2", &["space/__init__.py,sha256=1,1"])],
    ]);
    assert_eq!(found, "");
}

#[test]
fn different_files_of_one_layer_are_reported() {
    let found = report(&[&[
        ("words-1.0", &["words.py,sha256=1,1", "words.py,sha256=3,1"]),
        ("names-2", &["words.py,sha256=2,1"]),
    ]]);
    // Packages are read in the order of their names.
    assert_eq!(found, "names 2\twords 1.0\twords.py\t1\n");
}

#[test]
fn files_that_no_program_needs_are_left_out() {
    let rows: [&[&str]; 2] = [
        &[
            "tests/__init__.py,sha256=1,1",
            "LICENSE,sha256=1,1",
            "docs/x.py,sha256=1,1",
        ],
        &[
            "tests/__init__.py,sha256=2,1",
            "LICENSE,sha256=2,1",
            "docs/x.py,sha256=2,1",
        ],
    ];
    assert_eq!(
        report(&[&[("words-1", rows[0])], &[("names-1", rows[1])]]),
        ""
    );
    for path in [
        "x.py",
        "x.so",
        "x.pth",
        "words/tests/x.py",
        "../../../bin/tool",
    ] {
        let [one, other] = [1, 2].map(|number| format!("{path},sha256={number},1"));
        let found = report(&[&[("words-1", &[&one])], &[("names-1", &[&other])]]);
        assert_eq!(found, format!("words 1\tnames 1\t{path}\t0\n"));
    }
}

#[test]
fn files_without_a_hash_are_left_out() {
    let found = report(&[
        &[("words-1", &["words.py,,", "", "words-1.dist-info/RECORD,,"])],
        &[("names-1", &["words.py,sha256=1,1"])],
    ]);
    assert_eq!(found, "");
}
