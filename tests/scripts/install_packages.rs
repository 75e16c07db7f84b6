//! System packages, with an `apt-get` that writes down what it is asked for and what it finds.

use super::container::{Container, Ran};

/// Writes down its arguments, and the files that decide what apt does.
const APT_GET: &str = r#"
printf '%s|' "$1" >>/calls
shift
printf ' <%s>' "$@" >>/calls
echo >>/calls
for file in /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/*; do
    if [ -e "$file" ]; then echo "  ${file##*/}" >>/calls; fi
done
if [ -e /broken ]; then exit 100; fi
mkdir -p /var/log/apt
echo now >/var/log/apt/history.log
echo now >/var/log/dpkg.log
"#;
const UPDATE: &str = "update| <-o> <APT::Update::Error-Mode=any>\n";

fn image() -> Container {
    let container = Container::new();
    container.program("/programs/apt-get", APT_GET);
    container.directory("/etc/apt/sources.list.d");
    container.directory("/etc/apt/apt.conf.d");
    container.directory("/var/log");
    container
}

fn install(container: &Container, args: &[&str]) -> Ran {
    container.sh("install-packages.sh", args)
}

#[test]
fn packages_are_installed_without_recommendations() {
    let container = image();
    install(&container, &["", "git", "libpq5=17.*"]).succeeded();
    assert_eq!(
        container.read("/calls"),
        format!("{UPDATE}install| <--yes> <--no-install-recommends> <git> <libpq5=17.*>\n")
    );
}

#[test]
fn an_upgrade_keeps_configuration_files() {
    let upgrade = "upgrade| <--yes> <--no-install-recommends> <--with-new-pkgs> <-o> <Dpkg::Options::=--force-confold>\n";
    let container = image();
    install(&container, &["upgrade"]).succeeded();
    assert_eq!(container.read("/calls"), format!("{UPDATE}{upgrade}"));

    let container = image();
    install(&container, &["upgrade", "git"]).succeeded();
    assert_eq!(
        container.read("/calls"),
        format!("{UPDATE}{upgrade}install| <--yes> <--no-install-recommends> <git>\n")
    );
}

#[test]
fn sources_of_the_build_file_are_only_there_while_apt_runs() {
    let container = image();
    container.write("/etc/apt/sources.list.d/debian.sources", "of the base\n");
    container.write(
        "/run/poetry-frontend/apt/tools.sources",
        "URIs: https://apt.test\n",
    );
    container.write("/run/poetry-frontend/apt/tools.asc", "key\n");
    install(&container, &["", "git"]).succeeded();
    let calls = container.read("/calls");
    let found = "\n  debian.sources\n  tools.sources\n";
    assert_eq!(calls.matches(found).count(), 2, "{calls}");
    assert!(!calls.contains("tools.asc"), "{calls}");
    assert!(!container.exists("/etc/apt/sources.list.d/tools.sources"));
    assert_eq!(
        container.read("/etc/apt/sources.list.d/debian.sources"),
        "of the base\n"
    );
}

#[test]
fn downloaded_archives_are_kept_in_the_cache() {
    let container = image();
    let docker_clean = "/etc/apt/apt.conf.d/docker-clean";
    container.write(docker_clean, "DPkg::Post-Invoke\n");
    container.write("/etc/apt/apt.conf.d/other", "");
    install(&container, &["", "git"]).succeeded();
    let calls = container.read("/calls");
    assert_eq!(calls.matches("  other\n").count(), 2, "{calls}");
    assert!(!calls.contains("docker-clean"), "{calls}");
    assert_eq!(container.read(docker_clean), "DPkg::Post-Invoke\n");
    assert!(!container.exists("/tmp/docker-clean"));
}

#[test]
fn logs_are_removed() {
    let container = image();
    container.write("/var/log/alternatives.log", "now\n");
    container.write("/var/log/other.log", "of the base\n");
    container.write("/var/cache/ldconfig/aux-cache", "now\n");
    install(&container, &["", "git"]).succeeded();
    for path in [
        "/var/log/apt",
        "/var/log/dpkg.log",
        "/var/log/alternatives.log",
        "/var/cache/ldconfig/aux-cache",
    ] {
        assert!(!container.exists(path), "{path}");
    }
    assert!(container.exists("/var/log/other.log"));
}

#[test]
fn nothing_is_installed_if_the_lists_cannot_be_updated() {
    let container = image();
    container.write("/broken", "");
    install(&container, &["", "git"]).failed(100);
    assert_eq!(container.read("/calls"), UPDATE);
}
