//! The projects, and what each selection of their dependencies installs.

use std::fmt;

use poetry_frontend::project::PoetryVersion;

use super::proof::Column;

/// One kind of project.
pub(crate) struct Case {
    /// What it shows.
    pub(crate) name: &'static str,
    /// The first Poetry that knows what it is made of.
    pub(crate) since: PoetryVersion,
    /// Its `pyproject.toml`. `@INDEX@` is where the indexes are, `@REPOSITORY@` a Git repository; without a source
    /// of its own it gets the first index as its only one.
    pub(crate) pyproject: &'static str,
    /// What one more group, which is never selected, also depends on when the pair must not change. Poetry 2.0 to 2.2
    /// may forget the markers that other groups put on such a package, so it is left out there.
    pub(crate) unselected: &'static str,
    /// What is selected of it. The first is what the short test installs.
    pub(crate) selections: &'static [Chosen],
}

impl Case {
    /// Whether the lock is no lock for the Poetry that installs: from 2.0 on its hash covers `[project]` too.
    pub(crate) fn is_refused(&self, column: Column) -> bool {
        let [locks, installs] = column.releases();
        self.pyproject.contains("[project]") && locks < POETRY_2 && installs >= POETRY_2
    }
}

/// A selection.
pub(crate) struct Chosen {
    pub(crate) groups: &'static [&'static str],
    pub(crate) extras: Extras,
    /// The distributions that are installed, in the order of their names; found out by hand.
    pub(crate) installed: &'static [&'static str],
    /// What some releases of Poetry install instead, which is theirs to say.
    pub(crate) or_else: Option<(Theirs, &'static [&'static str])>,
    /// A file of the environment, and what it must contain.
    pub(crate) shows: Option<(&'static str, &'static str)>,
}

/// Why Poetry installs something else than the project says.
#[derive(Clone, Copy)]
pub(crate) enum Theirs {
    /// Poetry 1 does not know `[project]`.
    NoProject,
    /// From 2.3 on the markers in a lock decide (`installer.re-resolve` is off), and they are not the main group's own where
    /// several groups depend on the same versions of a package: before it locks, Poetry merges these dependencies into the
    /// first, which then has the markers of all (`puzzle/provider.py`, `_merge_dependencies_by_constraint`).
    MergedMarkers,
    /// From 2.3 on the markers in a lock decide, and in those that 2.0 to 2.2 wrote all groups have the same.
    SharedMarkers,
}

impl Theirs {
    fn is_of(self, column: Column) -> bool {
        let [locks, installs] = column.releases();
        let by_lock = locks >= POETRY_2 && installs >= POETRY_2_3;
        match self {
            Self::NoProject => installs < POETRY_2,
            Self::MergedMarkers => by_lock,
            Self::SharedMarkers => by_lock && locks < POETRY_2_3,
        }
    }
}

impl Chosen {
    /// What is installed by the releases of a column.
    pub(crate) fn expected(&self, column: Column) -> &'static [&'static str] {
        match self.or_else {
            Some((theirs, installed)) if theirs.is_of(column) => installed,
            _ => self.installed,
        }
    }

    /// Whether any release of the distribution is among what is installed.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut names = self
            .installed
            .iter()
            .filter_map(|one| one.split(' ').next());
        names.any(|one| one == name)
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "groups {}", self.groups.join(", "))?;
        match self.extras {
            Extras::These([]) => Ok(()),
            Extras::These(names) => write!(f, ", extras {}", names.join(", ")),
            Extras::All => f.write_str(", all extras"),
        }
    }
}

pub(crate) enum Extras {
    These(&'static [&'static str]),
    All,
}

const fn groups(groups: &'static [&'static str], installed: &'static [&'static str]) -> Chosen {
    Chosen {
        groups,
        extras: Extras::These(&[]),
        installed,
        or_else: None,
        shows: None,
    }
}

const fn main(installed: &'static [&'static str]) -> Chosen {
    groups(&["main"], installed)
}

const fn extras(extras: &'static [&'static str], installed: &'static [&'static str]) -> Chosen {
    Chosen {
        extras: Extras::These(extras),
        ..main(installed)
    }
}

const fn all_extras(installed: &'static [&'static str]) -> Chosen {
    Chosen {
        extras: Extras::All,
        ..main(installed)
    }
}

const fn or_else(chosen: Chosen, theirs: Theirs, installed: &'static [&'static str]) -> Chosen {
    Chosen {
        or_else: Some((theirs, installed)),
        ..chosen
    }
}

const fn showing(chosen: Chosen, file: &'static str, text: &'static str) -> Chosen {
    Chosen {
        shows: Some((file, text)),
        ..chosen
    }
}

const POETRY_1: PoetryVersion = PoetryVersion::new(1, 8, 0);
pub(crate) const POETRY_2: PoetryVersion = PoetryVersion::new(2, 0, 0);
/// `[dependency-groups]` and `include-groups`.
const POETRY_2_2: PoetryVersion = PoetryVersion::new(2, 2, 0);
/// `build-constraints`, and locks with the markers of each group.
pub(crate) const POETRY_2_3: PoetryVersion = PoetryVersion::new(2, 3, 0);

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "groups of Poetry's own, one of them optional",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
chain = "^1.0"

[tool.poetry.group.dev.dependencies]
devtool = "1.0"

[tool.poetry.group.docs]
optional = true

[tool.poetry.group.docs.dependencies]
doctool = "*"
"#,
        unselected: "chain",
        selections: &[
            groups(
                &["main", "docs"],
                &["chain 1.0", "doctool 1.0", "leaf 1.0", "plain 1.1"],
            ),
            main(&["chain 1.0", "leaf 1.0"]),
            groups(&["main", "dev"], &["chain 1.0", "devtool 1.0", "leaf 1.0"]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
            groups(&["docs"], &["doctool 1.0", "plain 1.1"]),
            groups(
                &["main", "dev", "docs"],
                &[
                    "chain 1.0",
                    "devtool 1.0",
                    "doctool 1.0",
                    "leaf 1.0",
                    "plain 1.1",
                ],
            ),
        ],
    },
    Case {
        name: "extras of optional dependencies",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
plain = "1.0"
opt-a = { version = "^1.0", optional = true }
opt-b = { version = "^1.0", optional = true }

[tool.poetry.extras]
a = ["opt-a"]
b = ["opt-b"]
every = ["opt-a", "opt-b"]
none = []

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            extras(&["a"], &["opt-a 1.0", "opt-deep 1.0", "plain 1.0"]),
            main(&["plain 1.0"]),
            extras(&["b"], &["opt-b 1.0", "plain 1.0"]),
            extras(
                &["a", "b"],
                &["opt-a 1.0", "opt-b 1.0", "opt-deep 1.0", "plain 1.0"],
            ),
            extras(
                &["every"],
                &["opt-a 1.0", "opt-b 1.0", "opt-deep 1.0", "plain 1.0"],
            ),
            extras(&["none"], &["plain 1.0"]),
            all_extras(&["opt-a 1.0", "opt-b 1.0", "opt-deep 1.0", "plain 1.0"]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
            Chosen {
                groups: &["main", "dev"],
                ..extras(
                    &["b"],
                    &["devtool 1.0", "leaf 1.0", "opt-b 1.0", "plain 1.0"],
                )
            },
        ],
    },
    Case {
        name: "optional dependencies alone",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
opt-a = { version = "^1.0", optional = true }
opt-b = { version = "^1.0", optional = true }

[tool.poetry.extras]
a = ["opt-a"]
b = ["opt-b"]

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "opt-b",
        selections: &[
            main(&[]),
            extras(&["a"], &["opt-a 1.0", "opt-deep 1.0"]),
            all_extras(&["opt-a 1.0", "opt-b 1.0", "opt-deep 1.0"]),
            groups(&["main", "dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "an extra's dependency that a group needs too",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
plain = "1.0"
opt-a = { version = "^1.0", optional = true }

[tool.poetry.extras]
a = ["opt-a"]

[tool.poetry.group.dev.dependencies]
opt-a = "*"
opt-b = "*"
"#,
        unselected: "opt-deep",
        selections: &[
            or_else(
                main(&["plain 1.0"]),
                Theirs::SharedMarkers,
                &["opt-a 1.0", "opt-deep 1.0", "plain 1.0"],
            ),
            extras(&["a"], &["opt-a 1.0", "opt-deep 1.0", "plain 1.0"]),
            groups(&["dev"], &["opt-a 1.0", "opt-b 1.0", "opt-deep 1.0"]),
            groups(
                &["main", "dev"],
                &["opt-a 1.0", "opt-b 1.0", "opt-deep 1.0", "plain 1.0"],
            ),
        ],
    },
    Case {
        name: "dev-dependencies",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
plain = "*"

[tool.poetry.dev-dependencies]
devtool = "1.0"
"#,
        unselected: "devtool",
        selections: &[
            groups(&["main", "dev"], &["devtool 1.0", "leaf 1.0", "plain 1.1"]),
            main(&["plain 1.1"]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "nothing in the main group",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"

[tool.poetry.group.tools.dependencies]
chain = "*"

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "leaf",
        selections: &[
            groups(&["main", "tools"], &["chain 1.0", "leaf 1.0"]),
            groups(&["tools"], &["chain 1.0", "leaf 1.0"]),
            main(&[]),
        ],
    },
    Case {
        name: "several constraints of one dependency",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
multi = [
    { version = "1.0", python = "<3.10" },
    { version = "2.0", python = ">=3.10" },
]
backport = { version = "*", python = "<3.10" }
win-only = { version = "*", markers = "sys_platform == 'win32'" }

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            main(&["leaf 1.0", "multi 2.0"]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
            groups(&["main", "dev"], &["devtool 1.0", "leaf 1.0", "multi 2.0"]),
        ],
    },
    Case {
        name: "a group for another version of a main dependency on other systems",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
plain = "*"
multi = { version = "2.0", markers = "sys_platform == 'linux'" }

[tool.poetry.group.dev.dependencies]
multi = { version = "1.0", markers = "sys_platform == 'win32'" }
devtool = "1.0"
"#,
        unselected: "backport",
        selections: &[
            groups(
                &["main", "dev"],
                &["devtool 1.0", "leaf 1.0", "multi 2.0", "plain 1.1"],
            ),
            main(&["leaf 1.0", "multi 2.0", "plain 1.1"]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "one package in two groups with different markers",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
plain = "*"
chain = { version = "*", markers = "sys_platform == 'win32'" }

[tool.poetry.group.dev.dependencies]
chain = { version = "*", markers = "sys_platform == 'linux'" }

[tool.poetry.group.test.dependencies]
chain = "*"
"#,
        unselected: "chain",
        selections: &[
            groups(&["main", "dev"], &["chain 1.0", "leaf 1.0", "plain 1.1"]),
            or_else(
                main(&["plain 1.1"]),
                Theirs::MergedMarkers,
                &["chain 1.0", "leaf 1.0", "plain 1.1"],
            ),
            groups(&["dev"], &["chain 1.0", "leaf 1.0"]),
            groups(&["test"], &["chain 1.0", "leaf 1.0"]),
            groups(&["dev", "test"], &["chain 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "a dependency's extras and markers",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
toolbox = { version = "^1.0", extras = ["fast"] }

[tool.poetry.group.dev.dependencies]
toolbox = { version = "*", extras = ["slow"] }
"#,
        unselected: "toolbox",
        selections: &[
            main(&["chain 1.0", "leaf 1.0", "speedup 1.0", "toolbox 1.0"]),
            groups(&["dev"], &["leaf 1.0", "opt-b 1.0", "toolbox 1.0"]),
            groups(
                &["main", "dev"],
                &[
                    "chain 1.0",
                    "leaf 1.0",
                    "opt-b 1.0",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
        ],
    },
    Case {
        name: "a dependency that only a group wants with an extra",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
toolbox = "*"

[tool.poetry.group.dev.dependencies]
toolbox = { version = "*", extras = ["fast"] }
devtool = "1.0"
"#,
        unselected: "backport",
        selections: &[
            main(&["leaf 1.0", "toolbox 1.0"]),
            groups(
                &["dev"],
                &[
                    "chain 1.0",
                    "devtool 1.0",
                    "leaf 1.0",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
            groups(
                &["main", "dev"],
                &[
                    "chain 1.0",
                    "devtool 1.0",
                    "leaf 1.0",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
        ],
    },
    Case {
        name: "names that are not normalised",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "My.App"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
"Foo.Bar_baz" = "*"
Opt_A = { version = "*", optional = true }

[tool.poetry.extras]
With_A = ["opt.a"]

[tool.poetry.group.QA_Team.dependencies]
DevTool = "1.0"
"#,
        unselected: "FOO-bar.baz",
        selections: &[
            Chosen {
                groups: &["main", "QA_Team"],
                ..extras(
                    &["With_A"],
                    &[
                        "Foo.Bar_baz 1.0",
                        "Odd_Name 1.0",
                        "devtool 1.0",
                        "leaf 1.0",
                        "opt-a 1.0",
                        "opt-deep 1.0",
                    ],
                )
            },
            main(&["Foo.Bar_baz 1.0", "Odd_Name 1.0"]),
            extras(
                &["with-a"],
                &[
                    "Foo.Bar_baz 1.0",
                    "Odd_Name 1.0",
                    "opt-a 1.0",
                    "opt-deep 1.0",
                ],
            ),
            groups(&["QA_Team"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "a wheel by its address",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
direct = { url = "@INDEX@/first/files/direct-1.0-py3-none-any.whl" }

[tool.poetry.group.dev.dependencies]
opt-b = { url = "@INDEX@/second/files/opt_b-9.0-py3-none-any.whl" }
"#,
        unselected: "plain",
        selections: &[
            showing(
                main(&["direct 1.0", "leaf 1.0"]),
                "direct-1.0.dist-info/direct_url.json",
                "/first/files/direct-1.0",
            ),
            groups(&["dev"], &["opt-b 9.0"]),
            groups(&["main", "dev"], &["direct 1.0", "leaf 1.0", "opt-b 9.0"]),
        ],
    },
    Case {
        name: "a wheel and a project by their paths",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
direct = { path = "vendor/direct-1.0-py3-none-any.whl" }
beside = { path = "beside", develop = true }

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            // Not `beside` itself: its wheel is another stage's.
            showing(
                main(&["chain 1.0", "direct 1.0", "leaf 1.0"]),
                "direct-1.0.dist-info/direct_url.json",
                "vendor/direct-1.0",
            ),
            groups(
                &["main", "dev"],
                &["chain 1.0", "devtool 1.0", "direct 1.0", "leaf 1.0"],
            ),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "a Git repository",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
versioned = { git = "@REPOSITORY@", branch = "main" }

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            showing(
                main(&["leaf 1.0", "versioned 1.0"]),
                "versioned-1.0.dist-info/direct_url.json",
                "commit_id",
            ),
            groups(
                &["main", "dev"],
                &["devtool 1.0", "leaf 1.0", "versioned 1.0"],
            ),
        ],
    },
    Case {
        name: "a source archive that is built",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
fromsource = "*"

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "fromsource",
        selections: &[
            showing(
                main(&["fromsource 1.0", "leaf 1.0"]),
                "fromsource/__init__.py",
                "buildhelper 2.0",
            ),
            groups(
                &["main", "dev"],
                &["devtool 1.0", "fromsource 1.0", "leaf 1.0"],
            ),
        ],
    },
    Case {
        name: "a second source, and each dependency's own",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
plain = "*"
private = { version = "^1.0", source = "Second.Index" }

[tool.poetry.group.dev.dependencies]
opt-b = { version = "*", source = "Second.Index" }
devtool = "1.0"

[[tool.poetry.source]]
name = "first"
url = "@INDEX@/first/simple/"
priority = "primary"

[[tool.poetry.source]]
name = "Second.Index"
url = "@INDEX@/second/simple/"
priority = "explicit"
"#,
        unselected: "doctool",
        selections: &[
            groups(
                &["main", "dev"],
                &[
                    "devtool 1.0",
                    "leaf 1.0",
                    "opt-b 9.0",
                    "plain 1.1",
                    "private 1.0",
                ],
            ),
            main(&["leaf 1.0", "plain 1.1", "private 1.0"]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0", "opt-b 9.0"]),
        ],
    },
    Case {
        name: "no package",
        since: POETRY_1,
        pyproject: r#"
[tool.poetry]
package-mode = false

[tool.poetry.dependencies]
python = "^3.9"
chain = "*"
opt-b = { version = "*", optional = true }

[tool.poetry.extras]
b = ["opt-b"]

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            groups(&["main", "dev"], &["chain 1.0", "devtool 1.0", "leaf 1.0"]),
            main(&["chain 1.0", "leaf 1.0"]),
            extras(&["b"], &["chain 1.0", "leaf 1.0", "opt-b 1.0"]),
        ],
    },
    Case {
        name: "[project]",
        since: POETRY_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = [
    "plain (>=1.0,<2.0)",
    "multi (==1.0) ; python_version < '3.10'",
    "multi (==2.0) ; python_version >= '3.10'",
    "toolbox[fast]",
]

[tool.poetry]
requires-poetry = ">=2.0"

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            main(&[
                "chain 1.0",
                "leaf 1.0",
                "multi 2.0",
                "plain 1.1",
                "speedup 1.0",
                "toolbox 1.0",
            ]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
            groups(
                &["main", "dev"],
                &[
                    "chain 1.0",
                    "devtool 1.0",
                    "leaf 1.0",
                    "multi 2.0",
                    "plain 1.1",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
        ],
    },
    Case {
        name: "[project] with extras",
        since: POETRY_2,
        pyproject: r#"
[project]
name = "My_App"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = ["plain"]

[project.optional-dependencies]
a = ["opt-a"]
B_b = ["opt-b", "toolbox[fast] ; python_version >= '3.9'"]

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "leaf",
        selections: &[
            extras(&["a"], &["opt-a 1.0", "opt-deep 1.0", "plain 1.1"]),
            main(&["plain 1.1"]),
            extras(
                &["b-b"],
                &[
                    "chain 1.0",
                    "leaf 1.0",
                    "opt-b 1.0",
                    "plain 1.1",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
            all_extras(&[
                "chain 1.0",
                "leaf 1.0",
                "opt-a 1.0",
                "opt-b 1.0",
                "opt-deep 1.0",
                "plain 1.1",
                "speedup 1.0",
                "toolbox 1.0",
            ]),
            Chosen {
                groups: &["main", "dev"],
                ..extras(
                    &["a"],
                    &[
                        "devtool 1.0",
                        "leaf 1.0",
                        "opt-a 1.0",
                        "opt-deep 1.0",
                        "plain 1.1",
                    ],
                )
            },
        ],
    },
    Case {
        name: "[project] with extras alone",
        since: POETRY_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"

[project.optional-dependencies]
a = ["opt-a"]
b = ["opt-b"]

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            extras(&["a"], &["opt-a 1.0", "opt-deep 1.0"]),
            main(&[]),
            all_extras(&["opt-a 1.0", "opt-b 1.0", "opt-deep 1.0"]),
            groups(&["main", "dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "[project] with sources in [tool.poetry.dependencies]",
        since: POETRY_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = ["plain", "private (>=1.0)"]

[project.optional-dependencies]
b = ["opt-b"]

[tool.poetry.dependencies]
private = { source = "second" }
opt-b = { source = "second" }

[tool.poetry.group.dev.dependencies]
devtool = "1.0"

[[tool.poetry.source]]
name = "first"
url = "@INDEX@/first/simple/"
priority = "primary"

[[tool.poetry.source]]
name = "second"
url = "@INDEX@/second/simple/"
priority = "explicit"
"#,
        unselected: "chain",
        selections: &[
            extras(
                &["b"],
                &["leaf 1.0", "opt-b 9.0", "plain 1.1", "private 1.0"],
            ),
            main(&["leaf 1.0", "plain 1.1", "private 1.0"]),
            groups(
                &["main", "dev"],
                &["devtool 1.0", "leaf 1.0", "plain 1.1", "private 1.0"],
            ),
        ],
    },
    Case {
        name: "[project] with extras alone, their sources in [tool.poetry.dependencies]",
        since: POETRY_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = []

[project.optional-dependencies]
a = ["opt-a"]
b = ["opt-b"]

[tool.poetry.dependencies]
opt-b = { source = "second" }

[tool.poetry.group.dev.dependencies]
devtool = "1.0"

[[tool.poetry.source]]
name = "first"
url = "@INDEX@/first/simple/"
priority = "primary"

[[tool.poetry.source]]
name = "second"
url = "@INDEX@/second/simple/"
priority = "explicit"
"#,
        unselected: "plain",
        selections: &[
            main(&[]),
            extras(&["a"], &["opt-a 1.0", "opt-deep 1.0"]),
            extras(&["b"], &["opt-b 9.0"]),
            all_extras(&["opt-a 1.0", "opt-b 9.0", "opt-deep 1.0"]),
            groups(&["main", "dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "[project] with an empty list, and [tool.poetry.dependencies]",
        since: POETRY_1,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = []

[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = ">=3.9"
plain = "^1.0"
chain = { version = "*", optional = true }

[tool.poetry.extras]
c = ["chain"]

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "doctool",
        selections: &[
            // Poetry takes the empty list for none.
            main(&["plain 1.1"]),
            extras(&["c"], &["chain 1.0", "leaf 1.0", "plain 1.1"]),
            groups(&["main", "dev"], &["devtool 1.0", "leaf 1.0", "plain 1.1"]),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "[project] beside a [tool.poetry] for older releases",
        since: POETRY_1,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = ["chain"]

[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = ">=3.9"
chain = "^1.0"
plain = "^1.0"

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "doctool",
        selections: &[
            // Poetry 2 takes only the dependencies that `[project]` names.
            or_else(
                main(&["chain 1.0", "leaf 1.0"]),
                Theirs::NoProject,
                &["chain 1.0", "leaf 1.0", "plain 1.1"],
            ),
            groups(&["dev"], &["devtool 1.0", "leaf 1.0"]),
        ],
    },
    Case {
        name: "dynamic dependencies",
        since: POETRY_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dynamic = ["dependencies", "optional-dependencies"]

[tool.poetry.dependencies]
plain = "^1.0"
chain = { version = "*", optional = true }

[tool.poetry.extras]
c = ["chain"]

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "chain",
        selections: &[
            extras(&["c"], &["chain 1.0", "leaf 1.0", "plain 1.1"]),
            main(&["plain 1.1"]),
            groups(&["main", "dev"], &["devtool 1.0", "leaf 1.0", "plain 1.1"]),
        ],
    },
    Case {
        name: "dynamic dependencies beside the extras of [project]",
        since: POETRY_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dynamic = ["dependencies"]

[project.optional-dependencies]
c = ["chain"]
b = ["opt-b"]

[tool.poetry.dependencies]
plain = "^1.0"
multi = { version = "2.0", python = ">=3.10" }

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "chain",
        selections: &[
            extras(&["c"], &["chain 1.0", "leaf 1.0", "multi 2.0", "plain 1.1"]),
            main(&["leaf 1.0", "multi 2.0", "plain 1.1"]),
            all_extras(&[
                "chain 1.0",
                "leaf 1.0",
                "multi 2.0",
                "opt-b 1.0",
                "plain 1.1",
            ]),
            groups(
                &["main", "dev"],
                &["devtool 1.0", "leaf 1.0", "multi 2.0", "plain 1.1"],
            ),
        ],
    },
    Case {
        name: "[dependency-groups]",
        since: POETRY_2_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = ["plain"]

[dependency-groups]
test = ["devtool==1.0", "toolbox[fast] ; python_version >= '3.9'"]
Dev_All = [{ include-group = "test" }, "opt-b"]
docs = ["doctool"]

[tool.poetry.group.docs]
optional = true
"#,
        unselected: "opt-b",
        selections: &[
            groups(
                &["main", "Dev_All"],
                &[
                    "chain 1.0",
                    "devtool 1.0",
                    "leaf 1.0",
                    "opt-b 1.0",
                    "plain 1.1",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
            main(&["plain 1.1"]),
            groups(
                &["test"],
                &[
                    "chain 1.0",
                    "devtool 1.0",
                    "leaf 1.0",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
            groups(
                &["dev-all"],
                &[
                    "chain 1.0",
                    "devtool 1.0",
                    "leaf 1.0",
                    "opt-b 1.0",
                    "speedup 1.0",
                    "toolbox 1.0",
                ],
            ),
            groups(&["docs"], &["doctool 1.0", "plain 1.1"]),
            groups(&["main", "docs"], &["doctool 1.0", "plain 1.1"]),
        ],
    },
    Case {
        name: "groups that include others, in both ways of writing, of what is no package",
        since: POETRY_2_2,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.9"

[dependency-groups]
lint = ["opt-b"]
both = ["private"]

[tool.poetry]
package-mode = false

[tool.poetry.group.both.dependencies]
private = { source = "second" }

[tool.poetry.group.dev]
optional = true
include-groups = ["lint", "base"]

[tool.poetry.group.dev.dependencies]
devtool = "1.0"

[tool.poetry.group.base.dependencies]
plain = "*"

[[tool.poetry.source]]
name = "first"
url = "@INDEX@/first/simple/"
priority = "primary"

[[tool.poetry.source]]
name = "second"
url = "@INDEX@/second/simple/"
priority = "explicit"
"#,
        unselected: "plain",
        selections: &[
            groups(
                &["dev"],
                &["devtool 1.0", "leaf 1.0", "opt-b 1.0", "plain 1.1"],
            ),
            groups(&["lint"], &["opt-b 1.0"]),
            groups(&["both"], &["leaf 1.0", "private 1.0"]),
            groups(
                &["main", "both", "base"],
                &["leaf 1.0", "plain 1.1", "private 1.0"],
            ),
        ],
    },
    Case {
        name: "build-constraints",
        since: POETRY_2_3,
        pyproject: r#"
[project]
name = "app"
version = "0.1.0"
description = "One"
requires-python = ">=3.9"
dependencies = ["constrained"]

[tool.poetry]
requires-poetry = ">=2.3"

[tool.poetry.build-constraints]
constrained = { buildhelper = "<2" }

[tool.poetry.group.dev.dependencies]
devtool = "1.0"
"#,
        unselected: "plain",
        selections: &[
            showing(
                main(&["constrained 1.0"]),
                "constrained/__init__.py",
                "buildhelper 1.0",
            ),
            groups(
                &["main", "dev"],
                &["constrained 1.0", "devtool 1.0", "leaf 1.0"],
            ),
        ],
    },
];
