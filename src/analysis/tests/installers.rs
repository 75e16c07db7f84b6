//! What installs each package, and why.

use std::collections::BTreeMap;

use super::*;
use crate::resolve;
use crate::stages;

/// Who installs what, as a line for each package that Poetry installs, or one for all.
fn by_poetry(project: &Project, request: &Request) -> Vec<String> {
    let parsed = InputFiles::from(project).parse(&BTreeMap::new()).unwrap();
    let target = resolve::target(&parsed.file, request.target.as_deref()).unwrap();
    let planned = stages::plan(&target, &parsed.project, request).unwrap();
    let packages = planned.resolved.packages;
    if let Some(reason) = packages.all_by_poetry {
        assert!(packages.layers.is_empty() && packages.by_poetry.is_empty());
        return vec![format!("all: {reason}")];
    }
    let lines = packages.by_poetry.iter();
    let mut lines: Vec<String> = lines
        .map(|one| format!("{}: {}", one.package.name, one.reason))
        .collect();
    let by_uv = packages.layers.iter().flat_map(resolve::Layer::packages);
    lines.extend(by_uv.map(|package| format!("uv: {package}")));
    lines
}

fn chosen(project: &Project) -> Vec<String> {
    by_poetry(project, &request())
}

#[test]
fn uv_installs_locked_wheels_and_poetry_everything_else() {
    let project = bare()
        .needs(Package::new("any", "1").wheel().sdist())
        .needs(
            Package::new("corp", "1")
                .wheel()
                .index("corp", "https://i/simple"),
        )
        .needs(
            Package::new("fits", "1")
                .wheel_for("cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64"),
        )
        .needs(Package::new("git", "1").git("https://git.example/a", "0123"))
        .needs(Package::new("url", "1").url("https://x.example/url-1-py3-none-any.whl"))
        .needs(Package::new("file", "1").archive("vendor/file-1-py3-none-any.whl"))
        .needs(Package::new("directory", "1").directory("libs/directory"))
        .needs(Package::new("sdist", "1").sdist())
        .needs(
            Package::new("newer", "1")
                .wheel_for("cp314-cp314-manylinux_2_17_x86_64")
                .sdist(),
        )
        .needs(Package::new("arm", "1").wheel_for("cp313-cp313-manylinux_2_17_aarch64"))
        .needs(Package::new("musl", "1").wheel_for("cp313-cp313-musllinux_1_2_x86_64"))
        .needs(Package::new("glibc", "1").wheel_for("cp313-cp313-manylinux_2_42_x86_64"));
    assert_eq!(
        chosen(&project),
        [
            "arm: no locked wheel for Python 3.13 on linux/amd64",
            "file: from a file",
            "git: from a Git repository",
            "glibc: no locked wheel for Python 3.13 on linux/amd64",
            "musl: no locked wheel for Python 3.13 on linux/amd64",
            "newer: no locked wheel for Python 3.13 on linux/amd64",
            "sdist: no locked wheel for Python 3.13 on linux/amd64",
            "url: from a URL",
            "uv: any 1",
            "uv: fits 1",
            "uv: corp 1",
        ]
    );
}

#[test]
fn the_platform_decides_which_wheels_fit() {
    let project =
        bare().needs(Package::new("a", "1").wheel_for("cp313-cp313-manylinux_2_17_aarch64"));
    let on = |platform: &str| {
        let request = Request {
            platform: Platform::parse(platform).unwrap(),
            ..request()
        };
        by_poetry(&project, &request)
    };
    assert_eq!(on("linux/arm64"), ["uv: a 1"]);
    assert_eq!(
        on("linux/amd64"),
        ["a: no locked wheel for Python 3.13 on linux/amd64"]
    );
    // There is no uv to install with.
    for platform in ["linux/arm/v7", "linux/s390x", "linux/386"] {
        assert_eq!(
            on(platform),
            [format!("all: uv is not available for {platform}")]
        );
    }
}

#[test]
fn the_base_images_decide_which_c_library_wheels_may_need() {
    let needs = |tags: &str, build_file: &str| {
        let project = bare()
            .needs(Package::new("a", "1").wheel_for(tags))
            .with_build_file(build_file);
        chosen(&project) == ["uv: a 1"]
    };
    let variant = |name: &str| format!("[python]\nversion = \"3.13\"\nvariant = \"{name}\"\n");
    let glibc = |minor: u32| format!("cp313-cp313-manylinux_2_{minor}_x86_64");
    for (base, newest) in [
        (String::new(), 41),
        (variant("slim-trixie"), 41),
        (variant("slim-bookworm"), 36),
        (variant("bullseye"), 31),
        // It may be any release.
        (variant("slim"), 28),
        (
            "[python]\nversion = \"3.13\"\n[runtime]\nbase = \"gcr.io/distroless/python3-debian12\"\n".to_owned(),
            28,
        ),
        // The older one of the two.
        (
            variant("slim-trixie") + "[build]\nbase = \"python:3.13-bookworm\"\n",
            36,
        ),
    ] {
        assert!(needs(&glibc(newest), &base), "{base}");
        assert!(!needs(&glibc(newest + 1), &base), "{base}");
        assert!(!needs("cp313-cp313-musllinux_1_2_x86_64", &base), "{base}");
    }
}

#[test]
fn poetry_installs_everything_if_the_build_file_says_so() {
    let project = app().with_build_file(BY_POETRY);
    assert_eq!(chosen(&project), ["all: `installer` is `poetry`"]);
    let auto = app().with_build_file("[dependencies]\ninstaller = \"auto\"\n");
    assert_eq!(chosen(&auto), ["uv: a 1"]);
}

#[test]
fn poetry_installs_everything_if_the_python_is_unknown() {
    let base = |more: &str| {
        app().with_build_file(&format!(
            r#"
            [runtime]
            base = "registry.example/python"
            {more}
            "#
        ))
    };
    assert_eq!(
        chosen(&base("")),
        ["all: the Python of the base image is unknown; set `version` in `[python]`"]
    );
    assert_eq!(chosen(&base("[python]\nversion = \"3.13\"")), ["uv: a 1"]);
}

#[test]
fn poetry_installs_everything_if_its_settings_change_what_is_installed() {
    let with = |settings: &str| chosen(&app().with_file("poetry.toml", settings));
    for (settings, key) in [
        ("[installer]\nno-binary = [\"a\"]\n", "installer.no-binary"),
        (
            "[installer]\nonly-binary = [\"a\"]\n",
            "installer.only-binary",
        ),
        (
            "[installer.build-config-settings.a]\nb = \"c\"\n",
            "installer.build-config-settings.a.b",
        ),
        (
            "[virtualenvs.options]\nsystem-site-packages = true\n",
            "virtualenvs.options.system-site-packages",
        ),
        (
            "[repositories.a]\nurl = \"https://i\"\n",
            "repositories.a.url",
        ),
        ("unknown = 1\n", "unknown"),
    ] {
        assert_eq!(with(settings), [format!("all: `poetry.toml` sets `{key}`")]);
    }
    for settings in [
        "",
        "[virtualenvs]\nin-project = true\ncreate = true\nprompt = \"x\"\n",
        "[installer]\nparallel = false\nmax-workers = 4\n",
        "[keyring]\nenabled = false\n",
        "cache-dir = \"/x\"\n",
    ] {
        assert_eq!(with(settings), ["uv: a 1"], "{settings}");
    }
}

#[test]
fn poetry_installs_everything_if_a_variable_changes_what_is_installed() {
    let with = |name: &str| {
        let env = format!("[build]\nenv = {{ {name} = \"a\" }}\n");
        chosen(&app().with_build_file(&env))
    };
    for name in [
        "POETRY_INSTALLER_NO_BINARY",
        "POETRY_INSTALLER_BUILD_CONFIG_SETTINGS_A",
        "POETRY_VIRTUALENVS_OPTIONS_SYSTEM_SITE_PACKAGES",
    ] {
        assert_eq!(
            with(name),
            [format!("all: `env` of `[build]` sets `{name}`")]
        );
    }
    for name in [
        "POETRY_INSTALLER_PARALLEL",
        "POETRY_INSTALLER_MAX_WORKERS",
        "POETRY_REQUESTS_TIMEOUT",
        "CFLAGS",
    ] {
        assert_eq!(with(name), ["uv: a 1"], "{name}");
    }
}

#[test]
fn poetry_installs_everything_if_a_plugin_may_take_part() {
    let plugin = |requirement: &str| {
        chosen(&app().with_build_file(&format!("[poetry]\nplugins = [\"{requirement}\"]\n")))
    };
    assert_eq!(
        plugin("My_Plugin[x]>=1"),
        ["all: the plugin `my-plugin` may take part"]
    );
    for harmless in [
        "poetry-plugin-export==1.9.0",
        "Poetry_Dynamic.Versioning",
        "poetry-plugin-shell",
    ] {
        assert_eq!(plugin(harmless), ["uv: a 1"], "{harmless}");
    }
    // Those that the project requires are like those of the build file.
    let required = |name: &str| {
        chosen(&app().at_end(&format!("[tool.poetry.requires-plugins]\n{name} = \"*\"\n")))
    };
    assert_eq!(
        required("My_Plugin"),
        ["all: the plugin `my-plugin` may take part"]
    );
    assert_eq!(required("poetry-plugin-export"), ["uv: a 1"]);
}

#[test]
fn the_reduced_project_of_the_rest_has_nothing_of_the_wheels() {
    let project = app()
        .needs(Package::new("s", "1").sdist().requires("a", "*"))
        .optional_dependencies("x", ["a"]);
    let plan = plan_of(&project);
    let files = written(&plan);
    let texts: Vec<&str> = files.iter().map(|file| file.content.as_str()).collect();
    assert_eq!(
        files
            .iter()
            .map(|file| file.path.as_str())
            .collect::<Vec<_>>(),
        ["/app/pyproject.toml", "/app/poetry.lock"]
    );
    assert!(
        texts.iter().all(|text| !text.contains("name = \"a\"")),
        "{texts:?}"
    );
    assert!(texts[1].contains("name = \"s\""), "{}", texts[1]);
    assert!(
        texts[0].contains("[tool.poetry.dependencies.s]"),
        "{}",
        texts[0]
    );
    assert!(texts[0].contains("version = \"==1\""), "{}", texts[0]);
    // No extras: the packages that they select are named.
    let words = words(last_run(&plan, &StageName::PoetryDeps));
    assert!(!words.contains(&"--extras".to_owned()), "{words:?}");
    assert!(
        words.windows(2).any(|pair| pair == ["--only", "main"]),
        "{words:?}"
    );
}
