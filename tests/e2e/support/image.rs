//! Images and containers.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::docker::{self, docker};

/// An image of this test, removed on drop.
pub(crate) struct Image {
    tag: String,
}

/// A file of an image, without its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) mode: u32,
    pub(crate) owner: (u64, u64),
    /// A hash of the content, or the target of a link.
    pub(crate) content: String,
}

impl Image {
    pub(crate) fn new(tag: String) -> Self {
        Self { tag }
    }

    /// An image built from a Dockerfile.
    #[track_caller]
    pub(crate) fn from_dockerfile(text: &str) -> Self {
        Self::from_directory(text, None)
    }

    /// An image built from a Dockerfile and the files of a directory.
    #[track_caller]
    pub(crate) fn from_directory(text: &str, directory: Option<&Path>) -> Self {
        // Two tests may build the same image at the same time, and each removes its own tag.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let tag = format!(
            "poetry-frontend-test-base:{}-{}",
            process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let directory_name =
            directory.map_or(String::new(), |directory| directory.display().to_string());
        let mut build = match directory {
            None => docker(&["build", "--quiet", "--tag", &tag, "-"]),
            Some(_) => docker(&[
                "build",
                "--quiet",
                "--tag",
                &tag,
                "--file=-",
                &directory_name,
            ]),
        };
        let mut build = build
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = build.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        drop(stdin);
        assert!(build.wait().unwrap().success(), "docker build");
        Self::new(tag)
    }

    /// The same as an OCI layout, and the digest of its manifest.
    #[track_caller]
    pub(crate) fn save(&self, directory: &Path) -> String {
        self.unpack(directory);
        let index = std::fs::read(directory.join("index.json")).unwrap();
        let index: Value = serde_json::from_slice(&index).unwrap();
        index["manifests"][0]["digest"].as_str().unwrap().to_owned()
    }

    /// An image that a command made, removed on drop.
    pub(crate) fn tagged(tag: String) -> Self {
        Self::new(tag)
    }

    /// Pushes it under a name that another image of the engine keeps.
    #[track_caller]
    pub(crate) fn push_beside(&self, reference: &str) {
        let other = format!("{reference}-other");
        docker::run(&["tag", reference, &other]);
        self.push(reference);
        docker::run(&["tag", &other, reference]);
        docker::run(&["image", "rm", "--force", &other]);
    }

    /// Pushes it under a name; the engine does not keep it.
    #[track_caller]
    pub(crate) fn push(&self, reference: &str) {
        docker::run(&["tag", &self.tag, reference]);
        docker::run(&["push", "--quiet", reference]);
        docker::run(&["image", "rm", "--force", reference]);
    }

    /// Pushes it under a name, and returns the name with its digest.
    #[track_caller]
    pub(crate) fn push_with_digest(&self, reference: &str) -> String {
        docker::run(&["tag", &self.tag, reference]);
        docker::run(&["push", "--quiet", reference]);
        let digests = docker::run(&["inspect", "--format={{json .RepoDigests}}", reference]);
        docker::run(&["image", "rm", "--force", reference]);
        let digests: Vec<String> = serde_json::from_slice(&digests).unwrap();
        let name = reference
            .rsplit_once(':')
            .map_or(reference, |(name, _)| name);
        let mut digests = digests.into_iter();
        digests
            .find(|digest| digest.starts_with(&format!("{name}@")))
            .unwrap()
    }

    /// The image's name.
    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    /// The output of `docker run` without the last line break; the container must succeed and print no errors.
    #[track_caller]
    pub(crate) fn answer(&self, arguments: &[&str]) -> String {
        self.answer_with(&[], arguments)
    }

    /// The same with options of `docker run`.
    #[track_caller]
    pub(crate) fn answer_with(&self, options: &[&str], arguments: &[&str]) -> String {
        let run = [&["run", "--rm"], options, &[&self.tag], arguments].concat();
        let output = docker(&run).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && errors.is_empty(),
            "docker {} ended with {}: {errors}",
            run.join(" "),
            output.status
        );
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end_matches('\n')
            .to_owned()
    }

    /// The output of a shell script in the container.
    #[track_caller]
    pub(crate) fn shell(&self, script: &str) -> String {
        self.answer_with(&["--entrypoint", "sh"], &["-euc", script])
    }

    /// The environment of the step that built the wheel of an [inspector](super::Project::inspector).
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.answer(&[])).unwrap()
    }

    /// `docker image inspect`.
    #[track_caller]
    pub(crate) fn inspect(&self) -> Value {
        let json = docker::run(&["image", "inspect", &self.tag]);
        let mut all: Vec<Value> = serde_json::from_slice(&json).unwrap();
        all.remove(0)
    }

    /// All files of the saved image: layers, which may be compressed, config and history.
    #[track_caller]
    fn unpack(&self, directory: &Path) {
        let bytes = docker::run(&["save", &self.tag]);
        tar::Archive::new(bytes.as_slice())
            .unpack(directory)
            .unwrap();
    }

    /// Whether `text` occurs in them.
    #[track_caller]
    pub(crate) fn holds(&self, text: &str) -> bool {
        let directory = TempDir::new().unwrap();
        self.unpack(directory.path());
        let mut search = Command::new("grep")
            .args(["--text", "--quiet", "--fixed-strings", "-e", text])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut unzip = Command::new("find")
            .arg(directory.path())
            .args(["-type", "f", "-exec", "gzip", "-cdf", "{}", "+"])
            .stdout(search.stdin.take().unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The reader stops early when it finds the text.
        let found = search.wait().unwrap();
        let searched = unzip.wait().unwrap();
        assert!(found.success() || searched.success() && found.code() == Some(1));
        found.success()
    }

    /// The id of the image, a digest of its content.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.inspect()["Id"].as_str().unwrap().to_owned()
    }

    /// The digests of the layers.
    #[track_caller]
    pub(crate) fn layers(&self) -> Vec<String> {
        serde_json::from_value(self.inspect()["RootFS"]["Layers"].clone()).unwrap()
    }

    /// The uncompressed sizes of the layers in bytes.
    #[track_caller]
    pub(crate) fn layer_sizes(&self) -> Vec<u64> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Saved {
            layers: Vec<String>,
        }
        let directory = TempDir::new().unwrap();
        self.unpack(directory.path());
        let manifest = fs::read(directory.path().join("manifest.json")).unwrap();
        let images: Vec<Saved> = serde_json::from_slice(&manifest).unwrap();
        let sizes = images[0].layers.iter().map(|layer| {
            let path = directory.path().join(layer);
            let unzip = Command::new("gzip").arg("-cdf").arg(path).output();
            u64::try_from(unzip.unwrap().stdout.len()).unwrap()
        });
        sizes.collect()
    }

    /// The files of the image by path, without a leading `/`.
    #[track_caller]
    pub(crate) fn files(&self) -> BTreeMap<String, File> {
        files_of(&self.tag)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // Layers stay in the build cache, for the next run.
        let _ = docker(&["image", "rm", "--force", &self.tag])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// Whether `text` occurs in `bytes`.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// The files of the image `reference` by path; it is pulled if necessary.
#[track_caller]
pub(crate) fn files_of(reference: &str) -> BTreeMap<String, File> {
    let created = docker::run(&["create", reference, "none"]);
    let container = String::from_utf8(created).unwrap().trim().to_owned();
    let mut export = docker(&["export", &container])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let files = unpack(export.stdout.take().unwrap());
    let ended = export.wait().unwrap();
    docker::run(&["rm", &container]);
    assert!(ended.success());
    files
}

fn unpack(mut tar: impl Read) -> BTreeMap<String, File> {
    let mut archive = tar::Archive::new(&mut tar);
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let header = entry.header();
        let mode = header.mode().unwrap();
        let owner = (header.uid().unwrap(), header.gid().unwrap());
        let content = if let Some(target) = entry.link_name().unwrap() {
            format!("-> {}", target.display())
        } else {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            let mut hasher = DefaultHasher::new();
            hasher.write(&content);
            format!("{:016x}", hasher.finish())
        };
        let file = File {
            mode,
            owner,
            content,
        };
        files.insert(path.trim_end_matches('/').to_owned(), file);
    }
    // The writer fails if not all of its output is read.
    io::copy(&mut tar, &mut io::sink()).unwrap();
    files
}
