//! A hook sees its inputs, which are nowhere afterwards.

use super::container::{Container, Ran};

fn container() -> Container {
    let mut container = Container::new();
    container.python("");
    container.set_workdir("/app");
    container.write("/inputs/package.json", "{}\n");
    container.write("/inputs/web/src/a b.js", "new\n");
    container.set_mode("/inputs/web/src/a b.js", 0o755);
    container.link("/inputs/web/link", "src");
    container
}

fn hook(container: &Container, existing: &str, outputs: &[&str], script: &str) -> Ran {
    let args = ["/inputs", existing].into_iter();
    let args = args.chain(outputs.iter().copied());
    let args: Vec<&str> = args.chain(["--", "sh", "-euc", script]).collect();
    container.py("with_inputs.py", &args)
}

/// The files of the working directory.
fn left(container: &Container) -> String {
    let find = ["find", "/app", "/tmp", "-mindepth", "1"];
    let mut lines: Vec<String> = container
        .run(&find, &[])
        .succeeded()
        .stdout
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines.join(" ")
}

#[test]
fn inputs_are_there_only_while_the_hook_runs() {
    let container = container();
    let before = left(&container);
    let see = "cat package.json web/link/a*; [ -x 'web/src/a b.js' ]; [ -L web/link ]";
    let ran = hook(&container, "replace", &[], see).succeeded();
    assert_eq!(ran.stdout, "{}\nnew\n");
    assert_eq!(left(&container), before);
    // What the hook makes stays.
    hook(
        &container,
        "replace",
        &[],
        "echo x >web/made; rm package.json",
    )
    .succeeded();
    assert_eq!(left(&container), format!("{before}/app/web /app/web/made"));
}

#[test]
fn a_file_that_is_already_there_is_kept_or_gives_way_for_a_while() {
    let container = container();
    container.write("/app/package.json", "old\n");
    let script = "cat package.json; echo changed >package.json";
    let ran = hook(&container, "replace", &[], script).succeeded();
    assert_eq!(ran.stdout, "{}\n");
    assert_eq!(container.read("/app/package.json"), "old\n");
    let ran = hook(&container, "keep", &[], script).succeeded();
    assert_eq!(ran.stdout, "old\n");
    assert_eq!(container.read("/app/package.json"), "changed\n");
}

#[test]
fn inputs_in_an_output_stay() {
    let container = container();
    hook(&container, "replace", &["/app/web/src"], "true").succeeded();
    let before = left(&container);
    assert!(
        before.ends_with("/app/web /app/web/src /app/web/src/a b.js"),
        "{before}"
    );
}

#[test]
fn a_hook_fails_with_its_own_status() {
    let container = container();
    hook(&container, "keep", &[], "exit 7").failed(7);
    hook(&container, "keep", &[], "kill -9 $$").failed(137);
    let ran = container.py("with_inputs.py", &["/inputs", "keep", "--", "nosuch"]);
    let log = ran.failed(127);
    assert!(log.contains("hook: nosuch: No such file"), "{log}");
}
