//! Git dependencies.

use super::*;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA";

/// The plan of a project with a dependency from the repository at `url`.
fn with_repository(build_file: &str, url: &str) -> Result<Plan, Diagnostics> {
    let source = format!(
        "[package.source]\ntype = \"git\"\nurl = \"{url}\"\nreference = \"HEAD\"\nresolved_reference = \"0123\"\n"
    );
    let lock = lock(&package("my-lib", "", &source));
    plan_of(build_file, PYPROJECT, &lock, &request())
}

fn refused(build_file: &str, url: &str) -> String {
    with_repository(build_file, url).unwrap_err().to_string()
}

/// The step that installs.
fn install(plan: &Plan) -> &Run {
    run(stage(plan, &StageName::Deps).steps.last().unwrap())
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
    let Action::Write(files) = &stage(plan, &StageName::Deps).steps[0].action else {
        panic!("the first step writes")
    };
    let file = files.iter().find(|file| file.path.ends_with("known_hosts"));
    file.map(|file| file.content.as_str())
}

#[test]
fn the_builder_has_what_the_lock_needs() {
    let file = format!("[git.\"git.example\"]\nhost-keys = [\"{KEY}\"]\n");
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
        // Nothing of it is in the image.
        assert!(!titles(stage(&plan, &StageName::Runtime))[0].contains("apt"));
    }
    assert!(titles(stage(&plan(""), &StageName::Builder)).is_empty());
    let more = with_repository("[build]\npackages = [\"gcc\"]\n", "/srv/lib.git").unwrap();
    assert_eq!(
        titles(stage(&more, &StageName::Builder)),
        ["apt-get install gcc git"]
    );
}

#[test]
fn ssh_has_the_agent_and_the_keys_of_the_hosts() {
    for (host, url, line) in [
        ("git.example", "git@git.example:lib.git", "git.example"),
        (
            "Git.Example:2222",
            "ssh://git@git.example:2222/lib.git",
            "[git.example]:2222",
        ),
        ("[::1]:22", "ssh://git@[::1]:22/lib.git", "[::1]:22"),
    ] {
        let file = format!("[git.\"{host}\"]\nhost-keys = [\"{KEY} a comment\"]\n");
        let plan = with_repository(&file, url).unwrap();
        assert_eq!(known_hosts(&plan), Some(format!("{line} {KEY}\n").as_str()));
        assert_eq!(agents(&plan), ["default"]);
        assert_eq!(
            plan.needs[&Need::Agent("default".to_owned())].to_string(),
            "poetry.lock:2: the build has no SSH agent `default`\n  hint: add `--ssh default` to the command, and the key to your agent: `ssh-add`"
        );
    }
    let https = with_repository("", "https://git.example/lib.git").unwrap();
    assert_eq!((known_hosts(&https), agents(&https).len()), (None, 0));
}

#[test]
fn a_token_is_taken_for_its_host_alone() {
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
        let required: Vec<Need> = plan.needs.into_keys().collect();
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
        secret("[git.\"git.example:8443\"]\ntoken-secret = \"mine\"\nusername = \"me\"\n"),
        (
            "mine".to_owned(),
            vec![Need::Secret("mine".to_owned())],
            "me".to_owned()
        )
    );
}

#[test]
fn each_mistake_has_its_line_and_a_hint() {
    assert_eq!(
        refused("", "git@git.example:lib.git"),
        "poetry.lock:2: the Git dependency `my-lib` comes over SSH from `git.example`, whose host key is not known\n  hint: add `[git.\"git.example\"]` with `host-keys = [\"ssh-ed25519 ...\"]`, the keys that the host publishes"
    );
    assert_eq!(
        refused("", "https://me:secret-word@git.example/lib.git"),
        "poetry.lock:2: the address of `my-lib` holds a user name or password, which would be stored in the build's cache\n  hint: take them out of it and lock again; the build gets them from secrets, see `[indexes]` and `[git]`"
    );
}
