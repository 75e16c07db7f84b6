//! What parts of a Dockerfile become.

use std::collections::BTreeMap;

use super::*;
use crate::build_file::BuildFile;
use crate::diagnostics::Document;

/// A package `shop` with a module of another name beside it.
#[derive(Default)]
struct Memory(BTreeMap<String, String>);

impl Files for Memory {
    fn text(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }

    fn is_file(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    fn is_directory(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.0.keys().any(|file| file.starts_with(&below))
    }
}

fn files(more: &[(&str, &str)]) -> Memory {
    let own = [
        ("shop/__init__.py", ""),
        ("shop/web.py", ""),
        ("manage.py", ""),
    ];
    let files = own.iter().chain(more);
    Memory(
        files
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect(),
    )
}

fn project() -> Project {
    let project = testkit::Project::new("shop")
        .dependency("gunicorn")
        .locked(testkit::Package::new("gunicorn", "23.0.0").wheel());
    let span = Document::new("poetry.build.toml", "toml", "").first_line();
    let (pyproject, lock) = (project.pyproject(), project.lock());
    Project::parse(Some(pyproject.as_bytes()), Some(lock.as_bytes()), &span).unwrap()
}

fn draft_with(dockerfile: &str, files: &Memory) -> Draft {
    let dockerfile = Dockerfile::parse("Dockerfile", dockerfile.as_bytes()).unwrap();
    let mut draft = Draft::default();
    let last = dockerfile.stages.len() - 1;
    add_dockerfile(&mut draft, &dockerfile, last, &project(), files);
    draft
}

/// The build file without comments and empty lines; it can always be read.
fn lines(draft: &Draft) -> Vec<String> {
    let text = text(draft, "x", &Comments::default());
    BuildFile::parse("poetry.build.toml", text.as_bytes(), &BTreeMap::new())
        .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// What these lines, of an image with a user, become.
fn becomes(instructions: &str) -> Vec<String> {
    lines(&draft_with(
        &format!("FROM python:3.13\n{instructions}\nUSER 1000\n"),
        &files(&[]),
    ))
    .into_iter()
    .filter(|line| {
        ![
            "[python]",
            "version = \"3.13\"",
            "[build]",
            "base = \"python:3.13\"",
            "[runtime]",
            "user = { name = \"app\", uid = 1000 }",
        ]
        .contains(&line.as_str())
    })
    .collect()
}

/// The remarks on these lines.
fn remarks(instructions: &str) -> Vec<String> {
    let draft = draft_with(
        &format!("FROM python:3.13-slim\n{instructions}\nUSER 1000\n"),
        &files(&[]),
    );
    draft
        .remarks
        .iter()
        .map(|remark| format!("{}: {}", remark.origin.line, remark.what))
        .collect()
}

#[test]
fn an_unset_variable_can_be_what_is_copied_from_a_stage() {
    let text = "WORKDIR $P\nCOPY poetry.lock ./\nRUN poetry install\nFROM python:3.13-slim\nCOPY --from=0 $P $P";
    assert!(remarks(text).iter().all(|remark| !remark.is_empty()));
}

#[test]
fn stages_of_no_image_are_listed() {
    let between = "RUN pytest\nFROM python:3.13-slim AS lint\nRUN ruff check\nFROM python:3.13-slim AS web\nCMD [\"a\"]";
    let listed = remarks(between);
    let listed: Vec<&String> = listed
        .iter()
        .filter(|remark| remark.contains("is part of no image"))
        .collect();
    assert_eq!(
        listed,
        [
            "1: this stage is part of no image",
            "3: the stage `lint` is part of no image"
        ]
    );
}

#[test]
fn commands_are_in_exec_form() {
    for (command, expected) in [
        (
            "CMD gunicorn app:app",
            &["cmd = [\"gunicorn\", \"app:app\"]"][..],
        ),
        (
            "CMD exec gunicorn 'a b'",
            &["cmd = [\"gunicorn\", \"a b\"]"],
        ),
        (
            "CMD [\"poetry\", \"run\", \"python\", \"-m\", \"shop\"]",
            &["cmd = [\"python\", \"-m\", \"shop\"]"],
        ),
        (
            "CMD [\"/venv/bin/gunicorn\", \"a:a\"]",
            &["cmd = [\"gunicorn\", \"a:a\"]"],
        ),
        (
            "CMD [\"/usr/local/bin/gunicorn\"]",
            &["cmd = [\"gunicorn\"]"],
        ),
        (
            "CMD [\"/usr/local/bin/python\", \"a\"]",
            &["cmd = [\"/usr/local/bin/python\", \"a\"]"],
        ),
        (
            "CMD gunicorn -b :$PORT",
            &["cmd = [\"sh\", \"-c\", \"exec gunicorn -b :$PORT\"]"],
        ),
        (
            "CMD gunicorn -b :${PORT:-80}",
            &["cmd = [\"sh\", \"-c\", \"exec gunicorn -b :$${PORT:-80}\"]"],
        ),
        ("CMD a && b", &["cmd = [\"sh\", \"-c\", \"a && exec b\"]"]),
        ("CMD a; b | c", &["cmd = [\"sh\", \"-c\", \"a; b | c\"]"]),
        (
            "CMD poetry run a && poetry run b",
            &["cmd = [\"sh\", \"-c\", \"a && exec b\"]"],
        ),
        (
            "CMD [\"sh\", \"-c\", \"poetry run a && b\"]",
            &["cmd = [\"sh\", \"-c\", \"a && b\"]"],
        ),
        (
            "ENTRYPOINT [\"tini\", \"-g\", \"--\", \"a\"]",
            &["entrypoint = [\"a\"]", "init = true"],
        ),
        (
            "ENTRYPOINT [\"dumb-init\", \"--\"]\nCMD [\"a\"]",
            &["cmd = [\"a\"]", "init = true"],
        ),
        (
            "ENTRYPOINT [\"a\"]\nCMD [\"b\"]",
            &["entrypoint = [\"a\"]", "cmd = [\"b\"]"],
        ),
        // Docker does not run it.
        ("CMD [\"b\"]\nENTRYPOINT a", &["entrypoint = [\"a\"]"]),
    ] {
        assert_eq!(becomes(command), expected, "{command}");
    }
}

#[test]
fn settings_of_the_container_have_keys() {
    for (instruction, expected) in [
        (
            "EXPOSE 80 443/TCP 53/udp 8000-8002",
            &["expose = [80, 443, \"53/udp\", 8000, 8001, 8002]"][..],
        ),
        ("STOPSIGNAL TERM", &["stop-signal = \"SIGTERM\""]),
        ("STOPSIGNAL 9", &["stop-signal = \"9\""]),
        ("WORKDIR /srv\nWORKDIR shop", &["workdir = \"/srv/shop\""]),
        ("WORKDIR /app", &[]),
        (
            "WORKDIR /srv\nVOLUME data [\"x\"]",
            &[
                "workdir = \"/srv\"",
                "volumes = [\"/srv/data\", \"/srv/[x]\"]",
            ],
        ),
        ("VOLUME [\"/data\"]", &["volumes = [\"/data\"]"]),
        (
            "LABEL a=b c.d=\"e f\"",
            &["labels = { a = \"b\", \"c.d\" = \"e f\" }"],
        ),
        (
            "MAINTAINER me",
            &["labels = { \"org.opencontainers.image.authors\" = \"me\" }"],
        ),
        (
            "ENV A=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 LANG=C.UTF-8",
            &["env = { A = \"1\" }"],
        ),
        (
            "ARG P=80\nENV PORT=$P",
            &[
                "[args]",
                "P = { default = 80 }",
                "env = { PORT = \"${P}\" }",
            ],
        ),
        ("ARG UNUSED=80", &[]),
        ("HEALTHCHECK NONE", &["healthcheck = { cmd = [] }"]),
        (
            "HEALTHCHECK --retries=2 --timeout=1m CMD curl -f x || exit 1",
            &["healthcheck = { cmd = [\"curl\", \"-f\", \"x\"], timeout = \"1m\", retries = 2 }"],
        ),
        (
            "HEALTHCHECK CMD a | b || exit 1",
            &["healthcheck = { cmd = [\"sh\", \"-c\", \"a | b || exit 1\"] }"],
        ),
    ] {
        assert_eq!(becomes(instruction), expected, "{instruction}");
    }
}

#[test]
fn users_have_ids() {
    for (instructions, expected) in [
        (
            "RUN useradd -u 1234 me\nUSER me",
            "user = { name = \"me\", uid = 1234 }",
        ),
        (
            "RUN groupadd -g 5 us && useradd --uid=6 -g us me\nUSER me",
            "user = { name = \"me\", uid = 6, gid = 5 }",
        ),
        (
            "RUN useradd me\nUSER me",
            "user = { name = \"me\", uid = 1000 }",
        ),
        (
            "RUN useradd -rm me\nUSER me",
            "user = { name = \"me\", uid = 999 }",
        ),
        (
            "RUN adduser --system --group me\nUSER me:me",
            "user = { name = \"me\", uid = 100 }",
        ),
        (
            "RUN adduser --disabled-password --gecos '' me\nUSER me",
            "user = { name = \"me\", uid = 1000 }",
        ),
        (
            "ARG ID=77\nRUN useradd -u $ID me\nUSER me",
            "user = { name = \"me\", uid = \"${ID}\" }",
        ),
        (
            "RUN useradd -u 1234 me\nUSER 1234",
            "user = { name = \"me\", uid = 1234 }",
        ),
        ("USER 5:6", "user = { name = \"app\", uid = 5, gid = 6 }"),
        ("USER www-data", "user = { name = \"www-data\", uid = 33 }"),
        ("USER Me", "user = { name = \"app\", uid = 10001 }"),
    ] {
        let draft = draft_with(
            &format!("FROM python:3.13-slim\n{instructions}\n"),
            &files(&[]),
        );
        let found = lines(&draft);
        assert!(
            found.iter().any(|line| line == expected),
            "{instructions}\n{found:?}"
        );
    }
    let draft = draft_with("FROM python:3.13-slim\nUSER me\nUSER root\n", &files(&[]));
    assert_eq!(draft.main.user, None);
    let first = draft.remarks.first().unwrap();
    assert_eq!(first.origin.line, 3);
    assert!(first.what.starts_with("the image runs as root"), "{first}");
}

#[test]
fn packages_are_split_by_their_purpose() {
    for (instructions, build, runtime) in [
        (
            "RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev ffmpeg=7.* && rm -rf /var/lib/apt/lists/*",
            &["gcc", "libpq-dev"][..],
            &["libpq5", "ffmpeg=7.*"][..],
        ),
        (
            "RUN apt-get install -y -o A=b \\\n  # comment\n  make \\\n  jq",
            &["make"],
            &["jq"],
        ),
        (
            "RUN apt-get install gcc jq && apt-get purge -y jq",
            &["gcc", "jq"],
            &[],
        ),
        (
            "RUN apk add --no-cache build-base libpq tini",
            &["build-essential"],
            &["libpq5", "tini"],
        ),
        (
            "RUN apt install -y curl && curl -sSL https://install.python-poetry.org | python3 -",
            &[],
            &[],
        ),
        (
            "RUN apt install -y curl\nHEALTHCHECK CMD curl -f x",
            &[],
            &["curl"],
        ),
        ("RUN apt install -y python3-dev python3-pip", &[], &[]),
    ] {
        let draft = draft_with(
            &format!("FROM python:3.13-slim\n{instructions}\nRUN poetry install\nUSER 1\n"),
            &files(&[]),
        );
        let names = |list: &[Taken<String>]| {
            list.iter()
                .map(|name| name.value.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&draft.main.build_packages), build, "{instructions}");
        assert_eq!(names(&draft.main.packages), runtime, "{instructions}");
    }
}

#[test]
fn other_commands_are_hooks() {
    for (instructions, expected) in [
        (
            "RUN ldconfig",
            &["[[hook]]", "at = \"final\"", "run = [\"ldconfig\"]"][..],
        ),
        (
            "RUN a | b",
            &["[[hook]]", "at = \"final\"", "run = \"a | b\""],
        ),
        (
            "RUN set -ex && a 'b c' && c",
            &[
                "[[hook]]",
                "at = \"final\"",
                "run = '''",
                "a 'b c'",
                "c",
                "'''",
            ],
        ),
        (
            "RUN cd /x && a",
            &[
                "[[hook]]",
                "at = \"final\"",
                "run = '''",
                "cd /x",
                "a",
                "'''",
            ],
        ),
        ("RUN cd /x && rm -rf /tmp/*", &[]),
        (
            "RUN for a in b; do echo $a; done",
            &[
                "[[hook]]",
                "at = \"final\"",
                "run = \"for a in b; do echo $a; done\"",
            ],
        ),
        (
            "RUN [\"a\", \"b c\"]",
            &["[[hook]]", "at = \"final\"", "run = [\"a\", \"b c\"]"],
        ),
        (
            "ENV A=1\nRUN echo ${A} > /f",
            &[
                "env = { A = \"1\" }",
                "[[hook]]",
                "at = \"final\"",
                "run = \"echo $${A} > /f\"",
            ],
        ),
        (
            "ARG A=1\nRUN echo $A > /f",
            &[
                "[args]",
                "A = { default = 1 }",
                "[[hook]]",
                "at = \"final\"",
                "run = \"echo $A > /f\"",
                "env = { A = \"${A}\" }",
            ],
        ),
        (
            "RUN --mount=type=secret,id=t --mount=type=ssh --mount=type=cache,target=/c --network=none a",
            &[
                "[[hook]]",
                "at = \"final\"",
                "run = [\"a\"]",
                "secrets = [\"t\"]",
                "cache = [\"/c\"]",
                "ssh = true",
                "network = \"none\"",
            ],
        ),
        (
            "RUN curl https://sh.rustup.rs | sh",
            &[
                "[[hook]]",
                "at = \"after-packages\"",
                "run = \"curl https://sh.rustup.rs | sh\"",
            ],
        ),
        (
            "RUN mkdir -p /data /var/log/shop && chown 1000 /data && chmod 700 /data",
            &["writable = [\"/data\", \"/var/log/shop\"]"],
        ),
        (
            "RUN mkdir /etc/shop",
            &[
                "[[hook]]",
                "at = \"final\"",
                "run = [\"mkdir\", \"/etc/shop\"]",
            ],
        ),
    ] {
        assert_eq!(becomes(instructions), expected, "{instructions}");
    }
}

#[test]
fn hooks_of_a_builder_run_at_its_points() {
    let builder = |rest: &str| {
        let draft = draft_with(
            &format!(
                "FROM python:3.13-slim AS b\nWORKDIR /app\n{rest}\nFROM python:3.13-slim\nWORKDIR /app\nCOPY --from=b /app/.venv /app/.venv\nCOPY --from=b /app/static /app/static\nCOPY shop shop\nUSER 1\nCMD [\"gunicorn\"]\n"
            ),
            &files(&[]),
        );
        let hooks = draft.main.hooks.iter();
        hooks
            .map(|hook| (hook.value.at, hook.value.outputs.clone()))
            .collect::<Vec<_>>()
    };
    let output = vec!["/app/static".to_owned()];
    assert_eq!(
        builder("RUN a\nRUN poetry install --no-root"),
        [("after-packages", output.clone())]
    );
    assert_eq!(
        builder("RUN poetry install --no-root\nRUN a"),
        [("after-install", output.clone())]
    );
    assert_eq!(
        builder("RUN poetry install --no-root\nCOPY . .\nRUN a"),
        [("after-source", output)]
    );
}

#[test]
fn copies_are_of_the_project_or_have_a_table() {
    for (instructions, expected) in [
        (
            "WORKDIR /app\nRUN poetry install --no-root\nCOPY . .",
            &["[source]", "install = \"copy\"", "include = [\".\"]"][..],
        ),
        (
            "RUN poetry install --no-root\nCOPY . /app\nWORKDIR /app",
            &["[source]", "install = \"copy\"", "include = [\".\"]"],
        ),
        (
            "WORKDIR /app\nRUN poetry install --no-root\nCOPY shop shop\nCOPY manage.py ./",
            &[
                "[source]",
                "install = \"copy\"",
                "include = [\"shop\", \"manage.py\"]",
            ],
        ),
        (
            "WORKDIR /app\nCOPY . .\nRUN poetry install\nCMD gunicorn shop.web:app",
            &["cmd = [\"gunicorn\", \"shop.web:app\"]"],
        ),
        (
            "WORKDIR /app\nCOPY . .\nRUN poetry install\nCMD python manage.py",
            &[
                "[source]",
                "install = \"copy\"",
                "include = [\".\"]",
                "cmd = [\"python\", \"manage.py\"]",
            ],
        ),
        (
            "COPY nginx.conf /etc/nginx/",
            &["[[copy]]", "src = \"nginx.conf\"", "dest = \"/etc/nginx/\""],
        ),
        (
            "COPY --chmod=755 a.sh /a\nRUN chmod +x /b",
            &[
                "[[copy]]",
                "src = \"a.sh\"",
                "dest = \"/a\"",
                "mode = \"0755\"",
                "[[hook]]",
                "at = \"final\"",
                "run = [\"chmod\", \"+x\", \"/b\"]",
            ],
        ),
        (
            "COPY start.sh /start.sh\nRUN chmod a+x /start.sh",
            &[
                "[[copy]]",
                "src = \"start.sh\"",
                "dest = \"/start.sh\"",
                "mode = \"0755\"",
            ],
        ),
        (
            "COPY --from=busybox:1 /bin/busybox /bin/",
            &[
                "[[copy]]",
                "from = \"image:busybox:1\"",
                "src = \"/bin/busybox\"",
                "dest = \"/bin/\"",
            ],
        ),
        ("COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/", &[]),
        ("COPY pyproject.toml poetry.lock README.md ./", &[]),
    ] {
        assert_eq!(becomes(instructions), expected, "{instructions}");
    }
}

#[test]
fn what_a_build_file_cannot_say_is_listed() {
    for (instructions, expected) in [
        (
            "ENV SECRET_KEY=hunter2",
            "2: `SECRET_KEY` looks like a secret, which anyone with the image could read",
        ),
        (
            "ARG NPM_TOKEN",
            "2: the build argument `NPM_TOKEN` looks like a secret, and is stored with the image",
        ),
        (
            "ONBUILD RUN a",
            "2: `ONBUILD RUN a` is for images on top of this one",
        ),
        ("ENV PATH=/opt/x/bin:$PATH", "2: `PATH` has `/opt/x/bin`"),
        (
            "RUN pip install rich",
            "2: `rich` is not in the lock, so it is not installed",
        ),
        (
            "RUN echo deb x > /etc/apt/sources.list.d/x.list",
            "2: `echo deb x > /etc/apt/sources.list.d/x.list` adds a package repository",
        ),
        (
            "RUN echo $TARGETARCH > /f",
            "2: the command uses `TARGETARCH`, which hooks do not have",
        ),
        (
            "ADD https://example.com/a /a",
            "2: `ADD https://example.com/a` downloads a file without a checksum",
        ),
        ("ADD a.tar.gz /a", "2: `ADD a.tar.gz` unpacks an archive"),
        (
            "COPY <<E /a\nb\nE",
            "2: the text of `/a` is in the Dockerfile",
        ),
        ("VOLUME /etc", "2: `/etc` cannot be a volume"),
        (
            "RUN apt-get install -y libfoo-dev",
            "2: `libfoo-dev` is only in the builder now",
        ),
        (
            "RUN apk add foo",
            "2: the package `foo` of Alpine is not known in Debian",
        ),
        (
            "RUN if a; then poetry install; fi",
            "2: `if a; then poetry install; fi` chooses at build time what to install",
        ),
    ] {
        let found = remarks(&format!("{instructions}\nRUN poetry install"));
        assert!(
            found.iter().any(|remark| remark == expected),
            "{expected}\n{found:?}"
        );
    }
}

#[test]
fn scripts_are_looked_into() {
    let files = files(&[(
        "docker/start.sh",
        "#!/bin/sh\npoetry run a\nexec gosu me \"$@\"\n",
    )]);
    let draft = draft_with(
        "FROM python:3.13-slim\nCOPY docker/start.sh /\nRUN useradd me\nUSER me\nENTRYPOINT [\"/start.sh\"]\n",
        &files,
    );
    let found: Vec<String> = draft.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "docker/start.sh:2: the image has no Poetry\n  hint: remove `poetry run`: the programs of the environment are in `PATH`",
            "docker/start.sh:3: the script changes the user at the start, which only root can\n  hint: remove it: the image has a user, and `docker run --user` sets another one",
        ]
    );
}

#[test]
fn a_project_that_says_nothing_runs_its_framework() {
    let manage = "os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"site.settings\")\n";
    for (dependencies, files, expected) in [
        (
            &["django", "gunicorn"][..],
            &[("manage.py", manage), ("site/wsgi.py", "")][..],
            "cmd = [\"gunicorn\", \"--bind\", \"0.0.0.0:8000\", \"site.wsgi:application\"]",
        ),
        (
            &["django"],
            &[("manage.py", manage)],
            "entrypoint = [\"python\", \"manage.py\"]",
        ),
        (
            &["fastapi", "uvicorn"],
            &[("shop/main.py", "api = FastAPI()\n")],
            "cmd = [\"uvicorn\", \"--host\", \"0.0.0.0\", \"--port\", \"8000\", \"shop.main:api\"]",
        ),
        (
            &["flask"],
            &[("app.py", "app: Flask = Flask(__name__)\n")],
            "cmd = [\"flask\", \"--app\", \"app:app\", \"run\", \"--host\", \"0.0.0.0\", \"--port\", \"8000\"]",
        ),
        (
            &["celery"],
            &[("main.py", ""), ("shop/celery.py", "app = Celery()\n")],
            "runtime.cmd = [\"celery\", \"--app\", \"shop\", \"worker\"]",
        ),
    ] {
        let mut project = testkit::Project::new("shop");
        for name in dependencies {
            project = project
                .dependency(name)
                .locked(testkit::Package::new(name, "1").wheel());
        }
        let span = Document::new("poetry.build.toml", "toml", "").first_line();
        let (pyproject, lock) = (project.pyproject(), project.lock());
        let project =
            Project::parse(Some(pyproject.as_bytes()), Some(lock.as_bytes()), &span).unwrap();
        let own = [("shop/__init__.py", "")];
        let files = own.iter().chain(files);
        let files = Memory(
            files
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect(),
        );
        let mut draft = Draft::default();
        add_project(&mut draft, &project, &files);
        let found = lines(&draft);
        assert!(
            found.iter().any(|line| line == expected),
            "{expected}\n{found:?}"
        );
    }
}

#[test]
fn a_python_version_counts_if_the_project_allows_it() {
    for (text, expected) in [
        ("3.13\n", Some("3.13")),
        ("# comment\n3.13.2\n3.12\n", Some("3.13.2")),
        ("pypy3.10\n", None),
        ("3.2\n", None),
        ("", None),
    ] {
        let mut draft = Draft::default();
        add_python_version(&mut draft, ".python-version", text, &project());
        let version = draft.python_version.map(|version| version.value);
        assert_eq!(version.as_deref(), expected, "{text}");
    }
}
