//! Debian packages for building and for running.

use crate::support::Project;

#[test]
fn packages_are_where_they_are_asked_for() {
    let project = Project::package("packaged", &[]);
    // The package is built where its build script finds `file`, and runs where `tini` is.
    project
        .edit(
            "pyproject.toml",
            "[build-system]",
            "[tool.poetry]\ninclude = [{ path = \"src/packaged/found.txt\", format = \"wheel\" }]\n[tool.poetry.build]\nscript = \"build.py\"\n\n[build-system]",
        )
        .lock(&[])
        .write(
            "build.py",
            "import pathlib, shutil\npathlib.Path('src/packaged/found.txt').write_text(shutil.which('file'))\n",
        )
        .write(
            "src/packaged/__init__.py",
            "from pathlib import Path\ndef main():\n    print(Path(__file__).with_name('found.txt').read_text(), end='')\n",
        )
        .build_file(
            "[build]\npackages = [\"file\"]\n[runtime]\npackages = [\"tini\"]\nentrypoint = [\"tini\", \"--\", \"packaged\"]\n",
        );
    let image = project.build().image();
    assert_eq!(image.answer(&[]), "/usr/bin/file");
    assert_eq!(
        image.shell("command -v tini; command -v file || echo no file"),
        "/usr/bin/tini\nno file"
    );
    // No package lists, no archives, no log of the day.
    assert_eq!(
        image.shell("find /var/lib/apt/lists /var/cache/apt/archives /var/log/apt /var/log/dpkg.log -type f ! -name lock 2>/dev/null | sort"),
        ""
    );
}
