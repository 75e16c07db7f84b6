//! A package index that asks who is there.

use crate::support::{Index, Project};

const USER: &str = "reader-of-the-index";
const PASSWORD: &str = "correct-horse-battery-staple";

fn project(index: &Index) -> Project {
    let words = index.publish("words", "1.0", "GREETING = 'hello from inside'\n");
    let project = Project::package("insider", &[&words]);
    project.write(
        "src/insider/__init__.py",
        "import words\ndef main():\n    print(words.GREETING)\n",
    );
    project
}

fn private() -> Index {
    Index::private(&format!("{USER}:{PASSWORD}"))
}

#[test]
fn credentials_come_from_secrets_and_stay_nowhere() {
    let index = private();
    let project = project(&index);
    let (image, built) = project
        .build()
        .with_secret("index-username", USER)
        .with_secret("index-password", PASSWORD)
        .run()
        .parts();
    assert_eq!(image.answer(&[]), "hello from inside");
    assert_eq!(index.downloads().len(), 1);
    let shown = built.report();
    assert!(
        image.holds("hello from inside"),
        "the layers can be searched"
    );
    for secret in [USER, PASSWORD] {
        assert!(!image.holds(secret), "the image holds {secret}");
        assert!(!shown.contains(secret), "the progress shows {secret}");
    }
}

#[test]
fn secrets_may_have_other_ids() {
    let index = private();
    let project = project(&index);
    project.build_file("[indexes.index]\nusername-secret = \"who\"\npassword-secret = \"how\"\n");
    let image = project
        .build()
        .with_secret("who", USER)
        .with_secret("how", PASSWORD)
        .image();
    assert_eq!(image.answer(&[]), "hello from inside");
}

#[test]
fn a_missing_secret_is_told_before_anything_is_installed() {
    let index = private();
    let project = project(&index);
    project.build_file("[indexes.index]\nusername-secret = \"who\"\n");
    let built = project.build().with_secret("who", USER).run();
    let told = "poetry.build.toml:2: the build has no secret `index-password`
  hint: add `--secret id=index-password,env=VARIABLE` or `--secret id=index-password,src=FILE` to the command";
    assert!(built.error().ends_with(told), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
    // The same without any secret at all, and both are told at once.
    let built = project.build().run();
    assert_eq!(
        built.error().matches("the build has no secret").count(),
        2,
        "{}",
        built.error()
    );
}

#[test]
fn a_wrong_secret_fails_with_the_answer_of_the_index() {
    let index = private();
    let project = project(&index);
    let wrong = "a-password-of-yesterday";
    let built = project
        .build()
        .with_secret("index-username", USER)
        .with_secret("index-password", wrong)
        .run();
    built.error();
    let shown = built.report();
    assert!(shown.contains("Authorization error accessing"), "{shown}");
    assert!(!shown.contains(wrong) && !shown.contains(USER), "{shown}");
    assert_eq!(index.downloads(), [""; 0]);
}

#[test]
fn an_authority_of_ones_own_comes_as_a_secret() {
    let index = Index::start();
    let tls = index.over_tls();
    let mut words = index.publish("words", "1.0", "GREETING = 'hello over tls'\n");
    words.index.clone_from(&tls.index);
    let project = Project::package("trusting", &[&words]);
    project.write(
        "src/trusting/__init__.py",
        "import words\ndef main():\n    print(words.GREETING)\n",
    );
    project.bare_build_file(
        "[args]\nPYPI_MIRROR = { default = \"\" }\n[poetry]\nmirror = \"${PYPI_MIRROR}\"\nca-bundle = \"secret:authorities\"\n",
    );
    let built = project.build().run();
    assert!(
        built
            .error()
            .contains("the build has no secret `authorities`"),
        "{}",
        built.error()
    );
    assert!(
        built.error().contains("poetry.build.toml:6: "),
        "{}",
        built.error()
    );
    // What the machine trusts, and one more.
    let known = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap();
    let bundle = format!("{known}\n{}", tls.certificate);
    let image = project.build().with_secret("authorities", &bundle).image();
    assert_eq!(image.answer(&[]), "hello over tls");
    let line = tls.certificate.lines().nth(1).unwrap();
    assert!(!image.holds(line), "the certificate is in the image");
}
