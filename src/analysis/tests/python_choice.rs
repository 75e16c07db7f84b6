//! Which Python an image has.

use super::*;

/// The base image of a project whose dependency has a wheel with these tags.
fn base(tags: &str, build_file: &str) -> String {
    let project = bare()
        .locked(Package::new("a", "1").wheel_for(tags))
        .with_build_file(build_file);
    let plan = plan_of(&project);
    let (image, _) = plan.images().next().unwrap();
    image.familiar()
}

#[test]
fn python_is_the_newest_that_all_wheels_support() {
    const NATIVE: &str = "cp312-cp312-manylinux_2_17_x86_64";
    assert_eq!(base(NATIVE, ""), "python:3.12-slim-trixie");
    assert_eq!(
        base("cp38-cp38-manylinux_2_17_x86_64", ""),
        "python:3.13-slim-trixie"
    );
    assert_eq!(
        base(
            NATIVE,
            r#"
            [python]
            version = "3.11"
            variant = "slim-bookworm"
            "#
        ),
        "python:3.11-slim-bookworm"
    );
    assert_eq!(
        base(
            NATIVE,
            r#"
            [runtime]
            base = "org/base:1"
            "#
        ),
        "org/base:1"
    );
}
