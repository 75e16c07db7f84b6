//! The image's user: its entries, its home and its directories.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::container::{Container, Ran, user};

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n";
const GROUP: &str = "root:x:0:\n";

fn without_users() -> Container {
    let container = Container::new();
    container.script("in-root.sh");
    container
}

fn base(root: &str) -> Container {
    let container = without_users();
    container.write(&format!("{root}/etc/passwd"), PASSWD);
    container.write(&format!("{root}/etc/group"), GROUP);
    container
}

fn add(container: &Container, root: &str, directories: &[&str]) -> Ran {
    let (id, _) = user();
    let args = [root, "app", id, id, "/home/app", "/bin/sh"];
    container.sh("add-user.sh", &[&args, directories].concat())
}

/// Like `add`, with an id that no entry has.
fn add_numbered(container: &Container, root: &str) -> Ran {
    let args = [root, "app", "10001", "10002", "/home/app", "/bin/sh"];
    container.sh("add-user.sh", &args)
}

#[test]
fn a_new_user_gets_entries_and_a_home() {
    for root in ["", "/image"] {
        let container = base(root);
        add_numbered(&container, root).succeeded();
        let file = |path: &str| container.read(&format!("{root}{path}"));
        assert_eq!(
            file("/etc/passwd"),
            format!("{PASSWD}app:x:10001:10002::/home/app:/bin/sh\n")
        );
        assert_eq!(file("/etc/group"), format!("{GROUP}app:x:10002:\n"));
        assert!(container.path(&format!("{root}/home/app")).is_dir());
    }
}

#[test]
fn an_image_without_users_gets_its_first_one() {
    let container = without_users();
    assert_eq!(add_numbered(&container, "").succeeded().stderr, "");
    assert_eq!(
        container.read("/etc/passwd"),
        "app:x:10001:10002::/home/app:/bin/sh\n"
    );
    assert_eq!(container.read("/etc/group"), "app:x:10002:\n");
}

#[test]
fn an_existing_entry_with_the_same_name_and_id_is_kept() {
    let container = base("");
    let passwd = format!("{PASSWD}app:x:10001:7:The app:/srv:/bin/bash\n");
    let group = format!("{GROUP}users:x:10002:app\n");
    container.write("/etc/passwd", &passwd);
    container.write("/etc/group", &group);
    add_numbered(&container, "").succeeded();
    assert_eq!(container.read("/etc/passwd"), passwd);
    assert_eq!(container.read("/etc/group"), group);
}

#[test]
fn a_user_whose_name_or_id_only_begins_the_same_is_another_one() {
    let container = base("");
    let others = "application:x:10001:5::/:/bin/sh\napp2:x:100010:5::/:/bin/sh\n";
    container.write("/etc/passwd", others);
    container.write("/etc/group", "many:x:100020:\n");
    add_numbered(&container, "").succeeded();
    assert_eq!(
        container.read("/etc/passwd"),
        format!("{others}app:x:10001:10002::/home/app:/bin/sh\n")
    );
    assert_eq!(
        container.read("/etc/group"),
        "many:x:100020:\napp:x:10002:\n"
    );
}

#[test]
fn the_same_name_with_another_id_is_an_error() {
    for id in [10009, 100_010] {
        let container = base("");
        let passwd = format!("{PASSWD}app:x:{id}:{id}::/home/app:/bin/sh\n");
        container.write("/etc/passwd", &passwd);
        let message = add_numbered(&container, "").failed(1);
        assert!(message.starts_with("error: "), "{message}");
        assert!(message.contains("already has a user app "), "{message}");
        assert_eq!(container.read("/etc/passwd"), passwd);
    }
}

#[test]
fn directories_are_created_and_belong_to_the_user_with_all_their_files() {
    for root in ["", "/image"] {
        let container = base(root);
        container.write(&format!("{root}/data/of/base.txt"), "");
        container.write(&format!("{root}/other/file.txt"), "");
        add(&container, root, &["/data", "/var/lib/my app"]).succeeded();
        let owner = |path: &str| {
            let metadata = fs::metadata(container.path(&format!("{root}{path}"))).unwrap();
            (metadata.uid(), metadata.gid())
        };
        let (_, id) = user();
        for path in ["/data", "/data/of", "/data/of/base.txt", "/var/lib/my app"] {
            assert_eq!(owner(path).0, id, "{path}");
        }
        assert_eq!(owner("/var/lib"), owner("/other/file.txt"));
    }
}

#[test]
fn links_of_an_image_lead_to_places_in_it() {
    for root in ["", "/image"] {
        let container = base(root);
        for directory in ["/run", "/var", "/srv/real"] {
            container.directory(&format!("{root}{directory}"));
        }
        container.link(&format!("{root}/var/run"), "/run");
        container.link(&format!("{root}/var/up"), "../srv/./link/..");
        container.link(&format!("{root}/srv/link"), "/srv/real");
        container.link(&format!("{root}/srv/same"), "real");
        let directories = [
            "/var/run/app",
            "/var/up/up",
            "/srv/link/absolute",
            "/srv/same/relative",
        ];
        add(&container, root, &directories).succeeded();
        for made in [
            "/run/app",
            "/srv/up",
            "/srv/real/absolute",
            "/srv/real/relative",
        ] {
            let path = container.path(&format!("{root}{made}"));
            let is_directory = path.symlink_metadata().is_ok_and(|found| found.is_dir());
            assert!(is_directory, "{root}{made}");
        }
    }
    let container = base("/image");
    let (id, _) = user();
    let args = ["/image", "app", id, id, "/", "/bin/sh", "/"];
    container.sh("add-user.sh", &args).succeeded();
    container.link("/image/turn", "/turn");
    assert_eq!(
        add(&container, "/image", &["/turn/app"]).failed(1),
        "error: /turn/app: too many links in the base image\n"
    );
}
