//! What the tests do with the blocks of commands in the pages for users.

/// What happens with a block of commands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    /// It needs only the program: `tests/docs` runs it in a copy of this directory.
    Program(&'static str),
    /// It needs an engine: `tests/e2e/documents.rs` runs it in a copy of this example.
    Engine(&'static str),
    /// An end-to-end test runs the same with other names.
    Test(&'static str),
    /// It cannot be run here, for this reason.
    Never(&'static str),
}

/// The blocks of `README.md` and `docs/` by page and first line. A block that is not here has only commands of the program, and is
/// run in `examples/hello`. The first blocks of the examples' readmes are run by `tests/e2e/examples.rs`.
pub(crate) const COMMANDS: &[(&str, &str, How)] = &[
    (
        "docs/tls.md",
        "docker buildx build --secret id=company-ca,src=company-ca.pem -f poetry.build.toml .",
        How::Test("tls::everything_downloads_through_an_interceptor_and_is_cached_without_it"),
    ),
    (
        "docs/tls.md",
        "docker buildx build --build-arg HTTPS_PROXY=http://proxy.example:3128 --secret id=company-ca,src=company-ca.pem -f poetry.build.toml .",
        How::Test("tls::everything_downloads_through_an_interceptor_and_is_cached_without_it"),
    ),
    (
        "docs/tls.md",
        "openssl s_client -connect index.example:443 </dev/null | openssl x509 -noout -issuer",
        How::Never("connects to a server on the internet"),
    ),
    (
        "README.md",
        "make demo   # builds the frontend, then an example with it, and shows the result",
        How::Never("runs all tests"),
    ),
    (
        "README.md",
        "docker buildx build -f poetry.build.toml -t service .",
        How::Test("examples::gunicorn_and_its_worker_run_read_only_with_the_command_of_the_readme"),
    ),
    (
        "README.md",
        "make image IMAGE=org/poetry-frontend:0.1",
        How::Never("builds the image that all end-to-end tests use"),
    ),
    (
        "docs/integrations.md",
        "poetry-frontend bake       # writes docker-bake.json",
        How::Test("outputs::the_written_bake_file_builds_all_targets"),
    ),
    (
        "docs/integrations.md",
        "poetry-frontend compose > compose.yaml",
        How::Test(
            "compose::the_written_compose_file_runs_the_image_and_copies_edits_into_the_development_image",
        ),
    ),
    (
        "docs/build-file.md",
        "docker buildx build --target poetry -f poetry.build.toml -t registry.example/poetry:2.1.4 --push .",
        How::Test("layers::poetry_can_come_from_an_image"),
    ),
    (
        "docs/build-file.md",
        "docker buildx build --secret id=index-user,env=INDEX_USER --secret id=index-token,src=token.txt -f poetry.build.toml .",
        How::Test("private_index::credentials_come_from_secrets_and_are_not_stored"),
    ),
    (
        "docs/build-file.md",
        "docker buildx build --secret id=corp-header,env=CORP_HEADER -f poetry.build.toml .",
        How::Test("fetch::the_engine_sends_the_header_of_an_index_for_the_project_that_shows_it"),
    ),
    (
        "docs/build-file.md",
        "docker buildx build --ssh default -f poetry.build.toml .",
        How::Test("git_dependencies::a_git_dependency_is_cloned_over_ssh_with_the_clients_agent"),
    ),
    (
        "docs/build-file.md",
        "docker buildx build --secret id=git-token,env=GIT_TOKEN -f poetry.build.toml .",
        How::Test("git_dependencies::a_git_dependency_is_cloned_over_https_with_a_token"),
    ),
    (
        "docs/build-file.md",
        "docker buildx build --target dev --tag service-dev --load -f poetry.build.toml .",
        How::Test("targets::target_dev_is_an_image_to_work_in"),
    ),
    (
        "docs/build-file.md",
        "docker buildx imagetools inspect registry.example.com/service --format '{{ json .SBOM.SPDX }}'",
        How::Never("needs an image that was pushed with an SBOM"),
    ),
    (
        "docs/ci.md",
        "docker buildx create --use --bootstrap --name kube --driver kubernetes \\",
        How::Never("needs a Kubernetes cluster"),
    ),
    (
        "docs/ci.md",
        "docker buildx create --use --name remote --driver remote \\",
        How::Never("needs a remote builder and its certificates"),
    ),
    (
        "docs/ci.md",
        "docker buildx build --platform linux/amd64,linux/arm64 -f poetry.build.toml --push -t registry.example.com/service:1.0 .",
        How::Test("containerd_store::several_platforms_become_one_index_and_each_runs"),
    ),
    (
        "docs/ci.md",
        "SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) docker buildx build -f poetry.build.toml \\",
        How::Test("containerd_store::two_builds_without_a_cache_have_the_same_digest"),
    ),
    (
        "docs/ci.md",
        "docker buildx build -f poetry.build.toml --build-arg SOURCE_DATE_EPOCH=context \\",
        How::Test("fake_engine::the_time_of_the_image_can_be_that_of_its_commit"),
    ),
    (
        "docs/command-line.md",
        "docker create --name frontend org/poetry-frontend:0.1 && docker cp frontend:/poetry-frontend . && docker rm frontend",
        How::Never("needs the published image"),
    ),
    (
        "docs/development.md",
        "docker buildx build --target dev -t notes-dev --load -f poetry.build.toml .",
        How::Engine("examples/fastapi"),
    ),
    (
        "docs/development.md",
        "docker compose up --build -V",
        How::Test("documents::services_of_compose_restart_after_an_edit"),
    ),
    (
        "docs/development.md",
        "docker compose up --build --watch",
        How::Test("documents::services_of_compose_restart_after_an_edit"),
    ),
    (
        "docs/development.md",
        "docker buildx build --call=outline -f poetry.build.toml .",
        How::Engine("examples/fastapi"),
    ),
    (
        "docs/standard.md",
        "docker buildx build --call=licenses -f poetry.build.toml .",
        How::Engine("examples/fastapi"),
    ),
    (
        "docs/development.md",
        "poetry-frontend plan",
        How::Program("examples/fastapi"),
    ),
    (
        "docs/llb.md",
        "cargo run -p buildkit-llb --example greeting | buildctl build --local context=. --output type=local,dest=out",
        How::Never("needs `buildctl`"),
    ),
    (
        "docs/moving.md",
        "poetry-frontend init",
        How::Test("moving::the_images_of_dockerfiles_and_of_what_init_makes_of_them_are_alike"),
    ),
    (
        "docs/platform-teams.md",
        "docker buildx build -t registry.example.com/corp/python:1 -t registry.example.com/corp/python:1.0 --push .",
        How::Test("examples::a_platform_team_has_a_frontend_of_its_own"),
    ),
    (
        "docs/platform-teams.md",
        "poetry-frontend standard check --standard team/standard.toml hello clock",
        How::Program("examples/standard"),
    ),
    (
        "docs/platform-teams.md",
        "docker image inspect --format '{{json .Config.Labels}}' service",
        How::Test("standard::projects_have_the_defaults_of_their_teams_frontend"),
    ),
    (
        "docs/policies.md",
        "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY=policy.json docker buildx build -f poetry.build.toml .",
        How::Test("policies::a_policy_converts_pins_and_denies_the_base_image"),
    ),
    (
        "docs/policies.md",
        "docker buildx build --policy reset=true,strict=true,filename=poetry.build.toml.rego -f poetry.build.toml .",
        How::Test("rego::a_policy_beside_the_build_file_denies_the_base_image"),
    ),
    (
        "docs/rules/UnknownBuildArg.md",
        "docker buildx build --build-arg EXTRA=postgres -f poetry.build.toml .",
        How::Test("command_line::build_arguments_replace_their_defaults"),
    ),
    (
        "docs/rules/UnknownBuildArg.md",
        "docker buildx build --build-arg EXTRAS=postgres -f poetry.build.toml .",
        How::Test("command_line::build_arguments_replace_their_defaults"),
    ),
    (
        "docs/running.md",
        "docker run --rm --read-only --tmpfs /tmp --cap-drop=ALL --security-opt=no-new-privileges -p 8000:8000 service",
        How::Test("package::the_container_runs_read_only_without_capabilities"),
    ),
    (
        "docs/running.md",
        "docker run --rm -it --entrypoint bash service",
        How::Never("needs a terminal"),
    ),
    (
        "docs/security.md",
        "docker buildx build -f poetry.build.toml --secret id=corp-username,env=CORP_USERNAME --secret id=corp-password,env=CORP_PASSWORD .",
        How::Test("examples::a_private_index_gets_its_credentials_from_secrets"),
    ),
    (
        "docs/security.md",
        "docker buildx build --sbom=true --provenance=mode=max -f poetry.build.toml --push -t registry.example.com/service:1.0 .",
        How::Test("containerd_store::the_sbom_lists_the_packages_of_the_environment_and_of_stages"),
    ),
    (
        "docs/start.md",
        "docker buildx build -f poetry.build.toml -t hello .",
        How::Engine("examples/hello"),
    ),
    (
        "docs/start.md",
        "docker buildx build --check -f poetry.build.toml .",
        How::Engine("examples/hello"),
    ),
];

/// How the block that starts with `first` is run.
pub(crate) fn how(page: &str, first: &str) -> How {
    COMMANDS
        .iter()
        .find(|(a_page, a_first, _)| (*a_page, *a_first) == (page, first))
        .map_or(How::Program("examples/hello"), |(_, _, how)| *how)
}
