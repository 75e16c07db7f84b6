//! Build files that set every key, with a value of its own for each.

/// What the main image and targets both can have.
const IMAGE: &str = r#"
[dependencies]
groups = ["main", "zqgroup"]
extras = ["zqextra"]
installer = "auto"
uv-image = "zquv.example/uv@sha256:4444444444444444444444444444444444444444444444444444444444444444"
fetch = "step"
layers.own = ["zqown"]
[source]
install = "wheel"
include = ["zqincluded", "zqfiles/*.txt"]
exclude = ["zqexcluded"]
cache = ["/zqcache/absolute", "zqcache/relative"]
env = { ZQSOURCE = "zqsourcevalue" }
[build]
packages = ["zqbuildpackage"]
env = { ZQBUILD = "zqbuildvalue" }
[runtime]
packages = ["zqpackage"]
user.name = "zquser"
workdir = "/zqworkdir"
entrypoint = ["zqentry", "zqentryword"]
cmd = ["zqcmd"]
env = { ZQRUN = "zqrunvalue" }
expose = ["8001/udp"]
labels = { zqlabel = "zqlabelvalue" }
stop-signal = "SIGUSR1"
writable = ["/zqwritable"]
volumes = ["/zqvolume"]
smoke-test = ["zqsmoke", "zqsmokeword"]
vex = "zqvex.json"
max-size = "201MB"
[runtime.healthcheck]
cmd = ["zqhealth", "zqhealthword"]
interval = "31s"
timeout = "32s"
start-period = "33s"
start-interval = "34s"
[[copy]]
src = "zqcopied"
dest = "/zqdest"
mode = "0641"
owner = "71:72"
exclude = ["zqnotcopied"]
[[copy]]
src = "zqdirectory/zqfile"
dest = "/zqinto/"
[[copy]]
from = "context:zqcontext"
src = "zqfromcontext"
dest = "/zqcontextdest"
[[copy]]
from = "image:zqimage:1"
src = "/zqfromimage"
dest = "/zqimagedest"
exclude = ["zqnotfromimage"]
[[copy]]
from = "target:builder"
src = "/zqfromtarget"
dest = "/zqtargetdest"
[[copy]]
from = "https://zqhost.example/zqdownload"
dest = "/zqdownloaddest"
checksum = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
[[hook]]
at = "after-source"
run = ["zqhook", "zqhookword"]
env = { ZQHOOK = "zqhookvalue" }
secrets = ["zqsecret"]
cache = ["/zqhookcache"]
network = "none"
inputs = ["zqinput"]
outputs = ["/zqoutput"]
owner = "73:74"
platforms = ["linux/amd64"]
[[hook]]
at = "after-packages"
run = "echo zqscript"
"#;

/// The image of these keys is built by the target `web`, which has the same keys with other values.
fn first() -> String {
    let main = r#"
[python]
version = "3.13"
variant = "zqslim"
[poetry]
version = "2.1.4"
plugins = ["zqplugin==1.0"]
mirror = "https://zqmirror.example/simple"
ca-bundle = "/zqbundle.crt"
[args.ZQARG]
description = "zqdescription"
default = "zqdefault"
type = "string"
[args.ZQCHOICE]
default = "zqchosen"
choices = ["zqchosen", "zqother"]
[indexes.zqindex]
username-secret = "zqindexuser"
password-secret = "zqindexpassword"
header-secret = "zqindexheader"
[git."zqgit.example"]
host-keys = ["ssh-ed25519 AAAAzqkey"]
token-secret = "zqtoken"
username = "zqgituser"
[apt-sources.zqapt]
uri = "https://zqapt.example/debian"
suites = ["zqsuite"]
components = ["zqcomponent"]
key = "zqkeys/zqkey.asc"
[apt-sources.zqaptdownload]
uri = "https://zqaptdownload.example/debian"
suites = ["zqdownloadsuite"]
key = "https://zqaptdownload.example/zqdownloaded.gpg"
key-checksum = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
[apt.env]
ZQAPT = "zqaptvalue"
[check]
skip = ["LatestTag"]
enable = ["DevOnlyImport"]
"#;
    let target = IMAGE.replace("zq", "wq").replace("ZQ", "WQ");
    // Names that the project must have.
    let target = target
        .replace("wqgroup", "zqgroup")
        .replace("wqextra", "zqextra");
    let target = target.lines().map(|line| match line.strip_prefix("[[") {
        Some(header) => format!("[[target.web.{header}\n"),
        None => match line.strip_prefix('[') {
            Some(header) => format!("[target.web.{header}\n"),
            None => format!("{line}\n"),
        },
    });
    let target: String = target.collect();
    let target = target.replace("wqlabel = ", "wqarglabel = \"${ZQARG}\", wqlabel = ");
    format!(
        "{main}{IMAGE}[target.web]\ndescription = \"zqtarget\"\nextends = \"zqparent\"\nrun = [\"zqrun\", \"zqrunword\"]{target}[target.zqparent]\n"
    )
}

/// The keys that exclude others, and other forms of values.
const SECOND: &str = r#"
[poetry]
image = "zqpoetry.example/poetry@sha256:3333333333333333333333333333333333333333333333333333333333333333"
ca-bundle = "secret:zqcasecret"
[dependencies]
extras = "all"
without = ["zqgroup"]
[source]
install = "copy"
[build]
base = "zqbuildbase:3.13"
[runtime]
base = "zqregistry.example:5000/zqbase:3.13"
entrypoint = ["zqentry"]
workdir = "/zqworkdir"
writable = ["/zqdirectory/zqdata"]
expose = [8000]
[[hook]]
at = "final"
run = """
#!/bin/sh
echo zqshebang
"""
[[hook]]
at = "after-packages"
run = ["zqonly", "zqword"]
env = { ZQONLY = "zqvalue" }
[target.web]
without = ["hook"]
[target.web.dependencies]
without = ["zqgroup"]
[target.web.build]
base = "zqtargetbuildbase:3.13"
[target.web.runtime]
base = "zqtargetbase:3.13"
"#;

pub(super) fn files() -> [String; 2] {
    [first(), SECOND.to_owned()].map(|text| marked(text.trim_start()))
}

/// Adds an end to each word that begins with `zq` or `wq`, so that no value is the beginning of another.
pub(super) fn marked(text: &str) -> String {
    let mut marked = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("zq").into_iter().chain(rest.find("wq")).min() {
        let word = &rest[start..];
        let end = word.find(|char: char| !char.is_ascii_lowercase());
        let end = start + end.unwrap_or(word.len());
        marked += &rest[..end];
        marked.push('z');
        rest = &rest[end..];
    }
    marked + rest
}
