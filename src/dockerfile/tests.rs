//! What instructions are read as.

use super::*;

fn parse(text: &str) -> Dockerfile {
    Dockerfile::parse("Dockerfile", text.as_bytes()).unwrap()
}

/// The instructions of the only stage.
fn kinds(text: &str) -> Vec<Kind> {
    let mut parsed = parse(&format!("FROM python\n{text}"));
    let stage = parsed.stages.remove(0);
    stage
        .instructions
        .into_iter()
        .map(|instruction| instruction.kind)
        .collect()
}

/// The values of `ENV` or `LABEL` in a template.
fn templates(pairs: &[(String, Expanded)]) -> Vec<String> {
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", value.template))
        .collect()
}

/// The variables of all `ENV` lines.
fn env(text: &str) -> Vec<String> {
    let pairs = kinds(text).into_iter().filter_map(|kind| match kind {
        Kind::Env(pairs) => Some(templates(&pairs)),
        _ => None,
    });
    pairs.flatten().collect()
}

fn script(text: &str) -> String {
    match kinds(text).remove(0) {
        Kind::Run(Running {
            command: Command::Shell(script),
            ..
        }) => script,
        other => panic!("{other:?}"),
    }
}

#[test]
fn variables_are_replaced_as_docker_does_it() {
    for (text, expected) in [
        ("ENV A=1 B=$A", "A=1 B="),
        ("ENV A=1\nENV B=$A-${A}", "A=1 B=1-1"),
        ("ENV A=\"a b\" B='$A' C=a\\ b", "A=a b B=$A C=a b"),
        ("ENV A b c", "A=b c"),
        ("ENV A=${NONE:-x} B=${NONE-y} C=${NONE:+z}", "A=x B=y C="),
        ("ENV A=${NONE:-${OTHER:-deep}}", "A=deep"),
        ("ENV A=x\nENV B=${A:+set} C=${A:-unset}", "A=x B=set C=x"),
        (
            "ARG P=80\nENV A=$P B=\"http://h:${P}/\"",
            "A=${P} B=http://h:${P}/",
        ),
        ("ARG P\nENV A=${P:-8000}", "A=8000"),
        ("ARG P=80\nENV P=90\nENV A=$P", "P=90 A=90"),
        ("ENV P=90\nARG P=80\nENV A=$P", "P=90 A=90"),
        ("ENV A='${B}' C=\\${B}", "A=$${B} C=$${B}"),
        ("ENV A=\\$B C=$ D=\"\\\"\"", "A=$B C=$ D=\""),
        ("ENV A=1 \\\n\n  # a comment\n  B=2", "A=1 B=2"),
        ("ENV A=ä\\\nö", "A=äö"),
    ] {
        assert_eq!(env(text).join(" "), expected, "{text}");
    }
}

#[test]
fn arguments_before_from_are_those_of_from_lines() {
    let parsed = parse(
        "ARG V=3.13\nARG T=${V}-slim\nFROM python:${V}-slim AS Base\nARG V\nENV A=$V\nFROM base AS final\nENV B=$A\nFROM python:$T\nENV C=$T\n",
    );
    let bases: Vec<(&str, &str)> = parsed
        .stages
        .iter()
        .map(|stage| (stage.base.value.as_str(), stage.base.template.as_str()))
        .collect();
    assert_eq!(
        bases,
        [
            ("python:3.13-slim", "python:${V}-slim"),
            ("base", "base"),
            ("python:3.13-slim", "python:${T}")
        ]
    );
    assert_eq!(parsed.stages[0].name.as_deref(), Some("base"));
    let values: Vec<&str> = parsed
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions)
        .filter_map(|instruction| match &instruction.kind {
            Kind::Env(pairs) => Some(pairs[0].1.value.as_str()),
            _ => None,
        })
        .collect();
    // A stage inherits the variables of the one below, and has the arguments that it declares.
    assert_eq!(values, ["3.13", "3.13", ""]);
    assert_eq!(parsed.stage("Base", 3), Some(0));
    assert_eq!(parsed.stage("1", 3), Some(1));
    assert_eq!(parsed.stage("final", 1), None);
}

#[test]
fn scripts_keep_their_lines_without_comments() {
    for (text, expected) in [
        ("RUN echo", "echo"),
        ("RUN a \\\n  && b", "a \\\n  && b"),
        (
            "RUN a \\\n# comment\n\n  && b  \\\n  # another\n && c",
            "a \\\n  && b \\\n && c",
        ),
        (
            "RUN --mount=type=cache,target=/c \\\n  --network=none a",
            "a",
        ),
        ("run \\\n a", "a"),
        ("RUN echo \\\\\nRUN b", "echo \\\\"),
        ("RUN <<EOT\na\n# kept\nb\nEOT\n", "a\n# kept\nb\n"),
        ("RUN <<-'A' <<B\n\ta\n\tA\nb\nB\n", "a\nb\n"),
        (
            "RUN python <<EOT\nimport a\nEOT\n",
            "python <<EOT\nimport a\nEOT",
        ),
        (
            "RUN cat <<EOT > /f\nFROM x\nEOT\n",
            "cat <<EOT > /f\nFROM x\nEOT",
        ),
        ("RUN a <<<b", "a <<<b"),
    ] {
        assert_eq!(script(text), expected, "{text}");
    }
}

#[test]
fn another_escape_character_continues_lines() {
    let parsed = parse("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN dir C:\\ `\n  /b\n");
    let Kind::Run(running) = &parsed.stages[0].instructions[0].kind else {
        panic!("{parsed:?}");
    };
    assert_eq!(
        running.command,
        Command::Shell("dir C:\\ \\\n  /b".to_owned())
    );
}

#[test]
fn commands_are_lists_or_scripts() {
    let exec = |words: &[&str]| Command::Exec(words.iter().map(|&word| word.to_owned()).collect());
    for (text, expected) in [
        ("CMD [\"a\", \"b c\"]", exec(&["a", "b c"])),
        ("CMD []", exec(&[])),
        ("CMD a b", Command::Shell("a b".to_owned())),
        // Not JSON, so Docker runs it in a shell.
        ("CMD ['a']", Command::Shell("['a']".to_owned())),
    ] {
        assert_eq!(kinds(text), [Kind::Cmd(expected)], "{text}");
    }
    let check = kinds("HEALTHCHECK --interval=5s --retries=2 \\\n CMD curl -f x || exit 1");
    let expected = Health::Check {
        command: Command::Shell("curl -f x || exit 1".to_owned()),
        options: vec![
            ("interval".to_owned(), "5s".to_owned()),
            ("retries".to_owned(), "2".to_owned()),
        ],
    };
    assert_eq!(check, [Kind::Healthcheck(expected)]);
    assert_eq!(kinds("HEALTHCHECK NONE"), [Kind::Healthcheck(Health::None)]);
}

#[test]
fn copies_have_options_sources_and_a_destination() {
    let kinds = kinds(
        "ARG V=1\nCOPY --from=build --chmod=755 a-$V [\"x\" /d/\nCOPY [\"a b\", \"/c\"]\nCOPY <<EOT /f\nx\nEOT\n",
    );
    let copies: Vec<&Copying> = kinds
        .iter()
        .filter_map(|kind| match kind {
            Kind::Copy(copying) => Some(copying),
            _ => None,
        })
        .collect();
    assert_eq!(copies[0].option("from").unwrap().value, "build");
    assert_eq!(
        copies[1].sources,
        [CopiedSource::Path(Expanded::plain("a b"))]
    );
    assert_eq!(copies[2].sources, [CopiedSource::Text]);
    assert_eq!(copies[2].dest.value, "/f");
}

#[test]
fn other_instructions_are_read() {
    let texts = |values: &[&str]| {
        values
            .iter()
            .map(|value| Expanded::plain(value))
            .collect::<Vec<_>>()
    };
    for (text, expected) in [
        ("EXPOSE 80 443/tcp", Kind::Expose(texts(&["80", "443/tcp"]))),
        ("VOLUME /a /b", Kind::Volume(texts(&["/a", "/b"]))),
        ("VOLUME [\"/a b\"]", Kind::Volume(texts(&["/a b"]))),
        ("user me:us", Kind::User(Expanded::plain("me:us"))),
        ("WORKDIR \"/a b\"", Kind::Workdir(Expanded::plain("/a b"))),
        ("STOPSIGNAL 9", Kind::StopSignal(Expanded::plain("9"))),
        (
            "SHELL [\"bash\", \"-c\"]",
            Kind::Shell(vec!["bash".to_owned(), "-c".to_owned()]),
        ),
        ("ONBUILD RUN a", Kind::Onbuild("RUN a".to_owned())),
        (
            "MAINTAINER me <me@example.com>",
            Kind::Maintainer("me <me@example.com>".to_owned()),
        ),
    ] {
        assert_eq!(kinds(text), [expected], "{text}");
    }
}

#[test]
fn all_errors_are_reported_with_their_lines() {
    let errors = Dockerfile::parse(
        "Dockerfile",
        b"FROM a\nRNU b\nENV A\nCOPY c\nLABEL x=\"y\nRUN <<E\n",
    );
    assert_eq!(
        errors.unwrap_err().to_string(),
        "Dockerfile:2: unknown instruction `RNU`\n  hint: did you mean `RUN`?\n\
         Dockerfile:3: `A` is not an assignment `NAME=VALUE`\n  hint: write `NAME=VALUE`, with quotes around a value with spaces\n\
         Dockerfile:4: a source and a destination are needed\n  hint: fix the line, or ignore the Dockerfile with `--from none`\n\
         Dockerfile:5: `\"y` has an open quote, or a variable that cannot be read\n  hint: close the quote; variables are `$NAME`, `${NAME}`, `${NAME:-default}` or `${NAME:+value}`\n\
         Dockerfile:6: the here-document `E` has no end\n  hint: end it with a line that is `E`"
    );
}

#[test]
fn expansions_are_limited() {
    let mut text = "FROM a\nENV A0=aaaaaaaaaaaaaaaa\n".to_owned();
    for step in 1..20 {
        let before = format!("$A{}", step - 1).repeat(8);
        text.push_str(&format!("ENV A{step}=\"{before}\"\n"));
    }
    assert!(Dockerfile::parse("Dockerfile", text.as_bytes()).is_err());
    let deep = format!("FROM a\nENV A={}x{}\n", "${B:-".repeat(50), "}".repeat(50));
    assert!(Dockerfile::parse("Dockerfile", deep.as_bytes()).is_err());
}
