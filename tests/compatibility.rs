//! `docs/compatibility.md`: what a command can ask for, each with the end-to-end test that proves it.
//! `UPDATE_DOCS=1 cargo test --test compatibility` writes it anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/compatibility.md";
const HEAD: &str = "\
# Compatibility

What a command can ask for, and the end-to-end test that proves it. This page is made from the list in
`tests/compatibility.rs`, which fails when a test is not there.

Real engines run the tests, as the last column says: Docker 26.1 (BuildKit 0.13) with its default image store, and Docker
28.5 with the containerd image store, which `make test` starts after it. A made-up engine shows what neither can, and
records what it is asked.

An engine that lacks what an option needs is told apart: the build ends before anything runs, with the capability's name
and the release of BuildKit that has it.
";

/// A heading, and under it what can be asked for, how it is honoured, and the test.
type Section = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

const SECTIONS: &[Section] = &[
    (
        "Options",
        &[
            (
                "`--build-arg`",
                "`[args]` declares them; `${NAME}` takes them",
                "command_line::build_arguments_and_their_defaults",
            ),
            (
                "`--target`",
                "`runtime`, `deps`, `builder`, `dev`, and every `[target.NAME]`",
                "command_line::the_deps_stage_as_a_target",
            ),
            (
                "`--label`",
                "added to the base's and the file's",
                "command_line::labels",
            ),
            (
                "`--file`",
                "any name; `-` is standard input",
                "contexts::a_build_file_on_standard_input",
            ),
            (
                "`--platform`, one",
                "the image of that platform, which need not be the machine's",
                "platforms::an_image_of_a_platform_that_the_machine_emulates",
            ),
            (
                "`--platform`, several",
                "built side by side into one index",
                "containerd_store::several_platforms_are_one_index_and_each_runs",
            ),
            (
                "`--no-cache`",
                "all steps run",
                "rebuild::no_cache_runs_everything",
            ),
            (
                "`--no-cache-filter`",
                "the steps of these stages run",
                "rebuild::no_cache_of_one_stage_runs_that_stage",
            ),
            (
                "`--pull`",
                "the registry's image in place of the engine's",
                "freshness::pull_takes_the_image_that_the_registry_has_now",
            ),
            (
                "`--network=none`",
                "no step reaches anything",
                "network::without_a_network_nothing_is_fetched",
            ),
            (
                "`--network=host`, `default`",
                "of the steps that use a network",
                "network::the_network_is_the_hosts_or_one_of_the_builds",
            ),
            (
                "`--add-host`",
                "in every step",
                "network::hosts_and_the_host_name_are_those_of_the_command",
            ),
            (
                "`--shm-size`, `--ulimit`",
                "in every step",
                "limits::shm_size_and_ulimit_reach_the_steps",
            ),
            (
                "`--cgroup-parent`",
                "of every step",
                "limits::the_steps_are_in_the_cgroup_of_the_command",
            ),
            (
                "`--memory`, `--memory-swap`, `--cpu-shares`, `--cpu-period`, `--cpu-quota`, `--cpuset-cpus`, `--cpuset-mems`",
                "of every step, from BuildKit 0.31 on",
                "limits::an_engine_that_limits_memory_and_cpus_is_told_how",
            ),
            (
                "the same on an older engine",
                "refused with `exec.meta.linux.resources` and the release",
                "limits::limits_of_memory_and_cpus_need_an_engine_that_has_them",
            ),
            (
                "`--secret`",
                "reaches the steps that need it, and nothing that lasts",
                "private_index::credentials_come_from_secrets_and_stay_nowhere",
            ),
            (
                "`--ssh`",
                "the client's agent for Git dependencies and hooks",
                "git_dependencies::over_ssh_with_the_clients_agent",
            ),
        ],
    ),
    (
        "Build arguments with a meaning",
        &[
            (
                "`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, ..",
                "in the steps that use a network; neither in a cache key nor in the image",
                "network::a_proxy_is_told_to_the_steps_and_to_nothing_that_lasts",
            ),
            (
                "`SOURCE_DATE_EPOCH`",
                "the image's time",
                "command_line::the_time_of_the_image_is_what_the_command_says",
            ),
            (
                "`SOURCE_DATE_EPOCH` with `rewrite-timestamp`",
                "two builds from nothing have one digest",
                "containerd_store::two_builds_from_nothing_have_one_digest",
            ),
            (
                "`BUILDKIT_CACHE_MOUNT_NS`",
                "cache mounts of its own",
                "freshness::a_name_of_cache_mounts_has_caches_of_its_own",
            ),
            (
                "`BUILDKIT_SANDBOX_HOSTNAME`",
                "the host name in every step",
                "network::hosts_and_the_host_name_are_those_of_the_command",
            ),
            (
                "`BUILDKIT_CONTEXT_KEEP_GIT_DIR`",
                "a repository keeps `.git`",
                "contexts::a_repository_keeps_its_folder_only_when_asked_to",
            ),
            (
                "`BUILDKIT_MULTI_PLATFORM`",
                "an index even of one platform",
                "outputs::one_platform_is_a_list_of_one_when_asked_to",
            ),
            (
                "`BUILDKIT_SYNTAX`",
                "names the frontend in place of the first line",
                "outputs::the_frontend_is_named_by_the_command",
            ),
            (
                "`BUILDKIT_DOCKERFILE_CHECK`",
                "switches rules off",
                "subrequests_check::rules_are_switched_off_in_the_file_and_by_the_command",
            ),
        ],
    ),
    (
        "The project's own context",
        &[
            (
                "a folder",
                "less what the ignore file names",
                "include::the_ignore_file_is_honoured",
            ),
            (
                "`.dockerignore` that allows only some",
                "the build file and the project's stay readable",
                "include::an_ignore_file_that_allows_only_the_source",
            ),
            (
                "`poetry.build.toml.dockerignore`",
                "in place of `.dockerignore`",
                "include::the_build_files_own_ignore_file_is_preferred",
            ),
            (
                "a repository, `#REF`",
                "a branch, a tag or a commit",
                "contexts::a_project_in_a_repository",
            ),
            (
                "a repository, `#REF:FOLDER`",
                "a folder of it",
                "contexts::a_project_in_a_folder_of_a_repository",
            ),
            (
                "a repository, `?branch=..&subdir=..`",
                "as the fragment, on engines whose own frontend knows it; `checksum` and `mtime` need newer ones",
                "containerd_store::a_project_in_a_repository_with_a_query",
            ),
            (
                "a repository with an ignore file",
                "the file counts, other than with a Dockerfile",
                "contexts::the_ignore_file_of_a_repository_counts",
            ),
            (
                "an archive on a web server",
                "unpacked",
                "contexts::a_project_in_an_archive_on_a_web_server",
            ),
            (
                "an archive on standard input",
                "unpacked",
                "contexts::a_project_in_an_archive_on_standard_input",
            ),
            (
                "a repository with `--file=-`",
                "the project of the one, the build file of the other",
                "contexts::a_build_file_on_standard_input_for_a_project_in_a_repository",
            ),
        ],
    ),
    (
        "Named contexts: `--build-context NAME=..`",
        &[
            (
                "a folder",
                "less what its own ignore file names",
                "contexts::a_named_context_is_a_folder_less_what_it_ignores_itself",
            ),
            (
                "`docker-image://`",
                "the files of the image",
                "contexts::a_named_context_is_an_image",
            ),
            (
                "a repository",
                "the files of the commit",
                "contexts::a_named_context_is_a_repository",
            ),
            (
                "a repository, `?branch=..&subdir=..`",
                "the files of a folder of the commit",
                "contexts::the_query_of_a_repository_says_what_its_fragment_says",
            ),
            (
                "an archive on a web server",
                "unpacked",
                "contexts::a_named_context_is_an_archive_on_a_web_server",
            ),
            (
                "`oci-layout://`",
                "the files of the image",
                "containerd_store::a_named_context_is_an_image_in_a_layout_of_the_clients",
            ),
            (
                "`target:` of a bake file",
                "the result of the other build, with its config",
                "contexts::a_target_of_a_bake_file_stands_in_for_an_image",
            ),
            (
                "called like a base image",
                "stands in for it",
                "contexts::a_named_context_stands_in_for_the_image_of_its_name",
            ),
            (
                "a layout called like a base image",
                "stands in for it",
                "containerd_store::a_layout_stands_in_for_an_image",
            ),
            (
                "one that cannot be had",
                "told by its name",
                "contexts::a_named_context_that_cannot_be_had_is_told",
            ),
        ],
    ),
    (
        "Caches",
        &[
            (
                "`--cache-to`, `--cache-from` with a registry, `mode=max`",
                "an engine that has built nothing runs no step",
                "empty_engine::a_cache_in_a_registry_rebuilds_everything",
            ),
            (
                "with a folder",
                "the same",
                "empty_engine::a_cache_in_a_folder_rebuilds_everything",
            ),
            (
                "inline",
                "the same, for an unchanged image",
                "empty_engine::an_image_is_a_cache_of_its_own_layers",
            ),
            (
                "no change",
                "no step runs and the image is the same",
                "rebuild::no_change_runs_nothing_and_gives_the_same_image",
            ),
        ],
    ),
    (
        "Outputs",
        &[
            (
                "`type=docker`, `--load`",
                "an image in the engine",
                "command_line::labels",
            ),
            ("`type=local`", "the files", "outputs::files_in_a_folder"),
            ("`type=tar`", "the files", "outputs::files_in_an_archive"),
            (
                "`type=registry`, `--push`",
                "an image in a registry",
                "outputs::an_image_in_a_registry",
            ),
            (
                "`type=oci`",
                "a layout",
                "containerd_store::two_builds_from_nothing_have_one_digest",
            ),
            (
                "`--metadata-file`",
                "the digests",
                "outputs::the_file_with_metadata_names_the_image",
            ),
            (
                "`--progress=rawjson`",
                "steps with names that a person can read; all tests read it",
                "rebuild::an_edit_of_the_source_runs_only_the_source_steps",
            ),
            (
                "`docker buildx bake`",
                "several targets of one build file",
                "outputs::several_targets_of_one_build_file_at_once",
            ),
            (
                "`docker compose build`",
                "services with targets and arguments",
                "compose::services_of_one_build_file",
            ),
            (
                "`--annotation`",
                "on the manifest, the index or both",
                "containerd_store::annotations_are_on_the_manifest_and_on_the_index",
            ),
            (
                "the image's config",
                "the base's, without loss of Docker's own fields",
                "outputs::the_config_keeps_what_the_bases_says",
            ),
        ],
    ),
    (
        "Attestations",
        &[
            (
                "`--attest type=sbom`",
                "lists the packages of the environment",
                "containerd_store::an_sbom_lists_the_packages_of_the_environment_and_of_stages",
            ),
            (
                "`BUILDKIT_SBOM_SCAN_STAGE`, `BUILDKIT_SBOM_SCAN_CONTEXT`",
                "stages and the context besides",
                "containerd_store::an_sbom_lists_the_packages_of_the_environment_and_of_stages",
            ),
            (
                "`--attest type=provenance,mode=max`",
                "the lines of the build file, and the images it was made of",
                "containerd_store::the_provenance_has_the_lines_of_the_build_file_and_what_it_was_made_of",
            ),
            (
                "secrets in it",
                "their ids, never their values",
                "containerd_store::a_secret_is_neither_in_the_provenance_nor_in_an_exported_cache",
            ),
        ],
    ),
    (
        "Questions: `--call`, or `--print` in older clients",
        &[
            (
                "`outline`",
                "arguments, secrets, agents and caches, with their lines",
                "subrequests::outline_lists_what_a_build_can_be_given_with_the_lines",
            ),
            (
                "`outline`, as a text",
                "the same in tables",
                "subrequests::outline_is_a_text_too",
            ),
            (
                "`targets`",
                "with what they are for",
                "subrequests::targets_are_listed_with_what_they_are_for",
            ),
            (
                "`check`",
                "all mistakes and warnings at once",
                "subrequests_check::a_check_tells_everything_at_once",
            ),
            (
                "`subrequests.describe`",
                "what can be asked",
                "subrequests::a_client_is_told_what_it_can_ask",
            ),
            (
                "`convertllb`",
                "the graph in JSON",
                "subrequests::the_graph_of_a_build_is_shown_with_its_lines",
            ),
            (
                "anything else",
                "refused, with where to look for what is answered",
                "subrequests::what_is_not_answered_is_told",
            ),
        ],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Where the test runs; `None` if there is none.
fn engine(test: &str) -> Option<&'static str> {
    let (file, name) = test.split_once("::")?;
    let path = Path::new("tests/e2e").join(file).with_extension("rs");
    let code = fs::read_to_string(root().join(path)).ok()?;
    let (before, body) = code.split_once(&format!("\nfn {name}() {{\n"))?;
    let (body, _) = body.split_once("\n}\n")?;
    // What stands between the end of the last item and the function.
    let attributes = before.rsplit("\n\n").next()?;
    if !attributes.contains("#[test]") {
        return None;
    }
    Some(if named("empty_on_both_engines", test) {
        "26.1, 28.5"
    } else if attributes.contains("#[ignore") {
        "28.5"
    } else if body.contains("OddEngine::new()") {
        "made-up"
    } else if named("on_both_engines", file) {
        "26.1, 28.5"
    } else {
        "26.1"
    })
}

/// Whether `harness/test` has the file, or the test, in its list of those that run on both engines.
fn named(list: &str, wanted: &str) -> bool {
    let script = fs::read_to_string(root().join("harness/test")).unwrap();
    let (_, rest) = script.split_once(&format!("\n{list}=(")).unwrap();
    let (names, _) = rest.split_once(')').unwrap();
    names.split_whitespace().any(|one| one == wanted)
}

#[test]
fn every_row_names_a_test_that_is_there() {
    let rows = SECTIONS.iter().flat_map(|(_, rows)| *rows);
    let missing: Vec<&str> = rows
        .map(|(_, _, test)| *test)
        .filter(|test| engine(test).is_none())
        .collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}

#[test]
fn the_page_is_the_list() {
    let mut page = HEAD.to_owned();
    for (title, rows) in SECTIONS {
        write!(
            page,
            "\n## {title}\n\n| asked for | how it is honoured | test | engine |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        for (what, how, test) in *rows {
            let what = what.replace('|', "\\|");
            let engine = engine(test).unwrap_or_default();
            writeln!(page, "| {what} | {how} | `{test}` | {engine} |").unwrap();
        }
    }
    let path = root().join(PAGE);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        fs::read_to_string(path).unwrap_or_default(),
        page,
        "{PAGE} is out of date: run `UPDATE_DOCS=1 cargo test --test compatibility`"
    );
}
