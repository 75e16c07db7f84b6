//! uv on another platform than the image's chooses wheels for the image.

use super::container::Container;

#[test]
fn only_an_installation_is_for_another_platform() {
    let mut container = Container::new();
    container.program("/opt/engine-uv/bin/uv", "printf '%s\\n' \"$@\"");
    container.set_env("WHEELS_FOR", "aarch64-manylinux_2_40");
    let ran = |args: &[&str]| container.sh("uv-for-platform.sh", args).succeeded().stdout;
    let install = ["--cache-dir", "/out/.cache", "pip", "install", "a b"];
    assert_eq!(
        ran(&install),
        "--cache-dir\n/out/.cache\npip\ninstall\na b\n--python-platform\naarch64-manylinux_2_40\n"
    );
    assert_eq!(ran(&["--version"]), "--version\n");
}
