//! Projects that depend on Git repositories.

use testkit::{Dependency, Package};

use crate::support::{Build, GitServer, Image, Project, nonce};

const TOKEN: &str = "a-token-of-ninety-days";

/// A unique text.
fn fresh(text: &str) -> String {
    format!("{text} {}", nonce())
}

fn server(says: &str) -> GitServer {
    GitServer::start(&format!("SAYS = {says:?}\n"), TOKEN)
}

/// A package whose script prints `SAYS` of the library at `url`.
fn project(url: &str, commit: &str) -> Project {
    let files = Project::files("cloner", &[])
        .dynamic("dependencies")
        .poetry_dependency("library", Dependency::git(url).develop())
        .locked(Package::new("library", "1.0").git(url, commit).develop())
        .with_file(
            "src/cloner/__init__.py",
            "import library\ndef main():\n    print(library.SAYS, library.__file__)\n",
        );
    Project::with(&files)
}

fn over_ssh(server: &GitServer) -> Project {
    let project = project(&server.ssh(), &server.commit);
    project.build_file(&format!(
        "[git.\"{}\"]\nhost-keys = [\"{}\"]\n",
        server.ssh_host(),
        server.host_key()
    ));
    project
}

/// The project on a base that trusts the server's certificate.
fn over_https(server: &GitServer, git: &str) -> (Project, Image) {
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nCOPY <<'PEM' /etc/ssl/certs/git-server.pem\n{}\nPEM\n\
         RUN cd /etc/ssl/certs && cat git-server.pem >>ca-certificates.crt && \
         ln -s git-server.pem $(openssl x509 -noout -hash -in git-server.pem).0\n",
        server.certificate()
    ));
    let project = project(&server.https(), &server.commit);
    project.build_file(&format!(
        "{git}[python]\nversion = \"3.13\"\n[runtime]\nbase = \"{}\"\n",
        base.tag()
    ));
    (project, base)
}

fn with_key<'a>(build: Build<'a>, server: &GitServer) -> Build<'a> {
    build.with(&format!("--ssh=default={}", server.key().display()))
}

#[track_caller]
fn assert_installed(image: &Image, says: &str, url: &str, commit: &str) {
    let packages = "/app/.venv/lib/python3.13/site-packages";
    assert_eq!(
        image.answer_with(&["--read-only"], &[]),
        format!("{says} {packages}/library/__init__.py")
    );
    let origin: serde_json::Value = serde_json::from_str(&image.shell(&format!(
        "cat {packages}/library-1.0.dist-info/direct_url.json"
    )))
    .unwrap();
    assert_eq!(origin["url"], url);
    assert_eq!(origin["vcs_info"]["commit_id"], commit);
    // The image has neither Git clients nor clones.
    assert_eq!(
        image.shell("command -v git ssh || :; find / -name '*.git' -o -name '*known_hosts' -o -path '*/.venv/src' 2>/dev/null || :"),
        ""
    );
}

#[test]
fn a_git_dependency_is_cloned_over_ssh_with_the_clients_agent() {
    let says = fresh("hello over ssh");
    let server = server(&says);
    let project = over_ssh(&server);
    let image = with_key(project.build(), &server).image();
    assert_installed(&image, &says, &server.ssh(), &server.commit);
    // An edit of the source needs no agent.
    project.edit("src/cloner/__init__.py", "print(", "print('now', ");
    let (image, built) = with_key(project.build(), &server).run().parts();
    assert!(image.answer(&[]).starts_with("now hello over ssh"));
    assert!(built.step("deps-poetry", "poetry install library").cached);
}

#[test]
fn a_missing_agent_is_an_error_before_anything_runs() {
    let server = server("unheard");
    let project = over_ssh(&server);
    let message = "the SSH agent `default` was not provided
  hint: add `--ssh default` to the command, and add the key to your agent with `ssh-add`";
    let other = format!("--ssh=other={}", server.key().display());
    for build in [project.build(), project.build().with(&other)] {
        let built = build.run();
        assert!(built.error().ends_with(message), "{}", built.error());
        assert_eq!(built.ran(), [""; 0]);
    }
}

#[test]
fn a_host_with_another_key_is_rejected() {
    let server = server("unheard");
    let project = over_ssh(&server);
    let key = server.host_key();
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    project.edit("poetry.build.toml", &key, other);
    let built = with_key(project.build(), &server).run();
    built.error();
    let shown = built.report();
    assert!(shown.contains("Host key verification failed"), "{shown}");
}

#[test]
fn a_git_dependency_is_cloned_over_https_with_a_token() {
    let says = fresh("hello over https");
    let server = server(&says);
    let (project, _base) = over_https(&server, "");
    let id = format!("GIT_AUTH_TOKEN.{}", server.https_host());
    // Without the token, and with a wrong one, the error shows the host's response.
    let wrong = "a-token-of-yesterday";
    for build in [project.build(), project.build().with_secret(&id, wrong)] {
        let built = build.run();
        built.error();
        let shown = built.report();
        assert!(shown.contains("Failed to clone"), "{shown}");
        assert!(!shown.contains(wrong), "{shown}");
    }
    let (image, built) = project.build().with_secret(&id, TOKEN).run().parts();
    assert_installed(&image, &says, &server.https(), &server.commit);
    assert!(
        image.holds("hello over https"),
        "the layers can be searched"
    );
    assert!(!image.holds(TOKEN) && !built.report().contains(TOKEN));
}

#[test]
fn a_missing_token_is_an_error_before_anything_runs() {
    let url = "https://git.example/library.git";
    let project = project(url, "0123456789012345678901234567890123456789");
    project.build_file("[git.\"git.example\"]\ntoken-secret = \"git-token\"\n");
    let built = project.build().run();
    let message = "poetry.build.toml:3: the secret `git-token` was not provided
  hint: add `--secret id=git-token,env=VARIABLE` or `--secret id=git-token,src=FILE` to the command";
    assert!(built.error().ends_with(message), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
}
