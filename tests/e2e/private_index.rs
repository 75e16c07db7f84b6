//! A package index with authentication.

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
fn credentials_come_from_secrets_and_are_not_stored() {
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
fn secrets_can_have_other_ids() {
    let index = private();
    let project = project(&index);
    project.build_file(
        r#"
        [indexes.index]
        username-secret = "who"
        password-secret = "how"
        "#,
    );
    let image = project
        .build()
        .with_secret("who", USER)
        .with_secret("how", PASSWORD)
        .image();
    assert_eq!(image.answer(&[]), "hello from inside");
}

#[test]
fn a_missing_secret_is_an_error_before_the_installation() {
    let index = private();
    let project = project(&index);
    project.build_file("[indexes.index]\nusername-secret = \"who\"\n");
    let built = project.build().with_secret("who", USER).run();
    let message = "poetry.build.toml:2: the secret `index-password` was not provided
  hint: add `--secret id=index-password,env=VARIABLE` or `--secret id=index-password,src=FILE` to the command";
    assert!(built.error().ends_with(message), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
    // Without any secret, both errors are shown at once.
    let built = project.build().run();
    assert_eq!(
        built.error().matches("was not provided").count(),
        2,
        "{}",
        built.error()
    );
}

#[test]
fn wrong_credentials_fail_with_the_answer_of_the_index() {
    let index = private();
    let project = project(&index);
    let wrong = "a-password-of-yesterday";
    let built = project
        .build()
        .with_secret("index-username", USER)
        .with_secret("index-password", wrong)
        .run();
    let reason = " failed: an index refused the credentials\n  hint: check the values of the secrets `index-username` and `index-password` of the index `index`";
    assert!(built.error().ends_with(reason), "{}", built.error());
    let shown = built.report();
    assert!(shown.contains("401 Unauthorized"), "{shown}");
    assert!(!shown.contains(wrong) && !shown.contains(USER), "{shown}");
    assert_eq!(index.downloads(), [""; 0]);
}

#[test]
fn a_certificate_authority_can_come_from_a_secret() {
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
        r#"
        [args]
        PYPI_MIRROR = { default = "" }
        [poetry]
        mirror = "${PYPI_MIRROR}"
        ca-bundle = "secret:authorities"
        "#,
    );
    // The certificates of the image are trusted as well.
    let image = project
        .build()
        .with_secret("authorities", &tls.authority)
        .image();
    assert_eq!(image.answer(&[]), "hello over tls");
    let line = tls.authority.lines().nth(1).unwrap();
    assert!(!image.holds(line), "the certificate is in the image");
}

#[test]
fn a_newline_at_the_end_of_a_secret_is_no_part_of_it() {
    for installer in ["auto", "poetry"] {
        let index = private();
        let project = project(&index);
        project.build_file(&format!("[dependencies]\ninstaller = \"{installer}\"\n"));
        let image = project
            .build()
            .with_secret("index-username", &format!("{USER}\n"))
            .with_secret("index-password", &format!("{PASSWORD}\r\n"))
            .image();
        assert_eq!(image.answer(&[]), "hello from inside", "{installer}");
    }
}
