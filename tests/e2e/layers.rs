//! The layers of the environment. Each index has its own, so that small projects can have several.

use testkit::{Dependency, Package};

use crate::support::docker;
use crate::support::{
    Build, Image, Index, Project, Published, in_registry, merges, nonce, pip_options, sha256, wheel,
};

const PACKAGES: &str = "/app/.venv/lib/python3.13/site-packages";
/// The image has the dependencies alone, so that only they change it.
const ALONE: &str = "[source]\ninstall = \"none\"\n[runtime]\nentrypoint = [\"python\"]\n";

/// Packages, and the name of the index that they come from.
type Of<'a> = (&'a str, &'a [&'a Published]);

/// The files of a package with dependencies from several indexes.
pub(crate) fn files(name: &str, indexes: &[Of<'_>]) -> testkit::Project {
    let mut files = Project::files(name, &[]);
    for (index, packages) in indexes {
        files = files.explicit_index(index, &format!("{}/", packages[0].index));
        for one in *packages {
            files = files
                .dependency(&format!("{} (=={})", one.name, one.version))
                .poetry_dependency(&one.name, Dependency::from_index(index))
                .locked(one.package(index));
        }
    }
    files
}

/// Replaces the dependencies of a project.
fn depend(project: &Project, files: &testkit::Project) {
    project
        .write("pyproject.toml", &files.pyproject())
        .write("poetry.lock", &files.lock());
}

/// The number of layers that differ.
fn changed(one: &Image, other: &Image) -> usize {
    let (one, other) = (one.layers(), other.layers());
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(&other);
    pairs.filter(|(one, other)| one != other).count()
}

#[test]
fn a_new_package_changes_one_layer_and_a_development_dependency_none() {
    let (first, second) = (Index::start(), Index::start());
    let words = first.publish("words", "1.0", "WORD = 'hello'\n");
    let names = second.publish("names", "1.0", "NAME = 'world'\n");
    let more = second.publish("more", "1.0", "MARK = '!'\n");
    let project = Project::with(&files("growing", &[("a", &[&words]), ("b", &[&names])]));
    project.build_file(ALONE);
    let before = project.build().unattested().image();
    let import = "import words, names; print(words.WORD, names.NAME)";
    assert_eq!(before.answer(&["-c", import]), "hello world");
    first.downloads();

    let grown = files("growing", &[("a", &[&words]), ("b", &[&names, &more])]);
    depend(&project, &grown);
    let (after, built) = project.build().unattested().run().parts();
    built.assert_ran(
        &[
            "deps: install more and names",
            "overlaps: compare the files of the packages",
        ],
        &["runtime: copy more and names"],
    );
    assert_eq!(first.downloads(), [""; 0]);
    assert_eq!(changed(&before, &after), 1);
    let import = "import words, names, more; print(words.WORD, names.NAME, more.MARK)";
    assert_eq!(after.answer(&["-c", import]), "hello world !");

    let linter = first.publish("linter", "1.0", "");
    let develops = Dependency::version(&linter.version).source("a");
    let developed = grown
        .poetry_group("dev", "linter", develops)
        .locked(linter.package("a").group("dev"));
    depend(&project, &developed);
    let (same, built) = project.build().unattested().run().parts();
    assert_eq!(built.ran(), [""; 0]);
    assert_eq!(same.id(), after.id());
}

#[test]
fn a_new_package_of_a_large_index_changes_one_of_its_layers() {
    let index = Index::start();
    let all: Vec<Published> = (0..17)
        .map(|number| index.publish(&format!("p{number:02}"), "1.0", &format!("N = {number}\n")))
        .collect();
    let all: Vec<&Published> = all.iter().collect();
    let project = Project::with(&files("large", &[("a", &all[..16])]));
    project.build_file(ALONE);
    let (before, built) = project.build().unattested().run().parts();
    let is_installed = |step: &&String| step.starts_with("deps: install ");
    assert_eq!(built.ran().iter().filter(is_installed).count(), 4);
    index.downloads();

    depend(&project, &files("large", &[("a", &all)]));
    let (after, built) = project.build().unattested().run().parts();
    assert_eq!(built.ran().iter().filter(is_installed).count(), 1);
    assert_eq!(changed(&before, &after), 1);
    // Those of the changed layer.
    let downloads = index.downloads().len();
    assert!((1..16).contains(&downloads), "{downloads}");
    let import = "import p00, p15, p16; print(p00.N + p15.N + p16.N)";
    assert_eq!(after.answer(&["-c", import]), "31");
}

#[test]
fn layers_are_named_in_the_progress_and_in_the_history() {
    let (first, second) = (Index::start(), Index::start());
    let words = first.publish("words", "1.0", "");
    let many = ["ant", "bee", "cat", "dog", "elk"].map(|name| second.publish(name, "1.0", ""));
    let many: Vec<&Published> = many.iter().collect();
    let project = Project::with(&files("zoo", &[("a", &[&words]), ("b", &many)]));
    project.build_file(ALONE);
    let (image, built) = project.build().run().parts();
    let names = ["install words", "install ant, bee and 3 more"];
    let names = names.map(|title| built.step("deps", title).name.as_str());
    assert_eq!(
        names,
        [
            "[deps 1/2] install words",
            "[deps 2/2] install ant, bee and 3 more"
        ]
    );
    let history = docker::run(&[
        "history",
        "--no-trunc",
        "--format={{.CreatedBy}}",
        image.tag(),
    ]);
    let history = String::from_utf8(history).unwrap();
    let list: Vec<String> = many
        .iter()
        .map(|one| format!("{} {}", one.name, one.version))
        .collect();
    // The newest comes first.
    let added: Vec<&str> = history.lines().take(4).collect();
    assert_eq!(
        added,
        [
            format!("copy {}", list.join(", ")),
            format!("copy words {}", words.version),
            "copy the virtual environment".to_owned(),
            "add the user app (10001:10001)".to_owned(),
        ]
    );
}

/// Publishes a wheel with a command `NAME`, a script `NAME-script`, a file `share/NAME.txt`, and a module of the namespace
/// package `land`.
fn publish_all_kinds(index: &Index, name: &str, more: &[(&str, &str)]) -> Published {
    let version = index.version("1.0");
    let info = format!("{name}-{version}.dist-info/entry_points.txt");
    let data = format!("{name}-{version}.data");
    let own = [
        (
            format!("land/{name}.py"),
            format!("def main():\n    print('{name} runs')\n"),
        ),
        (
            info,
            format!("[console_scripts]\n{name} = land.{name}:main\n"),
        ),
        (
            format!("{data}/scripts/{name}-script"),
            format!("#!python\nprint('script of {name}')\n"),
        ),
        (
            format!("{data}/data/share/{name}.txt"),
            format!("data of {name}\n"),
        ),
    ];
    let own = own.iter().map(|(path, text)| (&**path, &**text));
    let files: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
    index.publish_with(name, "1.0", &files)
}

const RUN_ALL_KINDS: &str = "east; west; east-script; west-script; cat /app/.venv/share/*.txt";
const ALL_KINDS: &str =
    "east runs\nwest runs\nscript of east\nscript of west\ndata of east\ndata of west";

#[test]
fn files_of_all_kinds_are_in_the_image_and_overlapping_ones_are_reported() {
    let (first, second) = (Index::start(), Index::start());
    let east = publish_all_kinds(
        &first,
        "east",
        &[("same.py", ""), ("clash.py", "SIDE = 'E'\n")],
    );
    let west = publish_all_kinds(
        &second,
        "west",
        &[("same.py", ""), ("clash.py", "SIDE = 'W'\n")],
    );
    let project = Project::with(&files("compass", &[("a", &[&east]), ("b", &[&west])]));
    project.build_file(ALONE);
    let (image, built) = project.build().run().parts();
    assert_eq!(image.shell(RUN_ALL_KINDS), ALL_KINDS);
    let side = image.answer(&["-c", "import same, clash; print(clash.SIDE)"]);
    assert!(side == "E" || side == "W", "{side}");
    let warnings: Vec<&str> = built.warnings.iter().map(|one| &*one.short).collect();
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}");
    };
    let expected = format!(
        "OverlappingFiles: `east {}` and `west {}` install different files as `clash.py`, of which the image has one",
        east.version, west.version
    );
    assert!(warning.starts_with(&expected), "{warning}");
}

#[test]
fn poetry_installs_only_what_has_no_wheel() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "WORD = 'wheel'\n");
    let payload = "def module():\n    return \"WORD = 'sdist'\\n\"\n";
    let stone = index.publish_sdist("stone", "1.0", &[("payload.py", payload)]);
    let metadata = "Metadata-Version: 2.1\nName: local\nVersion: 1.0\n";
    let module = ("local/__init__.py".to_owned(), "WORD = 'file'\n".to_owned());
    let (file, bytes) = wheel("local", "1.0", metadata, vec![module]);
    let path = format!("vendor/{file}");
    let files = files("mixed", &[("a", &[&words, &stone])])
        .dependency("local")
        .poetry_dependency("local", Dependency::path(&path))
        .locked(
            Package::new("local", "1.0")
                .archive(&path)
                .file(&file, &sha256(&bytes)),
        );
    let project = Project::with(&files);
    project.write(&path, "").build_file(ALONE);
    std::fs::write(project.path().join(&path), bytes).unwrap();
    let (image, built) = project.build().run().parts();
    let words = "import words, stone, local; print(words.WORD, stone.WORD, local.WORD)";
    assert_eq!(image.answer(&["-c", words]), "wheel sdist file");
    assert_eq!(built.step("deps", "install").title(), "install words");
    let by_poetry = built.step("deps-poetry", "poetry install");
    assert_eq!(
        by_poetry.title(),
        "poetry install local, stone, from source: stone"
    );
    assert!(!by_poetry.log.contains("words"), "{}", by_poetry.log);
}

#[test]
fn poetry_installs_the_same_files() {
    let (first, second) = (Index::start(), Index::start());
    let east = publish_all_kinds(&first, "east", &[]);
    let west = publish_all_kinds(&second, "west", &[]);
    let project = Project::with(&files("compass", &[("a", &[&east]), ("b", &[&west])]));
    let with_uv = project.build().image();
    project.build_file("[dependencies]\ninstaller = \"poetry\"\n");
    let (with_poetry, built) = project.build().run().parts();
    assert!(built.steps().all(|step| step.stage() != "deps"));
    assert_eq!(with_uv.shell(RUN_ALL_KINDS), ALL_KINDS);
    assert_eq!(with_poetry.shell(RUN_ALL_KINDS), ALL_KINDS);
    // Who installed a package, how its commands are written, and the hashes of both, are the installer's.
    let own = |path: &str| {
        let of_command = path.starts_with("app/.venv/bin/");
        path.ends_with(".dist-info/RECORD") || path.ends_with(".dist-info/INSTALLER") || of_command
    };
    let [uv, poetry] = [&with_uv, &with_poetry].map(|image| {
        let mut files = image.files();
        files.retain(|path, _| path.starts_with("app/") && !path.ends_with("/REQUESTED"));
        for (path, file) in &mut files {
            if own(path) {
                file.content.clear();
            }
        }
        files
    });
    for (path, file) in &uv {
        assert_eq!(poetry.get(path), Some(file), "{path}");
    }
    assert_eq!(
        uv.keys().collect::<Vec<_>>(),
        poetry.keys().collect::<Vec<_>>()
    );
}

/// Sets keys of `[poetry]`, beside those of this machine.
fn configure_poetry(project: &Project, keys: &str) {
    let machine = project.build_file("").read("poetry.build.toml");
    let (head, tail) = machine
        .split_once("[poetry]\n")
        .unwrap_or((machine.as_str(), ""));
    let file = format!("{head}[dependencies]\ninstaller = \"poetry\"\n[poetry]\n{keys}\n{tail}");
    project.write("poetry.build.toml", &file);
}

#[test]
fn poetry_can_come_from_an_image() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "WORD = 'hello'\n");
    let project = Project::package("central", &[&words]);
    project.write(
        "src/central/__init__.py",
        "import words\ndef main():\n    print(words.WORD)\n",
    );
    let name = in_registry("poetry");
    let directory = tempfile::TempDir::new().unwrap();
    let metadata = directory.path().join("metadata");
    project
        .build()
        .unattested()
        .with("--target=poetry")
        .with(&format!("--metadata-file={}", metadata.display()))
        .export(&format!("type=image,name={name},push=true"));
    let metadata: serde_json::Value =
        serde_json::from_slice(&std::fs::read(metadata).unwrap()).unwrap();
    let digest = metadata["containerimage.digest"].as_str().unwrap();
    let image = format!("image = \"{name}@{digest}\"");

    configure_poetry(&project, &image);
    let (built_with, built) = project.build().run().parts();
    assert_eq!(built_with.answer(&[]), "hello");
    built.step("deps-poetry", "poetry install");
    assert!(
        !built.report().contains("install Poetry"),
        "{}",
        built.report()
    );

    configure_poetry(&project, &format!("{image}\nversion = \"2.1.4\""));
    let built = project.build().run();
    built.error();
    let log = &built.step("deps-poetry", "poetry install").log;
    let reason = "error: the image of `[poetry]` has Poetry 2.1.3, but this build needs 2.1.4\nuse another image, or set `version` in `[poetry]`";
    assert!(log.contains(reason), "{log}");
}

#[test]
fn uv_can_come_from_an_image() {
    let pinned = include_str!("../../src/scripts/pins/uv.txt")
        .lines()
        .find_map(|line| line.strip_prefix("uv==")?.split(' ').next())
        .unwrap();
    let options = pip_options();
    let of_uv = |release: &str| {
        let image = Image::from_dockerfile(&format!(
            "FROM python:3.13-slim-trixie AS get\nRUN pip install {options}--no-deps --target=/uv uv=={release}\nFROM scratch\nCOPY --from=get /uv/bin/uv /uv\n"
        ));
        image.push_with_digest(&in_registry("uv"))
    };
    let index = Index::start();
    let words = index.publish("words", "1.0", "WORD = 'hello'\n");
    let project = Project::package("quick", &[&words]);
    project.write(
        "src/quick/__init__.py",
        "import words\ndef main():\n    print(words.WORD)\n",
    );
    let with = |image: &str| {
        project.build_file(&format!("[dependencies]\nuv-image = \"{image}\"\n"));
        project.build().run()
    };
    let (image, built) = with(&of_uv(pinned)).parts();
    assert_eq!(image.answer(&[]), "hello");
    assert!(!built.report().contains("install uv"), "{}", built.report());

    let other = with(&of_uv("0.9.0"));
    let reason = format!(
        "error: the image of `uv-image` has uv 0.9.0, but this build needs {pinned}\nuse an image of uv {pinned}, or leave out `uv-image`"
    );
    // Both steps that run uv ask for its version, and the engine runs them side by side.
    let mut logs = other.steps().map(|step| &step.log);
    assert!(logs.any(|log| log.contains(&reason)), "{}", other.error());
}

/// A package with two layers of dependencies, which prints a word of each.
fn layered(name: &str) -> (Index, Index, Project) {
    let (first, second) = (Index::start(), Index::start());
    let words = first.publish("words", "1.0", "WORD = 'hello'\n");
    let names = second.publish("names", "1.0", "NAME = 'world'\n");
    let project = Project::with(&files(name, &[("a", &[&words]), ("b", &[&names])]));
    project.write(
        &format!("src/{name}/__init__.py"),
        "import words, names\ndef main():\n    print(words.WORD, names.NAME)\n",
    );
    (first, second, project)
}

#[test]
fn hooks_copies_and_writable_directories_work_with_layers() {
    let (_first, _second, project) = layered("layered");
    let nonce = nonce();
    project.write("notes.txt", "a note\n").build_file(&format!(
        r#"
        [runtime]
        writable = ["/app/data"]
        [[copy]]
        src = "notes.txt"
        dest = "/app/.venv/share/notes.txt"
        [[hook]]
        at = "after-packages"
        run = "mkdir /made && echo made {nonce} >/made/file"
        outputs = ["/made"]
        [[hook]]
        at = "after-source"
        run = "mkdir /static && layered >/static/said"
        outputs = ["/static"]
        [[hook]]
        at = "final"
        run = "layered >/app/.venv/final && cat /made/file /static/said >>/app/.venv/final"
        "#
    ));
    let (image, built) = project.build().run().parts();
    assert_eq!(image.answer(&[]), "hello world");
    assert_eq!(
        image.shell("cd /app/.venv; cat final share/notes.txt; touch /app/data/x; stat -c %U /app /app/.venv /app/data"),
        format!("hello world\nmade {nonce}\nhello world\na note\nroot\nroot\napp")
    );
    // An engine that can merges the layers, and the others copy them.
    let report = built.report();
    assert_eq!(report.contains("[internal] merge "), merges(), "{report}");
    let copied = built.steps().any(|step| step.title() == "copy words");
    assert_eq!(copied, !merges(), "{report}");
}

#[test]
fn a_writable_directory_around_the_environment_belongs_to_the_user() {
    let (_first, _second, project) = layered("lodger");
    project.build_file("[runtime]\nwritable = [\"/app\"]\n");
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "hello world");
    assert_eq!(
        image.shell("touch /app/x; stat -c %U /app /app/.venv/pyvenv.cfg"),
        "app\nroot"
    );
}

#[test]
fn each_index_is_asked_alone_and_with_its_own_credentials() {
    let private = Index::private("member:sesame");
    let other = Index::private("guest:melon");
    let mirror = Index::mirror();
    let tls = mirror.over_tls();
    let words = private.publish("words", "1.0", "WORD = 'hello'\n");
    let marks = other.publish("marks", "1.0", "MARK = '!'\n");
    let names = mirror.publish("names", "1.0", "NAME = 'world'\n");
    let project = Project::with(
        &files("guarded", &[("inner", &[&words]), ("outer", &[&marks])])
            .dependency(&format!("names (=={})", names.version))
            .locked(Package::new("names", &names.version).file(&names.file, &names.sha256)),
    );
    project.bare_build_file(&format!(
        "[poetry]\nmirror = \"{}\"\nca-bundle = \"secret:authorities\"\n{ALONE}",
        tls.index
    ));
    let secrets: [(&str, &str); 5] = [
        ("inner-username", "member"),
        ("inner-password", "sesame"),
        ("outer-username", "guest"),
        ("outer-password", "melon"),
        ("authorities", &tls.bundle()),
    ];
    let build = secrets
        .iter()
        .fold(project.build(), |build: Build<'_>, (id, secret)| {
            build.with_secret(id, secret)
        });
    let import = "import words, names, marks; print(words.WORD, names.NAME, marks.MARK)";
    assert_eq!(build.image().answer(&["-c", import]), "hello world !");

    for (index, package, key) in [
        (&private, "words", "member:sesame"),
        (&other, "marks", "guest:melon"),
    ] {
        let requests = index.requests();
        assert!(requests.iter().any(|one| one.credentials == key));
        for one in requests {
            assert!(one.path.contains(package), "{one:?}");
            assert!([key, ""].contains(&&*one.credentials), "{one:?}");
        }
    }
    let requests = mirror.requests();
    assert!(requests.iter().any(|one| one.path.contains("names")));
    for one in requests {
        assert_eq!(one.credentials, "", "{one:?}");
        let foreign = ["words", "marks"]
            .iter()
            .any(|name| one.path.contains(name));
        assert!(!foreign, "{one:?}");
    }
}

#[test]
fn a_cache_of_the_source_lasts_from_build_to_build() {
    let files = Project::files("compiled", &[])
        .in_tool_poetry("include = [{ path = \"src/compiled/runs.txt\", format = \"wheel\" }]")
        .at_end("[tool.poetry.build]\nscript = \"build.py\"\ngenerate-setup-file = false");
    let project = Project::with(&files);
    let main = |round: u32| {
        format!(
            "from pathlib import Path\nROUND = {round}\ndef main():\n    print(ROUND, Path(__file__).with_name('runs.txt').read_text())\n"
        )
    };
    project
        .write(
            "build.py",
            "from pathlib import Path\nfor name in ['target/runs', '/kept/runs']:\n    path = Path(name)\n    runs = path.read_text() if path.exists() else ''\n    path.write_text(runs + 'x')\nPath('src/compiled/runs.txt').write_text(Path('target/runs').read_text() + Path('/kept/runs').read_text())\n",
        )
        .write("src/compiled/__init__.py", &main(1))
        .build_file(
            r#"
            [source]
            include = ["src", "build.py"]
            cache = ["/kept", "target"]
            "#,
        );
    let namespace = format!("--build-arg=BUILDKIT_CACHE_MOUNT_NS=compiled-{}", nonce());
    let build = || project.build().with(&namespace).image().answer(&[]);
    assert_eq!(build(), "1 xx");
    project.write("src/compiled/__init__.py", &main(2));
    assert_eq!(build(), "2 xxxx");
    // They are not in the image.
    let image = project.build().with(&namespace).image();
    let found = image.shell(&format!(
        "ls -d /kept /src {PACKAGES}/target 2>/dev/null || :"
    ));
    assert_eq!(found, "");
}
