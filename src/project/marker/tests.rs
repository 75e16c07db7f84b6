//! Markers in every notation, and what remains of them.

use std::collections::BTreeSet;

use super::{Residue, can_hold, marker_holds, residue};
use crate::project::environment::{Environment, Libc};
use crate::project::version::PythonVersion;

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const U: Option<bool> = None;

fn environment(python: &str, machine: &str) -> Environment {
    Environment {
        python: Some(PythonVersion::parse(python).unwrap()),
        machine: machine.to_owned(),
        libc: Libc::Glibc(2, 36),
    }
}

/// The expected values are for each of these environments, with the extra `a-b`.
fn check(rows: &[(&str, [Option<bool>; 3])]) {
    let environments = [
        environment("3.13", "x86_64"),
        environment("3.13.5", "aarch64"),
        environment("3.9", "x86_64"),
    ];
    let extras = BTreeSet::from(["a-b".to_owned()]);
    for (marker, expected) in rows {
        let found = [0, 1, 2].map(|number| marker_holds(marker, &environments[number], &extras));
        assert_eq!(found, *expected, "{marker}");
    }
}

/// The values of `packaging` 26.4, for all patch releases and kernels where these are unknown.
#[test]
fn markers_of_python_are_evaluated_as_by_pip() {
    check(&[
        (r#"python_version >= "3.10""#, [T, T, F]),
        (r#"python_version < "3.10""#, [F, F, T]),
        (r#"python_version == "3.13""#, [T, T, F]),
        (r#"python_version == "3.13.0""#, [T, T, F]),
        (r#"python_version == "3.13.*""#, [T, T, F]),
        (r#"python_version == "3.*""#, [T, T, T]),
        (r#"python_version == "3""#, [F, F, F]),
        (r#"python_version != "3.13""#, [F, F, T]),
        (r#"python_version != "3.12.*""#, [T, T, T]),
        (r#"python_version > "3.13""#, [F, F, F]),
        (r#"python_version > "3.9""#, [T, T, F]),
        (r#"python_version <= "3.13""#, [T, T, T]),
        (r#"python_version < "3.13.1""#, [T, T, T]),
        (r#"python_version >= "3.13.1""#, [F, F, F]),
        (r#"python_version ~= "3.12""#, [T, T, F]),
        (r#"python_version ~= "3.13.0""#, [T, T, F]),
        (r#"python_version ~= "3.14""#, [F, F, F]),
        (r#"python_version === "3.13""#, [T, T, F]),
        (r#""3.10" <= python_version"#, [T, T, F]),
        (r#""3.13" == python_version"#, [T, T, F]),
        (r#""3.14" > python_version"#, [T, T, T]),
        (r#""3.14" <= python_version"#, [F, F, F]),
        (r#"python_version < "4""#, [T, T, T]),
        (r#"python_version < "3.13rc1""#, [F, F, T]),
        (
            r#"python_version<"3.14"and python_version>='3.10'"#,
            [T, T, F],
        ),
        (r#"python_full_version >= "3.10.0""#, [T, T, F]),
        (r#"python_full_version >= "3.13.4""#, [U, T, F]),
        (r#"python_full_version < "3.13.4""#, [U, F, T]),
        (r#"python_full_version == "3.13.5""#, [U, T, F]),
        (r#"python_full_version != "3.13.5""#, [U, F, T]),
        (r#"python_full_version == "3.13.*""#, [T, T, F]),
        (r#"python_full_version < "3.13""#, [F, F, T]),
        (r#"python_full_version >= "3.13""#, [T, T, F]),
        (r#"python_full_version > "3.13""#, [U, T, F]),
        (r#"python_full_version <= "3.13.0""#, [U, F, T]),
        (r#"python_full_version < "3.14.0""#, [T, T, T]),
        (r#"python_full_version < "3.13.0""#, [F, F, T]),
        (r#"python_full_version != "3.12.3""#, [T, T, T]),
        (r#"python_full_version ~= "3.13.2""#, [U, T, F]),
        (r#"python_full_version ~= "3.12.2""#, [F, F, F]),
        (r#"implementation_version >= "3.9""#, [T, T, T]),
        (r#"implementation_version < "3.13.4""#, [U, F, T]),
    ]);
}

#[test]
fn markers_of_platforms_and_extras_are_evaluated_as_by_pip() {
    check(&[
        (r#"os_name == "posix""#, [T, T, T]),
        (r#"os_name == "nt""#, [F, F, F]),
        (r"os_name != 'nt'", [T, T, T]),
        (r#""posix" == os_name"#, [T, T, T]),
        (r#"sys_platform == "linux""#, [T, T, T]),
        (r#"sys_platform != "win32""#, [T, T, T]),
        (r#"sys_platform == "Linux""#, [F, F, F]),
        (r#"platform_system == "Linux""#, [T, T, T]),
        (r#"platform_system == "linux""#, [F, F, F]),
        (
            r#"platform_system != "Windows" and platform_system != "Darwin""#,
            [T, T, T],
        ),
        (r#"platform_machine == "x86_64""#, [T, F, T]),
        (r"platform_machine == 'aarch64'", [F, T, F]),
        (
            r#"platform_machine != "x86_64" and platform_machine != "aarch64""#,
            [F, F, F],
        ),
        (r#""86" in platform_machine"#, [T, F, T]),
        (r#""arm" not in platform_machine"#, [T, T, T]),
        (r#"platform_machine in "x86_64, AMD64""#, [T, F, T]),
        (r#"platform_machine not in "x86_64 AMD64""#, [F, T, F]),
        (r#"sys_platform in "linux darwin""#, [T, T, T]),
        (r#"platform_python_implementation == "CPython""#, [T, T, T]),
        (r#"platform_python_implementation != "PyPy""#, [T, T, T]),
        (r#"implementation_name == "cpython""#, [T, T, T]),
        (
            r#"implementation_name == "pypy" or sys_platform == "linux""#,
            [T, T, T],
        ),
        (r#"os.name == "posix""#, [T, T, T]),
        (r#"sys.platform == "linux""#, [T, T, T]),
        (r#"platform.machine == "x86_64""#, [T, F, T]),
        (r#"python_implementation == "CPython""#, [T, T, T]),
        (r#"platform.python_implementation == "PyPy""#, [F, F, F]),
        (r#"platform_release >= "5.0""#, [U, U, U]),
        (r#"platform_version == "1""#, [U, U, U]),
        (r#""tegra" in platform_release"#, [U, U, U]),
        (
            r#"platform_release >= "5" and sys_platform == "win32""#,
            [F, F, F],
        ),
        (
            r#"platform_release >= "5" or sys_platform == "linux""#,
            [T, T, T],
        ),
        (
            r#"platform_release >= "5" and sys_platform == "linux""#,
            [U, U, U],
        ),
        (r#"extra == "a-b""#, [T, T, T]),
        (r#"extra == "A_B""#, [T, T, T]),
        (r#"extra == "A.b" and python_version >= "3.9""#, [T, T, T]),
        (r#"extra != "a-b""#, [F, F, F]),
        (r#"extra == "c""#, [F, F, F]),
        (r#"extra != "c""#, [T, T, T]),
        (r#""a-b" == extra"#, [T, T, T]),
        (r#"extra == "c" or extra == "a-b""#, [T, T, T]),
        (r#"extra == "c" and platform_release == "1""#, [F, F, F]),
        (
            r#"(extra == "c" or extra == "a-b") and sys_platform == "linux""#,
            [T, T, T],
        ),
        (
            r#"sys_platform == "win32" or sys_platform == "linux" and extra == "c""#,
            [F, F, F],
        ),
        (
            r#"(sys_platform == "win32" or sys_platform == "linux") and extra == "a-b""#,
            [T, T, T],
        ),
        (r#"((os_name == "posix"))"#, [T, T, T]),
        (r#"sys_platform ~= "linux""#, [U, U, U]),
    ]);
}

/// The values of poetry-core 2.1.3, where `packaging` looks for a substring or rejects the marker.
#[test]
fn lists_are_evaluated_as_by_poetry() {
    check(&[
        (r#"python_version in "3.8, 3.9""#, [F, F, T]),
        (r#"python_version in "3.13""#, [T, T, F]),
        (r#"python_version in "3.1""#, [F, F, F]),
        (r#"python_version in "3""#, [T, T, T]),
        (r#"python_version not in "3.13, 3.12""#, [F, F, T]),
        (r#"python_version in "3.12 || 3.13""#, [T, T, F]),
        (r#"python_full_version in "3.13.4, 3.13.5""#, [U, T, F]),
        (r#"python_full_version in "3.13""#, [T, T, F]),
        (r#"python_full_version not in "3.12.1""#, [T, T, T]),
        (r#""3.9" in python_version"#, [F, F, T]),
        (r#"python_version >= "3.9.*""#, [T, T, T]),
        (r#"platform_machine in "x86_64_v2""#, [F, F, F]),
        (r#"sys_platform in "linux2,win32""#, [F, F, F]),
        ("<empty>", [F, F, F]),
        ("*", [T, T, T]),
    ]);
}

#[test]
fn markers_that_cannot_be_evaluated_are_unknown() {
    check(&[
        ("", [T, T, T]),
        (r#"extra in "c, A_B""#, [T, T, T]),
        (r#"extra not in "a-b c""#, [F, F, F]),
        (r#""A.B" in extras"#, [T, T, T]),
        (r#""c" in extras"#, [F, F, F]),
        (r#"unknown == "1""#, [U, U, U]),
        (r#"python_version == "3.12, 3.13""#, [U, U, U]),
        (r#"python_version == "new""#, [U, U, U]),
        (r#"sys_platform > "linux""#, [U, U, U]),
        ("os_name == 'posix' or", [U, U, U]),
        ("os_name = 'posix'", [U, U, U]),
        ("'posix'", [U, U, U]),
    ]);
    let nested = "(".repeat(100_000) + "os_name == 'nt'" + &")".repeat(100_000);
    check(&[(&nested, [U, U, U])]);
}

#[test]
fn two_spellings_leave_the_same_residue() {
    let environment = environment("3.13", "x86_64");
    let residue = |marker: &str| residue(marker, &environment, &BTreeSet::new());
    let kernel = r#"platform_release >= "5""#;
    let patch = r#"python_full_version < "3.13.4""#;
    for (marker, expected) in [
        ("platform_release>='5'".to_owned(), kernel.to_owned()),
        (
            format!("'5' <= platform_release and {kernel}"),
            kernel.to_owned(),
        ),
        (
            format!("os_name == 'posix' and ({kernel} or os_name == 'nt')"),
            kernel.to_owned(),
        ),
        (
            format!("{kernel} and {patch}"),
            format!("{kernel} and {patch}"),
        ),
        (
            format!("{patch} and {kernel}"),
            format!("{kernel} and {patch}"),
        ),
        (
            format!("{patch} or ({kernel})"),
            format!("{kernel} or {patch}"),
        ),
        (format!("{patch} or {kernel} and {patch}"), patch.to_owned()),
        (
            format!("({patch} or {kernel}) and {patch}"),
            patch.to_owned(),
        ),
        (
            format!("{patch} and ({kernel} or '1' in platform_version)"),
            format!("{patch} and (\"1\" in platform_version or {kernel})"),
        ),
        (
            format!("({kernel} and '1' in platform_version) or {patch}"),
            format!("{patch} or \"1\" in platform_version and {kernel}"),
        ),
        (
            "platform.version == '\"'".to_owned(),
            "platform_version == '\"'".to_owned(),
        ),
        (" a or  ".to_owned(), "a or".to_owned()),
    ] {
        assert_eq!(residue(&marker), Residue::Unknown(expected), "{marker}");
    }
    assert_eq!(residue("os_name == 'posix'"), Residue::True);
    assert_eq!(residue("os_name == 'nt' and a == 'b'"), Residue::False);
}

#[test]
fn without_an_environment_only_extras_are_evaluated() {
    let extras = BTreeSet::from(["a-b".to_owned()]);
    for (marker, expected) in [
        ("extra == \"a-b\"", true),
        ("extra == 'A_b'", true),
        ("extra == \"c\"", false),
        ("extra != \"c\"", true),
        ("\"c\" == extra", false),
        ("python_version >= \"3.10\"", true),
        ("extra == \"c\" or python_version >= \"3.10\"", true),
        ("extra == \"c\" and python_version >= \"3.10\"", false),
        (
            "(extra == \"c\" or extra == \"d\") and sys_platform == \"a or b\"",
            false,
        ),
        (
            "extra == \"c\" or extra == \"a-b\" and os_name == \"posix\"",
            true,
        ),
        ("platform_system not in \"x\" and extra == \"c\"", false),
        ("sys_platform == \"win32\"", true),
        ("", true),
        ("(extra == \"c\"", true),
        ("extra == \"c\") or", true),
        ("extra ==", true),
        ("'", true),
    ] {
        assert_eq!(can_hold(marker, &extras), expected, "{marker}");
    }
}
