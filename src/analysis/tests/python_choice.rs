//! Which Python an image has.

use super::*;

const NATIVE: &str = "cp312-cp312-manylinux_2_17_x86_64";

/// A project whose Poetry installs what its lock lists.
fn project(python: &str) -> Project {
    let project = Project::new("app").locked_by("2.4.1").python(python);
    project.script("serve", "app:main")
}

/// The base image of a project.
fn base(project: &Project) -> String {
    let plan = plan_of(project);
    let (image, _) = plan.images().next().unwrap();
    image.familiar()
}

/// The Python of a project, and why.
fn python(project: &Project) -> String {
    plan_of(project).python.unwrap()
}

/// A package with wheels for these tags, and an sdist.
fn wheels(name: &str, tags: &[&str]) -> Package {
    let package = Package::new(name, "1").sdist();
    tags.iter()
        .fold(package, |package, tags| package.wheel_for(tags))
}

#[test]
fn python_is_the_newest_that_all_wheels_support() {
    let native = project(">=3.11,<3.14").locked(wheels("a", &[NATIVE]));
    assert_eq!(base(&native), "python:3.12-slim-trixie");
    let with = |build_file: &str| base(&native.clone().with_build_file(build_file));
    assert_eq!(
        with(
            r#"
            [python]
            version = "3.11"
            variant = "slim-bookworm"
            "#
        ),
        "python:3.11-slim-bookworm"
    );
    assert_eq!(
        with(
            r#"
            [runtime]
            base = "org/base:1"
            "#
        ),
        "org/base:1"
    );
}

#[test]
fn the_plan_says_why_the_image_has_its_python() {
    let project = project(">=3.11,<3.14");
    assert_eq!(python(&project), "3.13, the newest that the project allows");
    let native = project.clone().locked(wheels("a", &[NATIVE]));
    assert_eq!(
        python(&native),
        "3.12, the newest for which all packages have wheels"
    );
    let old = native.clone().locked(wheels("old", &["py2-none-any"]));
    let old = old.locked(wheels("source", &[]));
    assert_eq!(
        python(&old),
        "3.12, the newest for which the fewest packages have no wheel: old, source"
    );
    let configured = native.with_build_file(
        r#"
        [python]
        version = "3.13"
        "#,
    );
    assert_eq!(python(&configured), "3.13, as set in `[python]`");
}

#[test]
fn only_the_packages_of_the_image_decide_which_python_fits() {
    let project = project(">=3.11,<3.15");
    let newest = "3.14, the newest that the project allows";
    for unselected in [
        wheels("a", &[NATIVE]).group("dev"),
        wheels("a", &[NATIVE]).markers("python_version < \"3.13\""),
        wheels("a", &[NATIVE]).markers("sys_platform == \"win32\""),
        wheels("a", &[NATIVE]).optional().markers("extra == \"x\""),
    ] {
        assert_eq!(python(&project.clone().locked(unselected)), newest);
    }
    // Another version of a package for each range of Pythons.
    let branches = project
        .clone()
        .locked(wheels("a", &[NATIVE]).markers("python_version < \"3.14\""))
        .locked(
            wheels("a", &["cp314-cp314-manylinux_2_17_x86_64"])
                .markers("python_version >= \"3.14\""),
        );
    assert_eq!(python(&branches), newest);
    // Wheels for other systems.
    let elsewhere = project.locked(wheels(
        "a",
        &[
            NATIVE,
            "cp314-cp314-win_amd64",
            "cp314-cp314-macosx_11_0_arm64",
            "cp314-cp314-musllinux_1_2_x86_64",
            "cp314-cp314-manylinux_2_17_aarch64",
        ],
    ));
    assert_eq!(
        python(&elsewhere),
        "3.12, the newest for which all packages have wheels"
    );
}

#[test]
fn bounds_on_the_patch_release_are_respected() {
    for (constraint, expected) in [
        (">=3.10,<=3.13", "python:3.12-slim-trixie"),
        ("<=3.13,>=3.13", "python:3.13.0-slim-trixie"),
        ("==3.13.13", "python:3.13.13-slim-trixie"),
        (">=3.13,<3.13.5", "python:3.13.4-slim-trixie"),
        (">=3.12,<3.13.5", "python:3.12-slim-trixie"),
        (">=3.12,<3.14,!=3.13.5", "python:3.13-slim-trixie"),
        (">=3.11,<3.14.0a0", "python:3.13-slim-trixie"),
        (">=3.11,<3.14.dev0", "python:3.13-slim-trixie"),
        ("<4.0,>=3.10,<3.12.*", "python:3.11-slim-trixie"),
    ] {
        assert_eq!(base(&project(constraint)), expected, "{constraint}");
    }
}

#[test]
fn a_constraint_that_cannot_be_parsed_is_an_error() {
    let errors = errors_of(&project(">=3.11 and <4"));
    assert!(
        errors.contains("`>=3.11 and <4` is not a version constraint"),
        "{errors}"
    );
    assert!(errors.contains("pyproject.toml:4"), "{errors}");
}

#[test]
fn a_patch_release_that_the_tag_does_not_name_is_checked_before_anything_is_installed() {
    let checked = |constraint: &str, build_file: &str| {
        let plan = plan_of(&project(constraint).with_build_file(build_file));
        let base = stage(&plan, &StageName::Base);
        base.steps.first().map(|step| words(run(step)).join(" "))
    };
    let configured = r#"
        [python]
        version = "3.13"
        "#;
    let end = |constraint, build_file| {
        let words = checked(constraint, build_file)?;
        Some(words.split_once("look ")?.1.to_owned())
    };
    assert_eq!(
        end(">=3.13.4,<3.14", ""),
        Some("python:3.13-slim-trixie 3.13.4+ pyproject.toml:4".to_owned())
    );
    assert_eq!(
        end(">=3.10,<=3.13", configured),
        Some("python:3.13-slim-trixie 3.13.0 pyproject.toml:4".to_owned())
    );
    assert_eq!(end(">=3.10,<=3.13", ""), None);
    assert_eq!(end("==3.13.4", ""), None);
    assert_eq!(end("^3.11", configured), None);
}
