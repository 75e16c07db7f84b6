//! `poetry-frontend plan --diff`.

use crate::support::{Checkout, run, service_with_humanize};

const NO_DIFFERENCE: &str = "no step would re-run\n";

#[test]
fn a_diff_of_two_directories_shows_which_steps_re_run_and_why() {
    let project = service_with_humanize("4.1.0");
    let (old, new) = (Checkout::of(&project), Checkout::of(&project));
    let diff = || {
        let [old, new] = [&old, &new].map(|one| one.path().to_str().unwrap());
        run(&["plan", "--diff", old, new]).printed()
    };
    assert_eq!(diff(), NO_DIFFERENCE);

    // A readme does not affect what is installed.
    new.write("README.md", "hello\n");
    new.write("service/web.py", "def main(): print()\n");
    let shown = diff();
    assert!(shown.starts_with("source\n"), "{shown}");
    assert!(
        shown.contains("\n       service/web.py changed\n"),
        "{shown}"
    );
    assert!(!shown.contains("deps"), "{shown}");

    new.write("poetry.lock", &service_with_humanize("4.2.0").lock());
    let shown = diff();
    let invalidated_by = r#"deps-1
   1/1 install humanize
       poetry.lock: removed version = "4.1.0"
       poetry.lock:5: version = "4.2.0"
"#;
    assert!(shown.starts_with(invalidated_by), "{shown}");
    assert!(
        shown.contains("copy humanize\n       `deps-1` re-runs\n"),
        "{shown}"
    );
    // The other layers stay.
    assert!(!shown.contains("virtual environment"), "{shown}");

    new.put(&service_with_humanize("4.2.0").with_build_file(
        r#"
        # syntax=org/poetry-frontend
        [runtime]
        packages = ["libpq5"]
        "#,
    ));
    let invalidated_by =
        "   1/5 apt-get install libpq5\n       poetry.build.toml:3: packages = [\"libpq5\"]\n";
    assert!(diff().contains(invalidated_by), "{}", diff());
}

#[test]
fn a_diff_of_two_git_revisions_shows_the_changed_lines() {
    let checkout = Checkout::of(&service_with_humanize("4.1.0"));
    checkout.git(&["init", "--quiet"]);
    checkout.git(&["add", "."]);
    checkout.git(&["commit", "--quiet", "--message", "one"]);
    checkout.put(&service_with_humanize("4.2.0"));
    let compared = checkout
        .run(&["plan", "--diff", "HEAD", ".", "--format=json"])
        .json();
    let steps = compared["steps"].as_array().unwrap();
    let step = |title: &str| steps.iter().find(|step| step["step"] == title).unwrap();
    let install = step("install humanize");
    let invalidated_by = install["invalidatedBy"].as_array().unwrap();
    let line =
        serde_json::json!({ "file": "poetry.lock", "line": 5, "text": "version = \"4.2.0\"" });
    assert!(invalidated_by.contains(&line), "{install}");
    assert_eq!(step("install uv 0.13.9")["reruns"], false);
    checkout.git(&["commit", "--quiet", "--all", "--message", "two"]);
    let same = checkout.run(&["plan", "--diff", "HEAD", "."]);
    assert_eq!(same.stdout, NO_DIFFERENCE);
    let other = checkout.run(&["plan", "--diff", "HEAD~1", "HEAD"]);
    assert!(
        other
            .stdout
            .contains("poetry.lock:5: version = \"4.2.0\"\n"),
        "{}",
        other.stdout
    );
    let ran = checkout.run(&["plan", "--diff", "HEAD", "nothing"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: `nothing` is neither a directory nor a Git revision\n  hint: check the spelling; revisions also need `git` and a repository here\n"
    );
}

#[test]
fn a_diff_names_the_changed_settings_of_the_image_without_their_values() {
    let project = service_with_humanize("4.1.0");
    let (old, new) = (Checkout::of(&project), Checkout::of(&project));
    new.put(&project.with_build_file(
        r#"
        [runtime]
        env = { API_HOST = "hidden" }
        stop-signal = "SIGINT"
        "#,
    ));
    let [old, new] = [&old, &new].map(|one| one.path().to_str().unwrap());
    assert_eq!(
        run(&["plan", "--diff", old, new]).printed(),
        format!("image config\n   env.API_HOST\n   stop-signal\n{NO_DIFFERENCE}")
    );
}
