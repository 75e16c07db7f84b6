//! `docker compose build` of the services of one build file.

use crate::support::{Image, Project, docker, nonce};

#[test]
fn compose_builds_several_services_from_one_build_file() {
    let name = format!("poetry-frontend-test-{}", nonce());
    let files = Project::files("composed", &[])
        .script("worker", "composed:work")
        .with_file(
            "src/composed/__init__.py",
            "import os\ndef main():\n    print('web', os.environ['GREETING'])\ndef work():\n    print('worker')\n",
        );
    let project = Project::with(&files);
    project.build_file(
        r#"
        [runtime]
        entrypoint = ["composed"]
        env = { GREETING = "${GREETING}" }
        [target.worker]
        runtime.entrypoint = ["worker"]
        [args.GREETING]
        default = "none"
        "#,
    );
    let build = "{ context: ., dockerfile: poetry.build.toml";
    let args = "args: { PYPI_MIRROR: \"${PYPI_MIRROR:-}\", GREETING: hello }";
    project.write(
        "compose.yaml",
        &format!(
            "name: {name}\nservices:\n  web: {{ build: {build}, {args} }} }}\n  \
             worker: {{ build: {build}, target: worker, {args} }} }}\n"
        ),
    );
    let compose = |arguments: &[&str]| {
        let output = docker(&["compose"])
            .args(arguments)
            .current_dir(project.path())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    compose(&["build"]);
    let images = ["web", "worker"].map(|service| Image::new(format!("{name}-{service}")));
    assert_eq!(compose(&["run", "--rm", "web"]).trim(), "web hello");
    assert_eq!(compose(&["run", "--rm", "worker"]).trim(), "worker");
    assert_eq!(images[0].layers(), images[1].layers());
    compose(&["down"]);
}
