//! Writes a draft as a build file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::draft::{Copy, Draft, Extras, Healthcheck, Hook, Image, Run, Taken, User};
use super::targets::{differences, emptied};
use super::toml_text::{array, key, list, scalar, script, string, table};

/// What the comments of a new file say about the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    pub python: Option<String>,
    /// The groups without `main`.
    pub groups: Vec<String>,
    pub extras: Vec<String>,
    /// The indexes that may need credentials.
    pub indexes: Vec<String>,
    /// Whether to show keys that the file does not set.
    pub suggests: bool,
}

/// The build file.
#[must_use]
pub fn text(draft: &Draft, frontend: &str, comments: &Comments) -> String {
    let mut text = format!(
        "# syntax={frontend}\n\n# All keys are optional; docs/build-file.md describes them.\n\n"
    );
    arguments(draft, &mut text);
    python(draft, comments, &mut text);
    poetry(draft, &mut text);
    dependencies(&draft.main, comments, &mut text);
    for index in &comments.indexes {
        let _ = write!(
            text,
            "# If `{index}` needs credentials: docker buildx build --secret id={index}-username,... --secret id={index}-password,...\n# [indexes.{}]\n\n",
            key(index)
        );
    }
    build(&draft.main, comments, &mut text);
    source(&draft.main, comments.suggests, &mut text);
    runtime(draft, comments, &mut text);
    tables(&draft.main, "", &mut text);
    for (name, target) in &draft.targets {
        let (own, without) = differences(&target.image, &draft.main);
        let _ = write!(text, "\n[target.{}]\n", key(name));
        if !without.is_empty() {
            let _ = writeln!(text, "without = {}", list(without));
        }
        for key in emptied(&target.image, &draft.main) {
            let _ = writeln!(text, "{key} = []");
        }
        for line in of_target(&own) {
            let _ = writeln!(text, "{line}");
        }
        tables(&own, &format!("target.{}.", key(name)), &mut text);
    }
    text
}

/// The arguments that a value refers to.
fn arguments(draft: &Draft, text: &mut String) {
    let used = used(draft);
    if used.is_empty() {
        return;
    }
    text.push_str("[args]\n");
    for name in used {
        let default = draft
            .arguments
            .get(&name)
            .map_or("", |default| &default.value);
        let _ = writeln!(text, "{} = {{ default = {} }}", key(&name), scalar(default));
    }
    text.push('\n');
}

/// The build arguments that the file refers to.
pub(super) fn used(draft: &Draft) -> BTreeSet<String> {
    let text = whole(draft);
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("${") {
        let is_escaped = text[..at].ends_with('$');
        let rest = &text[at + 2..];
        if let Some(end) = rest.find('}').filter(|_| !is_escaped) {
            names.insert(rest[..end].to_owned());
        }
    }
    names
}

/// All values of the draft as one text.
fn whole(draft: &Draft) -> String {
    let mut text = String::new();
    let none = Comments::default();
    python(draft, &none, &mut text);
    poetry(draft, &mut text);
    for image in [&draft.main]
        .into_iter()
        .chain(draft.targets.values().map(|target| &target.image))
    {
        for line in of_target(image) {
            text.push_str(&line);
        }
        tables(image, "", &mut text);
    }
    text
}

fn python(draft: &Draft, comments: &Comments, text: &mut String) {
    let (version, variant) = (&draft.python_version, &draft.python_variant);
    if version.is_none() && variant.is_none() {
        if comments.suggests {
            text.push_str("# [python]\n# Default: the newest version that the project allows and that all packages have wheels for.\n");
            if let Some(python) = &comments.python {
                let _ = writeln!(text, "# version = \"{python}\"");
            }
            text.push('\n');
        }
        return;
    }
    text.push_str("[python]\n");
    for (key, value) in [("version", version), ("variant", variant)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {}", string(&value.value));
        }
    }
    text.push('\n');
}

fn poetry(draft: &Draft, text: &mut String) {
    if draft.poetry_version.is_none() && draft.poetry_plugins.is_empty() {
        return;
    }
    text.push_str("[poetry]\n");
    if let Some(version) = &draft.poetry_version {
        let _ = writeln!(text, "version = {}", string(&version.value));
    }
    if !draft.poetry_plugins.is_empty() {
        let plugins = draft
            .poetry_plugins
            .iter()
            .map(|plugin| plugin.value.as_str());
        let _ = writeln!(text, "plugins = {}", list(plugins));
    }
    text.push('\n');
}

fn dependencies(main: &Image, comments: &Comments, text: &mut String) {
    let lines = of_dependencies(main, "");
    if !lines.is_empty() {
        let _ = write!(text, "[dependencies]\n{}\n\n", lines.join("\n"));
        return;
    }
    if !comments.suggests || comments.groups.is_empty() && comments.extras.is_empty() {
        return;
    }
    text.push_str("# [dependencies]\n");
    if !comments.groups.is_empty() {
        let _ = writeln!(
            text,
            "# Other groups of the project: {}.\n# groups = [\"main\"]",
            comments.groups.join(", ")
        );
    }
    if !comments.extras.is_empty() {
        let _ = writeln!(text, "# extras = {}", list(&comments.extras));
    }
    text.push('\n');
}

fn of_dependencies(image: &Image, prefix: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, names) in [("groups", &image.groups), ("without", &image.without)] {
        if let Some(names) = names {
            lines.push(format!("{prefix}{key} = {}", list(&names.value)));
        }
    }
    match image.extras.as_ref().map(|extras| &extras.value) {
        Some(Extras::All) => lines.push(format!("{prefix}extras = \"all\"")),
        Some(Extras::Some(names)) => lines.push(format!("{prefix}extras = {}", list(names))),
        None => {}
    }
    lines
}

fn build(main: &Image, comments: &Comments, text: &mut String) {
    let lines = of_build(main, "");
    if lines.is_empty() {
        if comments.suggests {
            text.push_str("# [build]\n# Debian packages for compiling dependencies.\n# packages = [\"gcc\", \"libc6-dev\"]\n\n");
        }
        return;
    }
    let _ = write!(
        text,
        "[build]\n# Only for building; the image does not contain them.\n{}\n\n",
        lines.join("\n")
    );
}

fn of_build(image: &Image, prefix: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(base) = &image.build_base {
        lines.push(format!("{prefix}base = {}", string(&base.value)));
    }
    if !image.build_packages.is_empty() {
        lines.push(format!(
            "{prefix}packages = {}",
            list(plain(&image.build_packages))
        ));
    }
    lines.extend(table(&format!("{prefix}env"), entries(&image.build_env)));
    lines
}

fn source(main: &Image, suggests: bool, text: &mut String) {
    let lines = of_source(main, "");
    if lines.is_empty() {
        return;
    }
    text.push_str("[source]\n");
    if main
        .install
        .as_ref()
        .is_some_and(|install| install.value == "copy")
    {
        let reason = if suggests {
            "The command is not part of the package, so the source"
        } else {
            "The source"
        };
        let _ = writeln!(text, "# {reason} is copied instead of installed.");
    }
    if main.include.iter().any(|path| path.value == ".git") || !main.source_env.is_empty() {
        let missing = if main.source_env.is_empty() {
            ""
        } else {
            ", and there is no repository here"
        };
        let _ = writeln!(
            text,
            "# The version of the project comes from Git{missing}."
        );
    }
    let _ = write!(text, "{}\n\n", lines.join("\n"));
}

fn of_source(image: &Image, prefix: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(install) = &image.install {
        lines.push(format!("{prefix}install = {}", string(install.value)));
    }
    if !image.include.is_empty() {
        lines.push(format!("{prefix}include = {}", list(plain(&image.include))));
    }
    lines.extend(table(&format!("{prefix}env"), entries(&image.source_env)));
    lines
}

fn runtime(draft: &Draft, comments: &Comments, text: &mut String) {
    let main = &draft.main;
    let mut lines = Vec::new();
    if main.packages.is_empty() {
        if comments.suggests {
            lines.push(
                "# Debian packages to install in the image.\n# packages = [\"libpq5\"]".to_owned(),
            );
        }
    } else {
        lines.push(format!(
            "# Libraries that dependencies load at run time.\npackages = {}",
            list(plain(&main.packages))
        ));
    }
    lines.extend(draft.command_comment.clone());
    let mut others = main.clone();
    others.packages.clear();
    lines.extend(of_runtime(&others, ""));
    if comments.suggests {
        for (is_set, line) in [
            (!main.expose.is_empty(), "# expose = [8000]"),
            (!main.env.is_empty(), "# env = { PORT = \"8000\" }"),
            (
                !main.writable.is_empty(),
                "# The only directories that the service may write to.\n# writable = [\"/app/data\"]",
            ),
        ] {
            if !is_set {
                lines.push(line.to_owned());
            }
        }
    }
    if !lines.is_empty() {
        let _ = write!(text, "[runtime]\n{}\n", lines.join("\n"));
    }
}

fn of_runtime(image: &Image, prefix: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut set = |key: &str, value: String| lines.push(format!("{prefix}{key} = {value}"));
    if let Some(base) = &image.base {
        set("base", string(&base.value));
    }
    if !image.packages.is_empty() {
        set("packages", list(plain(&image.packages)));
    }
    if image.upgrade.is_some() {
        set("upgrade", "true".to_owned());
    }
    if let Some(user) = &image.user {
        set("user", of_user(&user.value));
    }
    if let Some(workdir) = &image.workdir {
        set("workdir", string(&workdir.value));
    }
    for (key, words) in [("entrypoint", &image.entrypoint), ("cmd", &image.cmd)] {
        if let Some(words) = words {
            set(key, list(&words.value));
        }
    }
    if !image.expose.is_empty() {
        set("expose", array(plain(&image.expose).map(scalar).collect()));
    }
    if image.init.is_some() {
        set("init", "true".to_owned());
    }
    if let Some(signal) = &image.stop_signal {
        set("stop-signal", string(&signal.value));
    }
    for (key, paths) in [("writable", &image.writable), ("volumes", &image.volumes)] {
        if !paths.is_empty() {
            set(key, list(plain(paths)));
        }
    }
    lines.extend(table(&format!("{prefix}env"), entries(&image.env)));
    lines.extend(table(&format!("{prefix}labels"), entries(&image.labels)));
    if let Some(check) = &image.healthcheck {
        lines.extend(table(
            &format!("{prefix}healthcheck"),
            of_health(&check.value),
        ));
    }
    lines
}

fn of_user(user: &User) -> String {
    let mut keys = vec![
        format!("name = {}", string(&user.name)),
        format!("uid = {}", scalar(&user.uid)),
    ];
    if user.gid != user.uid {
        keys.push(format!("gid = {}", scalar(&user.gid)));
    }
    format!("{{ {} }}", keys.join(", "))
}

fn of_health(check: &Healthcheck) -> Vec<(&str, String)> {
    let mut keys = vec![("cmd", list(&check.cmd))];
    keys.extend(
        check
            .times
            .iter()
            .map(|(name, time)| (name.as_str(), string(time))),
    );
    keys.extend(
        check
            .retries
            .map(|retries| ("retries", retries.to_string())),
    );
    keys
}

/// The lines of a target, with the names of the tables.
fn of_target(image: &Image) -> Vec<String> {
    let mut lines = of_dependencies(image, "dependencies.");
    lines.extend(of_build(image, "build."));
    lines.extend(of_source(image, "source."));
    lines.extend(of_runtime(image, "runtime."));
    match image.run.as_slice() {
        [] => {}
        [only] => lines.push(format!("run = {}", list(&only.value))),
        many => lines.push(format!(
            "run = {}",
            array(many.iter().map(|words| list(&words.value)).collect())
        )),
    }
    lines
}

fn tables(image: &Image, prefix: &str, text: &mut String) {
    for copy in &image.copies {
        let _ = write!(
            text,
            "\n[[{prefix}copy]]\n{}\n",
            of_copy(&copy.value).join("\n")
        );
    }
    for hook in &image.hooks {
        let _ = write!(
            text,
            "\n[[{prefix}hook]]\n{}\n",
            of_hook(&hook.value).join("\n")
        );
    }
}

fn of_copy(copy: &Copy) -> Vec<String> {
    let mut lines = Vec::new();
    let mut set = |key: &str, value: &str| lines.push(format!("{key} = {}", string(value)));
    for (key, value) in [
        ("from", &copy.from),
        ("src", &copy.src),
        ("dest", &copy.dest),
    ] {
        if !value.is_empty() {
            set(key, value);
        }
    }
    for (key, value) in [
        ("checksum", &copy.checksum),
        ("mode", &copy.mode),
        ("owner", &copy.owner),
    ] {
        if let Some(value) = value {
            set(key, value);
        }
    }
    if !copy.exclude.is_empty() {
        lines.push(format!("exclude = {}", list(&copy.exclude)));
    }
    lines
}

fn of_hook(hook: &Hook) -> Vec<String> {
    let run = match &hook.run {
        Run::Exec(words) => list(words),
        Run::Script(text) => script(text),
    };
    let mut lines = vec![format!("at = {}", string(hook.at)), format!("run = {run}")];
    lines.extend(table(
        "env",
        hook.env
            .iter()
            .map(|(name, value)| (name.as_str(), string(value))),
    ));
    for (key, values) in [
        ("secrets", &hook.secrets),
        ("cache", &hook.cache),
        ("inputs", &hook.inputs),
        ("outputs", &hook.outputs),
    ] {
        if !values.is_empty() {
            lines.push(format!("{key} = {}", list(values)));
        }
    }
    if hook.ssh {
        lines.push("ssh = true".to_owned());
    }
    if let Some(network) = &hook.network {
        lines.push(format!("network = {}", string(network)));
    }
    lines
}

fn plain(values: &[Taken<String>]) -> impl Iterator<Item = &str> {
    values.iter().map(|value| value.value.as_str())
}

fn entries(
    values: &std::collections::BTreeMap<String, Taken<String>>,
) -> impl Iterator<Item = (&str, String)> {
    values
        .iter()
        .map(|(name, value)| (name.as_str(), string(&value.value)))
}
