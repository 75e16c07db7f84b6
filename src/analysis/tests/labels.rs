//! Labels of the image.

use super::*;

#[test]
fn labels_describe_the_project_unless_the_build_file_sets_them() {
    let project = app()
        .name("My_App")
        .version("1.2")
        .in_project(
            r#"
            description = "It is."
            license = { text = "MIT" }
            "#,
        )
        .with_build_file(
            r#"
            [runtime]
            labels = { "org.opencontainers.image.version" = "7", team = "x" }
            "#,
        );
    let request = Request {
        source: Some("https://host/app.git".to_owned()),
        revision: Some("0123".to_owned()),
        labels: BTreeMap::from([("team".to_owned(), "web".to_owned())]),
        ..request()
    };
    let plan = plan_for(&project, &request).unwrap();
    let labels: Vec<(&str, &str)> = plan
        .settings
        .labels
        .iter()
        .map(|(name, value)| {
            (
                name.trim_start_matches("org.opencontainers.image."),
                value.as_str(),
            )
        })
        .collect();
    assert_eq!(
        labels,
        [
            ("description", "It is."),
            ("revision", "0123"),
            ("source", "https://host/app.git"),
            ("title", "My_App"),
            ("version", "7"),
            ("team", "web"),
        ]
    );
}
