//! Git dependencies.

use super::*;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA";

/// The plan of a project with a dependency from the repository at `url`.
fn with_repository(build_file: &str, url: &str) -> Result<Plan, Diagnostics> {
    let project = bare()
        .dependency("my-lib")
        .locked(Package::new("my-lib", "1").git(url, "0123"))
        .with_build_file(build_file);
    plan_for(&project, &request())
}

fn error(url: &str) -> String {
    with_repository("", url).unwrap_err().to_string()
}

/// The command that installs.
fn install(plan: &Plan) -> &Run {
    last_run(plan, &StageName::PoetryDeps)
}

fn agents(plan: &Plan) -> Vec<&str> {
    let mounts = install(plan).mounts.iter();
    let agents = mounts.filter_map(|mount| match mount {
        Mount::Agent { id, .. } => Some(id.as_str()),
        _ => None,
    });
    agents.collect()
}

fn known_hosts(plan: &Plan) -> Option<&str> {
    let mut files = written(plan).iter();
    let file = files.find(|file| file.path.ends_with("known_hosts"));
    file.map(|file| file.content.as_str())
}

#[test]
fn the_builder_has_git_only_if_a_dependency_needs_it() {
    let file = format!(
        r#"
        [git."git.example"]
        host-keys = ["{KEY}"]
        "#
    );
    for (build_file, url, packages) in [
        ("", "https://git.example/lib.git", "git"),
        ("", "/srv/lib.git", "git"),
        (&file, "git@git.example:lib.git", "git openssh-client"),
    ] {
        let plan = with_repository(build_file, url).unwrap();
        assert_eq!(
            titles(stage(&plan, &StageName::Builder)),
            [format!("apt-get install {packages}")]
        );
        // The image does not contain it.
        assert!(!titles(stage(&plan, &StageName::Runtime))[0].contains("apt"));
    }
    assert!(titles(stage(&plan(BY_POETRY), &StageName::Builder)).is_empty());
    let more = with_repository(
        r#"
        [build]
        packages = ["gcc"]
        "#,
        "/srv/lib.git",
    )
    .unwrap();
    assert_eq!(
        titles(stage(&more, &StageName::Builder)),
        ["apt-get install gcc git"]
    );
}

#[test]
fn ssh_uses_the_agent_and_the_known_host_keys() {
    for (host, url, line) in [
        ("git.example", "git@git.example:lib.git", "git.example"),
        (
            "Git.Example:2222",
            "ssh://git@git.example:2222/lib.git",
            "[git.example]:2222",
        ),
        ("[::1]:22", "ssh://git@[::1]:22/lib.git", "[::1]:22"),
    ] {
        let file = format!(
            r#"
            [git."{host}"]
            host-keys = ["{KEY} a comment"]
            "#
        );
        let plan = with_repository(&file, url).unwrap();
        assert_eq!(known_hosts(&plan), Some(format!("{line} {KEY}\n").as_str()));
        assert_eq!(agents(&plan), ["default"]);
        assert_eq!(
            plan.requirements[&Requirement::Agent("default".to_owned())].to_string(),
            "poetry.lock:3: the SSH agent `default` was not provided\n  hint: add `--ssh default` to the command, and add the key to your agent with `ssh-add`"
        );
    }
    let https = with_repository("", "https://git.example/lib.git").unwrap();
    assert_eq!((known_hosts(&https), agents(&https).len()), (None, 0));
}

#[test]
fn a_token_is_sent_only_to_its_host() {
    let url = "https://git.example:8443/team/lib.git";
    let secret = |file: &str| {
        let plan = with_repository(file, url).unwrap();
        let run = install(&plan).clone();
        assert_eq!(
            run.env["GIT_CONFIG_KEY_0"],
            "credential.https://git.example:8443.helper"
        );
        assert_eq!(run.env["GIT_CONFIG_COUNT"], "1");
        let secret = run.secrets.last().unwrap().clone();
        assert_eq!(secret.variable, "GIT_TOKEN_0");
        let required: Vec<Requirement> = plan.requirements.into_keys().collect();
        (secret.id, required, run.env["GIT_USERNAME_0"].clone())
    };
    assert_eq!(
        secret(""),
        (
            "GIT_AUTH_TOKEN.git.example:8443".to_owned(),
            vec![],
            "x-access-token".to_owned()
        )
    );
    assert_eq!(
        secret(
            r#"
            [git."git.example:8443"]
            token-secret = "mine"
            username = "me"
            "#
        ),
        (
            "mine".to_owned(),
            vec![Requirement::Secret("mine".to_owned())],
            "me".to_owned()
        )
    );
}

#[test]
fn each_error_has_its_line_and_a_hint() {
    assert_eq!(
        error("git@git.example:lib.git"),
        "poetry.lock:3: the Git dependency `my-lib` is fetched over SSH from `git.example`, whose host key is unknown\n  hint: add `[git.\"git.example\"]` with the keys that the host publishes: `host-keys = [\"ssh-ed25519 ...\"]`"
    );
    assert_eq!(
        error("https://me:secret-word@git.example/lib.git"),
        "pyproject.toml:5: the address of `my-lib` contains a user name or password, which would be stored in the build cache\n  hint: remove the credentials from the address, run `poetry lock`, and provide them as secrets with `[indexes]` or `[git]`"
    );
}
