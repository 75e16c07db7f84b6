//! A small archive of Debian packages, signed with a key of its own.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::archive::sha256;
use super::http::{Response, serve};
use super::nonce;

/// An archive that build containers reach as the host `index`, with one package in it.
pub(crate) struct AptArchive {
    port: u16,
    /// The public key as text.
    pub(crate) key: String,
    /// The name of the package's file in apt's cache.
    pub(crate) cached: String,
    package: Package,
}

struct Package {
    name: String,
    version: String,
    text: String,
    /// A shell script that runs after the installation.
    script: String,
}

impl AptArchive {
    /// An archive with the package `name`, in a unique version 1.*, that has the file `/usr/share/NAME` with this text.
    pub(crate) fn start(name: &str, text: &str) -> Self {
        Self::start_with_script(name, text, "")
    }

    /// The same with a script that runs after the package is installed.
    pub(crate) fn start_with_script(name: &str, text: &str, script: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let version = format!("1.{}", nonce());
        let built = Package {
            name: name.to_owned(),
            version: version.clone(),
            text: text.to_owned(),
            script: script.to_owned(),
        };
        let package = built.build(directory.path());
        let home = directory.path().join("gpg");
        fs::create_dir(&home).unwrap();
        let gpg = |arguments: &[&str]| {
            let mut command = Command::new("gpg");
            command.args(["--batch", "--quiet", "--yes", "--homedir"]);
            // gpg's agent needs a directory with a short path.
            said(
                command
                    .arg(&home)
                    .args(["--pinentry-mode=loopback", "--passphrase="])
                    .args(arguments),
            )
        };
        gpg(&[
            "--quick-generate-key",
            "archive@example.org",
            "ed25519",
            "sign",
            "never",
        ]);
        let key = gpg(&["--armor", "--export"]);
        let packages = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody\nDescription: a test\n\
             Filename: ./{name}.deb\nSize: {}\nSHA256: {}\n",
            package.len(),
            sha256(&package)
        );
        let date = said(
            Command::new("date")
                .args(["--utc", "-R"])
                .env("LC_ALL", "C"),
        );
        let mut release = format!(
            "Origin: test\nDate: {}\nSHA256:\n",
            date.trim().replace("+0000", "UTC")
        );
        writeln!(
            release,
            " {} {} Packages",
            sha256(packages.as_bytes()),
            packages.len()
        )
        .unwrap();
        let path = directory.path().join("Release");
        fs::write(&path, release).unwrap();
        gpg(&["--clearsign", path.to_str().unwrap()]);
        let signed = fs::read(directory.path().join("Release.asc")).unwrap();

        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (deb, armored) = (format!("/{name}.deb"), key.clone());
        serve(listener, move |path, _| {
            let path = path.replace("/./", "/");
            match path.as_str() {
                "/InRelease" => Response::file(signed.clone()),
                "/Packages" => Response::file(packages.clone().into_bytes()),
                "/archive.asc" => Response::file(armored.clone().into_bytes()),
                path if path == deb => Response::file(package.clone()),
                _ => Response::empty("404 Not Found"),
            }
        });
        Self {
            port,
            key,
            cached: format!("{name}_{version}_all.deb"),
            package: built,
        }
    }

    /// The package with another text; it has the same size if the text has.
    pub(crate) fn forged(&self, text: &str) -> Vec<u8> {
        let Package { name, version, .. } = &self.package;
        let forged = Package {
            name: name.clone(),
            version: version.clone(),
            text: text.to_owned(),
            script: String::new(),
        };
        forged.build(TempDir::new().unwrap().path())
    }

    /// Its address in build containers.
    pub(crate) fn uri(&self) -> String {
        format!("http://index:{}/", self.port)
    }

    /// The address of its key for the engine.
    pub(crate) fn key_address(&self) -> String {
        format!("http://127.0.0.1:{}/archive.asc", self.port)
    }
}

impl Package {
    fn build(&self, directory: &Path) -> Vec<u8> {
        let Self { name, version, .. } = self;
        let tree = directory.join("tree");
        fs::create_dir_all(tree.join("DEBIAN")).unwrap();
        fs::create_dir_all(tree.join("usr/share")).unwrap();
        fs::write(tree.join("usr/share").join(name), &self.text).unwrap();
        let control = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody\nDescription: a test\n"
        );
        fs::write(tree.join("DEBIAN/control"), control).unwrap();
        if !self.script.is_empty() {
            let path = tree.join("DEBIAN/postinst");
            fs::write(&path, format!("#!/bin/sh\nset -eu\n{}", self.script)).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
        let deb = directory.join("package.deb");
        said(
            Command::new("dpkg-deb")
                .args(["--root-owner-group", "-Znone", "--build"])
                .args([&tree, &deb]),
        );
        fs::read(deb).unwrap()
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}
