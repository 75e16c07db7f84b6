//! What is in the reduced project, and when it changes.

use testkit::{Dependency, Lock, Package, Project};

use super::fixture::{locked, parsed, project, read};
use crate::project::reduced::ReducedProject;
use crate::project::selection::Selection;
use crate::project::version::PoetryVersion;

/// A project with groups and extras of every kind.
fn rich() -> Project {
    Project::new("app")
        .version("1.2.3")
        .in_project("description = \"x\"")
        .dependency("a")
        .optional_dependencies("pg", ["c"])
        .optional_dependencies("all", ["App[pg]", "e"])
        .script("run", "app:main")
        .group("dev", ["b", "{ include-group = \"lint\" }"])
        .group("lint", ["d"])
        .group("docs", ["f"])
        .requires_poetry(">=2.0")
        .index("corp", "http://index.example/simple/")
        .at_end("[tool.black]\nline-length = 99")
}

fn rich_lock() -> String {
    let package = |name: &str| Package::new(name, "1").description("d");
    Lock::new()
        .package(package("a"))
        .package(
            package("b")
                .group("dev")
                .group("main")
                .markers_of("dev", "x")
                .markers_of("main", "y"),
        )
        .package(package("c").optional().markers("extra == 'pg'"))
        .package(package("d").group("dev").group("lint"))
        .package(package("f").group("docs"))
        .extra("all", ["c", "e"])
        .extra("pg", ["c"])
        .text("")
}

fn reduced_of(pyproject: &str, groups: &[&str], extras: &[&str]) -> ReducedProject {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let selection = Selection {
        groups: owned(groups),
        extras: owned(extras),
    };
    parsed(pyproject, &rich_lock()).reduced(&selection, false, PoetryVersion::new(2, 4, 1))
}

#[test]
fn the_reduced_project_changes_only_with_what_is_installed() {
    let rich = rich().pyproject();
    let before = reduced_of(&rich, &["main"], &[]);
    for (from, to) in [
        ("1.2.3", "1.2.4"),
        (
            "description = \"x\"",
            "description = \"y\"\nreadme = \"README.md\"",
        ),
        ("run = \"app:main\"", "walk = \"app:main\""),
        ("lint = [\"d\"]", "lint = [\"d\", \"g\"]"),
        ("pg = [\"c\"]", "pg = [\"c\"]\nnew = [\"h\"]"),
        ("line-length = 99", "line-length = 80 # shorter"),
        (
            "name = \"app\"\nversion = \"1.2.3\"",
            "version = \"1.2.3\"\nname = \"app\"",
        ),
    ] {
        assert!(rich.contains(from));
        assert_eq!(
            reduced_of(&rich.replace(from, to), &["main"], &[]),
            before,
            "{to}"
        );
    }
    for (from, to) in [
        ("dependencies = [\"a\"]", "dependencies = [\"a>1\"]"),
        (">=3.11", ">=3.12"),
        (">=2.0", ">=2.1"),
        ("index.example", "other.example"),
    ] {
        assert_ne!(
            reduced_of(&rich.replace(from, to), &["main"], &[]),
            before,
            "{to}"
        );
    }
}

#[test]
fn the_reduced_project_contains_the_selection() {
    let rich = rich().pyproject();
    for (groups, extras, expected) in [
        (&["main"][..], &[][..], &["a", "b"][..]),
        (&["main"], &["pg"], &["a", "b", "c"]),
        (&["main", "dev"], &[], &["a", "b", "d"]),
        (&["docs"], &[], &["f"]),
        (&["dev"], &[], &["b", "d"]),
    ] {
        let reduced = reduced_of(&rich, groups, extras);
        assert_eq!(locked(&reduced), expected, "{groups:?} {extras:?}");
        assert_eq!(reduced.packages, expected.len());
    }
    let dev = reduced_of(&rich, &["dev"], &[]);
    assert!(dev.pyproject.contains("lint = [\"d\"]") && !dev.pyproject.contains("docs"));
    assert!(dev.lock.contains("markers = \"x\"") && !dev.lock.contains("main"));
    let all = reduced_of(&rich, &["main"], &["all"]);
    assert!(
        all.pyproject.contains("pg = [\"c\"]"),
        "an extra included by another one"
    );
}

#[test]
fn a_git_dependency_is_never_editable() {
    let reduced = |develop: fn(Dependency) -> Dependency, line: &str| {
        let git = |name: &str| develop(Dependency::git(&format!("https://git.example/{name}")));
        let package = Package::new("a", "1")
            .git("https://git.example/a", "0123")
            .requires("b", git("b"))
            .line(line);
        let project = Project::poetry("x")
            .poetry_dependency("git", "1")
            .poetry_dependency("develop", "1")
            .poetry_dependency("a", git("a"))
            .poetry_dependency("b", Dependency::several([git("b")]))
            .locked(package);
        read(&project).reduced(&Selection::default(), false, PoetryVersion::new(2, 1, 3))
    };
    let made = reduced(Dependency::develop, "develop = true");
    assert_eq!(made, reduced(|git| git, ""));
    assert!(
        made.pyproject.contains("develop = \"1\""),
        "{}",
        made.pyproject
    );
}

#[test]
fn the_version_of_a_directory_dependency_is_kept_only_if_it_is_constrained() {
    let any = || Dependency::version("*");
    let constrained = || Dependency::version(">=1");
    for (requirement, needs, matters) in [
        (None, None, false),
        (Some("my_lib"), None, false),
        (Some("my-lib>=1"), None, true),
        (None, Some(any()), false),
        (None, Some(Dependency::path("lib")), false),
        (None, Some(constrained()), true),
        (
            None,
            Some(Dependency::several([constrained().key("python", "*")])),
            true,
        ),
    ] {
        let [before, after] = ["1.0", "1.1"].map(|version| {
            let b = Package::new("b", "1");
            let b = match &needs {
                Some(needs) => b.requires("my-lib", needs.clone()),
                None => b,
            };
            let requirements = ["b"].into_iter().chain(requirement);
            let project = requirements
                .fold(Project::new("x"), Project::dependency)
                .locked(Package::new("My.Lib", version).directory("lib"))
                .locked(b);
            read(&project).reduced(&Selection::default(), false, PoetryVersion::new(2, 4, 1))
        });
        assert_eq!(before != after, matters, "{requirement:?} {needs:?}");
        // Other packages keep their version.
        assert!(before.lock.contains("version = \"1\""), "{}", before.lock);
    }
}

#[test]
fn poetry_accepts_the_reduced_lock() {
    for poetry in [(1, 8, 5), (2, 1, 4), (2, 4, 1)] {
        let poetry = PoetryVersion::new(poetry.0, poetry.1, poetry.2);
        let project = project(&rich().pyproject());
        let reduced = project.reduced(&Selection::default(), false, poetry);
        let again = parsed(&reduced.pyproject, &reduced.lock);
        assert!(again.is_fresh(poetry), "{poetry}");
        assert_eq!(
            again.reduced(&Selection::default(), false, poetry),
            reduced,
            "{poetry}"
        );
    }
}

#[test]
fn has_main_says_whether_the_selection_leaves_dependencies_in_the_main_group() {
    let head = r#"
        [project]
        name = "x"
    "#;
    let extras = r#"
        [project.optional-dependencies]
        a = ["opt"]
    "#;
    let details = r#"
        [tool.poetry.dependencies]
        python = "*"
        opt = { source = "corp" }
    "#;
    for (pyproject, extra, expected) in [
        (format!("{head}dependencies = [\"a\"]\n"), "", true),
        (
            format!(
                r"
                {head}dependencies = []
                {details}
                "
            ),
            "",
            true,
        ),
        (format!("{head}{extras}{details}"), "", false),
        (format!("{head}{extras}{details}"), "a", true),
        (
            format!(
                r#"
                {head}dynamic = ["dependencies"]
                {extras}{details}
                "#
            ),
            "",
            true,
        ),
        (format!("{head}{details}"), "", true),
        (
            r#"
            [tool.poetry.dependencies]
            python = "*"
            "#
            .to_owned(),
            "",
            false,
        ),
    ] {
        let selection = Selection {
            extras: [extra]
                .into_iter()
                .filter(|one| !one.is_empty())
                .map(str::to_owned)
                .collect(),
            ..Selection::default()
        };
        let reduced = project(&pyproject).reduced(&selection, false, PoetryVersion::new(2, 4, 1));
        assert_eq!(reduced.has_main, expected, "{pyproject} {extra}");
    }
}

#[test]
fn unselected_groups_do_not_change_the_reduced_lock() {
    let reduced = |package: Package| {
        let project = read(&Project::new("x").locked(package));
        project.reduced(&Selection::default(), false, PoetryVersion::new(2, 4, 1))
    };
    let package = || Package::new("a", "1");
    let both = || package().group("main").group("dev");
    let alone = reduced(package().markers("os_name == 'x'"));
    assert_eq!(alone.packages, 1);
    assert_eq!(reduced(both().markers_of("main", "os_name == 'x'")), alone);
    for unselected in [
        package().optional().markers("extra == 'e'"),
        both().markers_of("main", "extra == 'e'"),
    ] {
        assert_eq!(reduced(unselected).packages, 0);
    }
}

/// The reduced project of a lock by Poetry 2.1.
fn pair(project: &testkit::Project) -> ReducedProject {
    read(project).reduced(&Selection::default(), false, PoetryVersion::new(2, 1, 4))
}

#[test]
fn a_respelled_constraint_changes_nothing() {
    let with = |python: &str, of_package: &str| {
        let package = Package::new("a", "1").python(of_package);
        let project = testkit::Project::new("x").python(python);
        pair(&project.dependency("a").locked(package))
    };
    let one = with(">=3.10,<4.0", ">=3.8");
    assert_eq!(with("<4.0,>=3.10", ">= 3.8"), one);
    assert_ne!(with(">=3.10", ">=3.8"), one);
}

#[test]
fn extras_that_nothing_asks_for_change_nothing() {
    let with = |package: Package| {
        let project = testkit::Project::new("x").python(">=3.10");
        pair(&project.dependency("a[fast]").locked(package))
    };
    let package = || {
        Package::new("a", "1")
            .requires("c", ">=1")
            .requires("quick", Dependency::version("*").optional())
            .extra("fast", ["quick"])
    };
    let more = package()
        .requires("sphinx", Dependency::version("*").optional())
        .extra("docs", ["sphinx"]);
    assert_eq!(with(more), with(package()));
    assert!(with(package()).lock.contains("quick"));
}

#[test]
fn the_project_keeps_its_version_if_a_package_depends_on_it() {
    let with = |version: &str, package: Package| {
        let project = testkit::Project::new("x").version(version).python(">=3.10");
        pair(&project.dependency("plugin").locked(package)).pyproject
    };
    let plugin = || Package::new("plugin", "1").requires("X", ">=2");
    assert!(with("2.5", plugin()).contains("version = \"2.5\""));
    let alone = || Package::new("plugin", "1");
    assert_eq!(with("2.5", alone()), with("3.0", alone()));
}
