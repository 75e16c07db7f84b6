//! Which locked packages a selection installs.

use testkit::{Dependency, Lock, Package, Project};

use super::fixture::{parsed, read};
use crate::project::environment::{Environment, Libc};
use crate::project::installed::Resolution;
use crate::project::project::Project as Parsed;
use crate::project::selection::Selection;
use crate::project::version::PythonVersion;

const LEFT: &str = "platform_release >= \"5\"";
const RIGHT: &str = "\"x\" in platform_version";

/// The packages with their versions and residual markers. Groups and extras are separated by spaces.
fn installed(project: &Parsed, python: &str, groups: &str, extras: &str) -> Vec<String> {
    installed_by(Resolution::Locked, project, python, groups, extras)
}

fn installed_by(
    resolution: Resolution,
    project: &Parsed,
    python: &str,
    groups: &str,
    extras: &str,
) -> Vec<String> {
    let environment = Environment {
        python: PythonVersion::parse(python),
        machine: "x86_64".to_owned(),
        libc: Libc::Glibc(2, 36),
    };
    let owned = |names: &str| names.split_whitespace().map(str::to_owned).collect();
    let selection = Selection {
        groups: owned(groups),
        extras: owned(extras),
    };
    let installed = project.installed(&selection, &environment, resolution);
    installed
        .into_iter()
        .map(|one| {
            let marker = one.marker.map(|marker| format!("; {marker}"));
            let (name, version) = (&one.package.name, one.package.version());
            format!("{name} {version}{}", marker.unwrap_or_default())
        })
        .collect()
}

fn package(name: &str) -> Package {
    Package::new(name, "1")
}

/// A project of Poetry 1, whose lock does not list groups.
fn older() -> Project {
    Project::poetry("x").python("*").locked_by("1.8.5")
}

#[test]
fn poetry_that_resolves_again_ignores_the_markers_of_the_lock() {
    let project = Project::poetry("x")
        .python("*")
        .poetry_dependency("a", "*")
        .locked(package("a"))
        .locked(package("b"));
    let project = read(&project);
    let names = |resolution| installed_by(resolution, &project, "3.13", "main", "").join(", ");
    assert_eq!(names(Resolution::Locked), "a 1, b 1");
    assert_eq!(names(Resolution::Again), "a 1");
}

#[test]
fn poetry_that_resolves_again_takes_details_of_an_unselected_extra_for_no_dependency() {
    let pyproject = r#"
        [project]
        name = "x"
        dependencies = ["a"]
        [project.optional-dependencies]
        more = ["b"]
        [tool.poetry.dependencies]
        b = { source = "corp" }
        c = "*"
    "#;
    let packages = ["a", "b", "c"].map(|name| package(name).group("main"));
    let lock = packages.into_iter().fold(Lock::new(), Lock::package);
    let project = parsed(pyproject, &lock.text(""));
    let names =
        |extras| installed_by(Resolution::Again, &project, "3.13", "main", extras).join(", ");
    assert_eq!(names(""), "a 1");
    assert_eq!(names("more"), "a 1, b 1");
}

#[test]
fn an_unselected_extra_adds_to_a_package_of_a_selected_one() {
    let fast = Dependency::version("*").optional();
    let optional = || Dependency::version("*").optional();
    let windows = Dependency::version("*").key("markers", "sys_platform == \"win32\"");
    let project = |poetry: &str| {
        let tool = package("tool")
            .optional()
            .requires("fast", fast.clone())
            .requires("slow", fast.clone())
            .requires("win", windows.clone())
            .extra("fast", ["fast"])
            .extra("slow", ["slow"]);
        let audit = package("audit")
            .optional()
            .requires("tool", Dependency::version("*").extras(["fast"]));
        Project::poetry("x")
            .python("*")
            .locked_by(poetry)
            .poetry_dependency("a", "*")
            .poetry_dependency("tool", optional())
            .poetry_dependency("audit", optional())
            .poetry_dependency("slow", optional())
            .poetry_dependency("win", optional())
            .extra("x", ["tool"])
            .extra("y", ["audit"])
            .extra("z", ["slow", "win"])
            .locked(package("a"))
            .locked(audit)
            .locked(package("deep").optional())
            .locked(package("fast").optional().requires("deep", "*"))
            .locked(package("slow").optional())
            .locked(tool)
            .locked(package("win").optional())
    };
    let old = read(&project("1.8.5"));
    let new = read(&project("2.1.4"));
    let names = |resolution, project, extras| {
        installed_by(resolution, project, "3.13", "main", extras).join(", ")
    };
    for (resolution, project) in [
        (Resolution::Locked, &old),
        (Resolution::Again, &old),
        (Resolution::Again, &new),
    ] {
        let names = |extras| names(resolution, project, extras);
        assert_eq!(names(""), "a 1");
        assert_eq!(names("x"), "a 1, deep 1, fast 1, tool 1");
        assert_eq!(names("y"), "a 1, audit 1, deep 1, fast 1, tool 1");
        assert_eq!(names("z"), "a 1, slow 1, win 1");
    }
    // Poetry 1 follows names alone.
    assert_eq!(
        names(Resolution::AgainByNames, &old, "x"),
        "a 1, deep 1, fast 1, slow 1, tool 1, win 1"
    );
    assert_eq!(
        names(Resolution::AgainByNames, &old, "z"),
        "a 1, slow 1, win 1"
    );
}

#[test]
fn a_package_is_installed_with_each_of_its_groups() {
    let project = Project::new("x")
        .group("dev", ["b", "{ include-group = \"lint\" }"])
        .group("lint", ["c"])
        .locked(package("a"))
        .locked(package("b").group("dev"))
        .locked(package("c").group("Lint"))
        .locked(package("d").group("main").group("dev"));
    let project = read(&project);
    let names = |groups| installed(&project, "3.13", groups, "").join(", ");
    assert_eq!(names("main"), "a 1, d 1");
    assert_eq!(names("dev"), "b 1, c 1, d 1");
    assert_eq!(names("lint"), "c 1");
    assert_eq!(names(""), "");
}

#[test]
fn the_markers_of_a_selected_group_must_hold() {
    let project = Project::new("x")
        .locked(package("linux").markers("sys_platform == \"linux\""))
        .locked(package("windows").markers("sys_platform == \"win32\""))
        .locked(package("old").markers("python_version < \"3.12\""))
        .locked(package("kernel").markers(LEFT))
        .locked(
            package("shared")
                .group("main")
                .group("dev")
                .group("test")
                .markers_of("main", "sys_platform == \"win32\"")
                .markers_of("dev", LEFT),
        );
    let project = read(&project);
    let names = |python, groups| installed(&project, python, groups, "");
    let kernel = format!("kernel 1; {LEFT}");
    let shared = format!("shared 1; {LEFT}");
    assert_eq!(names("3.13", "main"), [kernel.as_str(), "linux 1"]);
    assert_eq!(names("3.11", "main"), [kernel.as_str(), "linux 1", "old 1"]);
    assert_eq!(names("3.13", "dev"), [shared.as_str()]);
    assert_eq!(names("3.13", "dev test"), ["shared 1"]);
}

#[test]
fn extras_add_packages() {
    let lock = Lock::new()
        .package(package("a"))
        .package(
            package("b")
                .optional()
                .markers("extra == \"one\" or extra == \"two\""),
        )
        .package(
            package("both")
                .group("main")
                .group("dev")
                .markers_of("main", "extra == \"one\""),
        )
        .package(package("c").optional().requires("d", "*"))
        .package(package("d").optional())
        .package(package("lonely").optional())
        .extra("one", ["b", "both"])
        .extra("three", ["c"]);
    let project = read(&Project::new("x").with_locked(lock));
    let names = |groups, extras| installed(&project, "3.13", groups, extras).join(", ");
    assert_eq!(names("main", ""), "a 1");
    assert_eq!(names("main", "one"), "a 1, b 1, both 1");
    assert_eq!(names("main", "two"), "a 1, b 1");
    assert_eq!(names("main", "three"), "a 1, c 1, d 1");
    assert_eq!(names("dev", ""), "both 1");
}

#[test]
fn exclusive_extras_choose_a_version() {
    let cpu = "extra == \"cpu\" and extra != \"cuda\"";
    let cuda = "extra != \"cpu\" and extra == \"cuda\"";
    let project = Project::new("x")
        .locked(Package::new("torch", "2.3.1+cpu").optional().markers(cpu))
        .locked(
            Package::new("torch", "2.3.1+cu118")
                .optional()
                .markers(cuda),
        )
        .locked(package("default").markers("extra != \"cuda\""));
    let project = read(&project);
    let names = |extras| installed(&project, "3.13", "main", extras).join(", ");
    assert_eq!(names(""), "default 1");
    assert_eq!(names("cpu"), "default 1, torch 2.3.1+cpu");
    assert_eq!(names("cuda"), "torch 2.3.1+cu118");
    assert_eq!(names("cpu cuda"), "");
}

#[test]
fn older_locks_are_followed_from_the_selected_groups() {
    let project = older()
        .poetry_dependency("A", "*")
        .poetry_group(
            "dev",
            "b",
            Dependency::version("*").key("platform", "linux"),
        )
        .poetry_group(
            "dev",
            "win",
            Dependency::version("*").key("platform", "win32"),
        )
        .in_tool_poetry("dev-dependencies = { legacy = '*' }")
        .locked(
            package("a")
                .requires("shared", "*")
                .requires("Round_Trip", "*"),
        )
        .locked(package("b").requires("shared", "*"))
        .locked(package("legacy"))
        .locked(package("round-trip").requires("a", "*"))
        .locked(package("shared"))
        .locked(package("unneeded"))
        .locked(package("win"));
    let project = read(&project);
    let names = |groups| installed(&project, "3.13", groups, "").join(", ");
    assert_eq!(names("main"), "a 1, round-trip 1, shared 1");
    assert_eq!(names("dev"), "b 1, legacy 1, shared 1");
    assert_eq!(names(""), "");
}

#[test]
fn markers_in_older_locks_must_hold_along_a_path() {
    let marked = |marker: &str| Dependency::version("*").key("markers", marker);
    let project = older()
        .poetry_dependency("a", marked(LEFT))
        .poetry_dependency("b", marked("python_version < '3.12'"))
        .poetry_dependency("c", Dependency::version("*").key("python", ">=3.13.2"))
        .poetry_dependency("d", Dependency::version("*").key("python", "~3.12 || 3.11"))
        .locked(
            package("a")
                .requires("deep", marked(RIGHT))
                .requires("shared", "*"),
        )
        .locked(package("b").requires("shared", "*"))
        .locked(package("c").requires("deep", marked(LEFT)))
        .locked(package("d"))
        .locked(package("deep").requires("a", "*"))
        .locked(package("shared"));
    let project = read(&project);
    assert_eq!(
        installed(&project, "3.13", "main", ""),
        [
            format!("a 1; {LEFT}"),
            "c 1; python_full_version >= \"3.13.2\"".to_owned(),
            format!("deep 1; {RIGHT} and {LEFT} or {LEFT} and python_full_version >= \"3.13.2\""),
            format!("shared 1; {LEFT}"),
        ]
    );
    assert_eq!(
        installed(&project, "3.11.4", "main", ""),
        [
            format!("a 1; {LEFT}"),
            "b 1".to_owned(),
            "d 1".to_owned(),
            format!("deep 1; {RIGHT} and {LEFT}"),
            "shared 1".to_owned(),
        ]
    );
}

#[test]
fn extras_of_packages_in_older_locks_add_their_dependencies() {
    let extra = |name: &str| {
        let marker = format!("extra == \"{name}\"");
        Dependency::version("*").key("markers", &marker)
    };
    let project = older()
        .poetry_dependency("tool", Dependency::version("*").extras(["Fast_Mode"]))
        .poetry_dependency("again", "*")
        .poetry_group("dev", "tool", Dependency::version("*").extras(["slow"]))
        .locked(package("again").requires("tool", Dependency::version("*").extras(["own"])))
        .locked(
            package("tool")
                .requires("base", "*")
                .requires("fast", extra("fast-mode").optional())
                .requires("own", Dependency::version("*").optional())
                .requires("slow", extra("slow").optional())
                .requires("unlisted", Dependency::version("*").optional())
                .extra("fast-mode", ["fast (>=1)"])
                .extra("own", ["own"])
                .extra("slow", ["slow"]),
        )
        .locked(package("base"))
        .locked(package("fast"))
        .locked(package("own"))
        .locked(package("slow"))
        .locked(package("unlisted"));
    let project = read(&project);
    let names = |groups| installed(&project, "3.13", groups, "").join(", ");
    assert_eq!(names("main"), "again 1, base 1, fast 1, own 1, tool 1");
    assert_eq!(names("dev"), "base 1, slow 1, tool 1");
}

#[test]
fn extras_of_the_project_add_optional_packages_of_older_locks() {
    let optional = || Dependency::version("*").optional();
    let project = older()
        .poetry_dependency("a", optional())
        .poetry_dependency("b", optional())
        .poetry_dependency("lonely", optional())
        .poetry_group("dev", "b", "*")
        .extra("One", ["A"])
        .extra("two", ["b"])
        .locked(package("a").requires("deep", "*").optional())
        .locked(package("b"))
        .locked(package("deep").optional())
        .locked(package("lonely").optional());
    let project = read(&project);
    let names = |groups, extras| installed(&project, "3.13", groups, extras).join(", ");
    assert_eq!(names("main", ""), "");
    assert_eq!(names("main", "one"), "a 1, deep 1");
    assert_eq!(names("main", "one two"), "a 1, b 1, deep 1");
    assert_eq!(names("dev", ""), "b 1");
}

#[test]
fn the_environment_chooses_one_of_several_locked_versions() {
    let version = |version: &str, python: &str| Dependency::version(version).key("python", python);
    let marked = |version: &str, marker: &str| Dependency::version(version).key("markers", marker);
    let several = Dependency::several([
        version("~1.0", "<3.11"),
        version("1.5", ">=3.11,<3.13"),
        version("^2.0a1", ">=3.13"),
    ]);
    let project = older()
        .poetry_dependency("num", several)
        .poetry_dependency("user", "*")
        .locked(Package::new("num", "1.0.2"))
        .locked(Package::new("num", "1.5").requires("five", "*"))
        .locked(Package::new("num", "2.0rc1").requires("two", "*"))
        .locked(package("five"))
        .locked(package("two").requires("num", ">=1"))
        .locked(package("user").requires(
            "num",
            Dependency::several([
                marked(">=1.0", "python_version < \"3.12\""),
                marked(">=1.5", "python_version >= \"3.12\""),
            ]),
        ));
    let project = read(&project);
    let names = |python| installed(&project, python, "main", "").join(", ");
    assert_eq!(names("3.10"), "num 1.0.2, user 1");
    assert_eq!(names("3.11"), "five 1, num 1.5, user 1");
    assert_eq!(names("3.12"), "five 1, num 1.5, user 1");
    assert_eq!(names("3.13"), "num 2.0rc1, two 1, user 1");
}

#[test]
fn of_several_locked_versions_the_newest_for_the_python_is_chosen() {
    let project = older()
        .poetry_dependency("a", "*")
        .locked(Package::new("a", "1.9").python(">=3.8"))
        .locked(Package::new("a", "1.10").python(">=3.9.2"))
        .locked(Package::new("a", "2.0").python(">=3.12,<4.0"))
        .locked(Package::new("a", "3.0rc1"));
    let project = read(&project);
    let names = |python| installed(&project, python, "main", "").join(", ");
    assert_eq!(names("3.9.1"), "a 1.9");
    assert_eq!(names("3.9"), "a 1.10");
    assert_eq!(names("3.11"), "a 1.10");
    assert_eq!(names("3.12"), "a 2.0");
}

#[test]
fn the_source_of_a_dependency_chooses_one_of_several_locked_packages() {
    let on = |dependency: Dependency, platform: &str| dependency.key("platform", platform);
    let several = |linux: Dependency, windows: Dependency| {
        older()
            .poetry_dependency(
                "a",
                Dependency::several([on(linux, "linux"), on(windows, "win32")]),
            )
            .locked(Package::new("a", "1").directory("libs/a"))
            .locked(Package::new("a", "2").git("https://git.example/a", "0123"))
            .locked(Package::new("a", "3").index("corp", "https://index.example/simple"))
            .locked(Package::new("a", "4"))
    };
    let index = |version: &str| Dependency::version(version);
    for (dependency, expected) in [
        (Dependency::path("./libs/a"), "a 1"),
        (Dependency::git("https://git.example/a"), "a 2"),
        (Dependency::version("*").source("corp"), "a 3"),
        (index(">=3"), "a 4"),
        (index("<=3"), "a 3"),
    ] {
        let project = read(&several(dependency.clone(), index("*")));
        assert_eq!(
            installed(&project, "3.13", "main", ""),
            [expected],
            "{dependency}"
        );
    }
}

#[test]
fn standard_dependencies_of_older_locks_are_followed() {
    let pyproject = r#"
        [project]
        name = "x"
        dependencies = [
          "a[fast] (>=1) ; python_version >= '3.12'",
          "b ; python_version < '3.12'",
          "c",
        ]
        [project.optional-dependencies]
        more = ["d @ https://host.example/d-1.zip ; sys_platform == 'linux'"]
        all = ["X[more]", "e; sys_platform == 'win32'"]
        [dependency-groups]
        dev = ["e"]
        [tool.poetry.dependencies]
        c = [{ markers = "sys_platform == 'linux'", version = "<2" }, { markers = "sys_platform == 'win32'" }]
    "#;
    let lock = Lock::new()
        .by("1.8.5")
        .package(
            package("a")
                .requires("fast", Dependency::version("*").optional())
                .extra("fast", ["fast"]),
        )
        .package(package("b"))
        .package(package("c"))
        .package(Package::new("c", "2"))
        .package(package("d"))
        .package(package("e"))
        .package(package("fast"));
    let project = parsed(pyproject, &lock.text(""));
    let names = |groups, extras| installed(&project, "3.13", groups, extras).join(", ");
    assert_eq!(names("main", ""), "a 1, c 1, fast 1");
    assert_eq!(names("main", "all"), "a 1, c 1, d 1, fast 1");
    assert_eq!(names("dev", ""), "e 1");
}
