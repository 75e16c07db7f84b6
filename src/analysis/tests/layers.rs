//! How wheels are divided into layers, and when a layer changes.

use std::collections::BTreeSet;

use super::*;
use crate::project::normalised;

/// A project with these packages, each with a wheel for every platform.
fn with(names: &[&str]) -> Project {
    let packages = names.iter().map(|name| Package::new(name, "1"));
    packages.fold(bare(), Project::needs)
}

/// Packages that no rule puts anywhere.
fn plain(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("p{number:02}")).collect()
}

fn with_plain(count: usize, more: &[&str]) -> Project {
    let plain = plain(count);
    let names: Vec<&str> = plain
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied())
        .collect();
    with(&names)
}

/// The names of the packages of each layer.
fn names(plan: &Plan) -> Vec<Vec<String>> {
    let of = |layer: &&Stage| {
        let lines = requirements(layer).lines();
        let names = lines.filter_map(|line| Some(line.split_once("==")?.0.to_owned()));
        names.collect()
    };
    layers(plan).iter().map(of).collect()
}

fn divided(project: &Project) -> Vec<Vec<String>> {
    names(&plan_of(project))
}

/// The layer of a package, however its name is spelled.
fn layer_of(layers: &[Vec<String>], name: &str) -> Vec<String> {
    let name = &normalised(name);
    let mut all = layers.iter();
    let layer = all.find(|layer| layer.iter().any(|one| one == name));
    layer
        .unwrap_or_else(|| panic!("{name}: {layers:?}"))
        .clone()
}

/// What decides whether a stage is built again, without lines of the user's files and the numbers of layers.
fn actions(plan: &Plan) -> BTreeSet<String> {
    let of = |stage: &Stage| {
        let name = match stage.name {
            StageName::Layer { .. } => "layer".to_owned(),
            ref name => name.to_string(),
        };
        let steps = stage.steps.iter().map(|step| &step.action);
        format!("{name} {:?} {:?}", stage.from, steps.collect::<Vec<_>>())
    };
    // The image and its verifications see all layers.
    let own = plan
        .stages
        .iter()
        .filter(|stage| stage.name != plan.result && !plan.verifications.contains(&stage.name));
    own.map(of).collect()
}

/// The stages that one project has and the other does not, apart from its wheel, whose metadata has the dependencies.
fn changed(one: &Project, other: &Project) -> [usize; 2] {
    let [one, other] = [one, other].map(|project| actions(&plan_of(project)));
    let count = |different: BTreeSet<String>| {
        let different = different.iter();
        let different = different.filter(|stage| !stage.starts_with("source "));
        different.count()
    };
    [count(&one - &other), count(&other - &one)]
}

#[test]
fn a_layer_installs_exactly_the_locked_wheels_that_fit() {
    let hash = |digit: &str| digit.repeat(64);
    let project = bare()
        .needs(
            Package::new("b", "2.0")
                .file("b-2.0-cp313-cp313-manylinux_2_17_x86_64.whl", &hash("2"))
                .file("b-2.0-cp313-cp313-manylinux_2_17_aarch64.whl", &hash("3"))
                .file("b-2.0-cp312-cp312-manylinux_2_17_x86_64.whl", &hash("4"))
                .file("b-2.0-cp313-cp313-win_amd64.whl", &hash("5"))
                .file("b-2.0-py3-none-any.whl", &hash("1"))
                .file("b-2.0.tar.gz", &hash("6")),
        )
        .needs(Package::new("A", "1").file("a-1-py3-none-any.whl", &hash("7")));
    let text = |digits: [&str; 2]| {
        let [first, second] = digits.map(hash);
        format!(
            "a==1 \\\n    --hash=sha256:{}\nb==2.0 \\\n    --hash=sha256:{first} \\\n    --hash=sha256:{second}\n",
            hash("7")
        )
    };
    for (platform, digits) in [("linux/amd64", ["1", "2"]), ("linux/arm64/v8", ["1", "3"])] {
        let request = Request {
            platform: Platform::parse(platform).unwrap(),
            ..request()
        };
        let plan = plan_for(&project, &request).unwrap();
        let [layer] = layers(&plan)[..] else {
            panic!("one layer")
        };
        assert_eq!(requirements(layer), text(digits), "{platform}");
    }
}

#[test]
fn few_packages_share_one_layer() {
    assert_eq!(divided(&with_plain(15, &[])).len(), 1);
    // Large ones do not count.
    assert_eq!(divided(&with_plain(15, &["numpy", "torch"])).len(), 3);
    let copying = Request {
        merges: false,
        ..request()
    };
    for (packages, merged, copied) in [
        (15, 1, 1),
        (16, 4, 4),
        (63, 4, 4),
        (64, 6, 4),
        (127, 6, 4),
        (128, 8, 4),
    ] {
        let project = with_plain(packages, &[]);
        assert_eq!(divided(&project).len(), merged, "{packages}");
        let plan = plan_for(&project, &copying).unwrap();
        assert_eq!(names(&plan).len(), copied, "{packages}, copied");
    }
}

#[test]
fn the_title_of_a_layer_has_its_first_packages() {
    let title = |names: &[&str]| {
        let plan = plan_of(&with(names));
        titles(layers(&plan)[0])[0].to_owned()
    };
    assert_eq!(title(&["a"]), "install a");
    assert_eq!(title(&["b", "a"]), "install a and b");
    assert_eq!(title(&["c", "b", "a"]), "install a, b and 1 more");
}

#[test]
fn a_layer_of_the_image_says_which_packages_it_has() {
    let plan = plan_of(&with(&["a", "b", "c", "numpy"]));
    let copies = stage(&plan, &StageName::Runtime).steps.iter();
    let copies = copies.flat_map(|step| step.action.copies());
    let packages: Vec<&[String]> = copies.map(|copy| &copy.packages[..]).collect();
    assert_eq!(
        packages,
        [
            &[][..],
            &["numpy 1".to_owned()],
            &["a 1", "b 1", "c 1"].map(str::to_owned),
            &[]
        ]
    );
}

#[test]
fn large_packages_have_a_layer_each() {
    let layers = divided(&with_plain(
        3,
        &[
            "torch",
            "nvidia-cublas-cu12",
            "NumPy",
            "nvidia-cudnn-cu12",
            "polars-lts-cpu",
            "boto3",
            "botocore",
        ],
    ));
    // They come first, because they change the least.
    assert_eq!(
        layers,
        [
            &["torch"][..],
            &["nvidia-cublas-cu12", "nvidia-cudnn-cu12"],
            &["polars-lts-cpu"],
            &["numpy"],
            &["boto3", "botocore"],
            &["p00", "p01", "p02"],
        ]
    );
}

#[test]
fn packages_that_change_together_share_a_layer() {
    for family in [
        &["boto3", "botocore", "s3transfer"][..],
        &[
            "opentelemetry-api",
            "opentelemetry-sdk",
            "opentelemetry-instrumentation-asgi",
        ],
        &[
            "pydantic",
            "pydantic_core",
            "annotated-types",
            "pydantic-settings",
        ],
        &[
            "google-cloud-storage",
            "google-api-core",
            "grpcio",
            "grpcio-status",
        ],
        &["fastapi", "Starlette"],
        &["celery", "kombu", "billiard", "amqp", "vine"],
    ] {
        let layers = divided(&with_plain(30, family));
        let first = layer_of(&layers, family[0]);
        for name in family {
            assert_eq!(layer_of(&layers, name), first, "{name}");
        }
    }
}

#[test]
fn the_name_alone_decides_the_layer_of_a_package() {
    let many = with_plain(40, &["boto3", "torch"]);
    let layers = divided(&many);
    // Whatever the order of the lock.
    let mut names: Vec<String> = layers.concat();
    names.reverse();
    let reversed: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(divided(&with(&reversed)), layers);
    // Whatever else there is.
    let fewer = divided(&with_plain(20, &["boto3"]));
    let kept: Vec<Vec<String>> = layers
        .iter()
        .map(|layer| {
            let kept = layer.iter().filter(|name| fewer.concat().contains(name));
            kept.cloned().collect::<Vec<_>>()
        })
        .filter(|layer| !layer.is_empty())
        .collect();
    assert_eq!(kept, fewer);
}

#[test]
fn an_added_removed_or_upgraded_package_changes_one_layer() {
    let before = with_plain(30, &["numpy"]);
    for (what, after, expected) in [
        ("added", with_plain(31, &["numpy"]), [1, 1]),
        ("removed", with_plain(29, &["numpy"]), [1, 1]),
        ("added alone", with_plain(30, &["numpy", "torch"]), [0, 1]),
        ("removed alone", with_plain(30, &[]), [1, 0]),
        (
            "upgraded alone",
            with_plain(30, &[]).needs(Package::new("numpy", "2")),
            [1, 1],
        ),
        (
            "upgraded",
            with_plain(29, &["numpy"]).needs(Package::new("p29", "2")),
            [1, 1],
        ),
        (
            "of another index",
            with_plain(30, &["numpy"])
                .needs(Package::new("x", "1").index("corp", "https://i/simple")),
            [0, 1],
        ),
    ] {
        assert_eq!(changed(&before, &after), expected, "{what}");
    }
}

#[test]
fn what_poetry_installs_and_the_wheels_change_independently() {
    let project = |wheel: &str, sdist: &str| {
        with_plain(3, &[])
            .needs(Package::new("w", wheel))
            .needs(Package::new("s", sdist).sdist())
    };
    let before = project("1", "1");
    assert_eq!(changed(&before, &project("2", "1")), [1, 1]);
    let plans = [&before, &project("1", "2")].map(plan_of);
    let different = |name: &StageName| {
        let [one, other] = plans.each_ref().map(|plan| &stage(plan, name).steps);
        one != other
    };
    assert!(different(&StageName::PoetryDeps));
    assert!(!different(&StageName::Layer { number: 1, of: 1 }));
    assert_eq!(changed(&before, &project("1", "2")), [1, 1]);
}

#[test]
fn what_is_not_installed_changes_no_stage() {
    let before = with_plain(20, &["numpy"]);
    for (what, after) in [
        (
            "a development dependency",
            before
                .clone()
                .group("dev", ["pytest>=8"])
                .locked(Package::new("pytest", "8.0").group("dev")),
        ),
        (
            "another description",
            with_plain(19, &["numpy"]).needs(Package::new("p19", "1").description("new")),
        ),
        (
            "another Poetry that locks",
            before.clone().locked_by("2.2.0"),
        ),
    ] {
        assert_eq!(changed(&before, &after), [0, 0], "{what}");
    }
}

#[test]
fn a_constraint_of_the_project_changes_only_its_own_wheel() {
    let before = with_plain(20, &["numpy"]);
    let plans = [before.clone(), before.dependency("p00>=1")].map(|project| plan_of(&project));
    let [one, other] = plans.each_ref().map(actions);
    let mut different = one.symmetric_difference(&other);
    assert!(different.all(|action| action.starts_with("source ")));
}

#[test]
fn the_spelling_of_a_marker_changes_no_stage() {
    let project = |markers: &str| with_plain(2, &[]).needs(Package::new("m", "1").markers(markers));
    let before = project(
        "platform_release != '1' and sys_platform == \"linux\" and platform_version != '2'",
    );
    for markers in [
        "platform_version != \"2\" and platform_release != \"1\"",
        "python_version >= '3.12' and (platform_release != '1' and (platform_version != '2'))",
        "sys_platform == 'win32' or platform_release != '1' and platform_version != '2'",
    ] {
        assert_eq!(changed(&before, &project(markers)), [0, 0], "{markers}");
    }
}

#[test]
fn an_index_shares_no_layer_with_another() {
    let corp = |name: &str| Package::new(name, "1").index("corp", "https://i/simple");
    let project = with(&["numpy", "a"])
        .needs(corp("torch"))
        .needs(corp("b"))
        .needs(Package::new("c", "1").index("other", "https://o/simple"));
    assert_eq!(
        divided(&project),
        [&["numpy"][..], &["a"], &["torch"], &["b"], &["c"]]
    );
}

#[test]
fn a_layer_of_a_private_index_is_of_one_project() {
    let changed_by_the_name = |package: Package| {
        let [one, other] = ["app", "other"].map(|name| {
            let plan = plan_of(&bare().name(name).needs(package.clone()));
            format!("{:?}", layers(&plan)[0].steps[0].action)
        });
        one != other
    };
    // The engine's cache would give it to a project without credentials.
    let private = Package::new("a", "1").index("corp", "https://i/simple");
    assert!(changed_by_the_name(private));
    assert!(!changed_by_the_name(Package::new("a", "1")));
}

#[test]
fn without_a_name_a_layer_of_a_private_index_is_of_one_lock() {
    let layer = |other: &str| {
        let project = Project::poetry("app")
            .python(">=3.11,<3.14")
            .no_package()
            .poetry_dependency("a", testkit::Dependency::version("1"))
            .locked(Package::new("a", "1").index("corp", "https://i/simple"))
            .poetry_dependency(other, testkit::Dependency::version("1"))
            .locked(Package::new(other, "1"))
            .with_build_file("[runtime]\nentrypoint = [\"x\"]\n");
        let pyproject = project.pyproject().replace("name = \"app\"\n", "");
        let plan = plan_of(&project.with_pyproject(&pyproject));
        let Some(private) = layers(&plan).pop() else {
            panic!("{:?}", plan.packages);
        };
        assert!(requirements(private).starts_with("a==1"));
        format!("{:?}", private.steps[0].action)
    };
    assert_eq!(layer("b"), layer("b"));
    assert_ne!(layer("b"), layer("c"));
}

#[test]
fn the_packages_of_each_index_are_divided_on_their_own() {
    let with_private = |count: usize| {
        let private = plain(count)
            .into_iter()
            .map(|name| Package::new(&format!("q{name}"), "1").index("corp", "https://i/simple"));
        private.fold(with_plain(20, &[]), Project::needs)
    };
    let is_private = |layer: &Vec<String>| layer.iter().any(|name| name.starts_with('q'));
    let default = divided(&with_plain(20, &[]));
    for (packages, layers) in [(15, 1), (16, 4), (63, 4), (64, 6)] {
        let (private, others): (Vec<_>, Vec<_>) = divided(&with_private(packages))
            .into_iter()
            .partition(is_private);
        assert_eq!(private.len(), layers, "{packages}");
        assert_eq!(others, default, "{packages}");
    }
}

#[test]
fn layers_are_compared_if_there_are_several() {
    let overlaps = StageName::Verification("overlaps".to_owned());
    let compared = |project: &Project, request: &Request| -> Vec<String> {
        let plan = plan_for(project, request).unwrap();
        assert_eq!(
            plan.verifications.contains(&overlaps),
            plan.stages.iter().any(|stage| stage.name == overlaps)
        );
        let stages = plan.stages.iter().filter(|stage| stage.name == overlaps);
        let mounts = stages.flat_map(|stage| &run(&stage.steps[0]).mounts);
        mounts
            .filter_map(|mount| match mount {
                Mount::Matching {
                    from,
                    path,
                    pattern,
                    target,
                } => Some(format!("{from} {path} {pattern} {target}")),
                _ => None,
            })
            .collect()
    };
    assert_eq!(compared(&with(&["a"]), &request()), [""; 0]);
    let several = with(&["a", "numpy"]).needs(Package::new("s", "1").sdist());
    assert_eq!(
        compared(&several, &request()),
        [
            "deps-1 /app/.venv lib/python*/site-packages/*.dist-info/RECORD /run/layers/1",
            "deps-2 /app/.venv lib/python*/site-packages/*.dist-info/RECORD /run/layers/2",
            "deps-poetry /app/.venv lib/python*/site-packages/*.dist-info/RECORD /run/layers/3",
        ]
    );
    assert_eq!(compared(&several, &target("deps")), [""; 0]);
    let skipped = several.with_build_file("[check]\nskip = [\"OverlappingFiles\"]\n");
    assert_eq!(compared(&skipped, &request()), [""; 0]);
}

#[test]
fn layers_of_a_target_that_another_one_copies_from_are_not_compared() {
    let project = with(&["a", "numpy"])
        .poetry_group("docs", "c", "1")
        .locked(Package::new("c", "1").group("docs"))
        .with_build_file(
            r#"
            [target.docs.dependencies]
            groups = ["main", "docs"]

            [[copy]]
            from = "target:docs"
            src = "/site"
            dest = "/site"
            "#,
        );
    let plan = plan_for(&project, &request()).unwrap();
    let is_comparison = |name: &&StageName| name.as_str() == "overlaps";
    let names = plan.stages.iter().map(|stage| &stage.name);
    let compared: Vec<String> = names
        .filter(is_comparison)
        .map(ToString::to_string)
        .collect();
    assert_eq!(compared, ["overlaps"]);
    let copied = StageName::Of(
        "docs".to_owned(),
        Box::new(StageName::Target("docs".to_owned())),
    );
    assert!(plan.stages.iter().any(|stage| stage.name == copied));
}

#[test]
fn the_build_file_chooses_packages_with_a_layer_of_their_own() {
    let project = with_plain(3, &["numpy", "My_Models"]).with_build_file(
        r#"
        [dependencies]
        layers = { own = ["my.models", "p01", "missing"] }
        "#,
    );
    assert_eq!(
        divided(&project),
        [&["my-models"][..], &["p01"], &["numpy"], &["p00", "p02"]]
    );
}

#[test]
fn the_build_file_chooses_the_number_of_layers() {
    let count = |count: usize, packages: usize| {
        let build_file = format!(
            r"
            [dependencies]
            layers = {{ count = {count} }}
            "
        );
        let project = with_plain(packages, &["numpy"]).with_build_file(&build_file);
        divided(&project).len() - 1
    };
    assert_eq!(count(1, 40), 1);
    assert_eq!(count(3, 40), 3);
    assert_eq!(count(8, 40), 8);
    assert_eq!(count(4, 12), 4);
}

#[test]
fn an_image_never_has_too_many_layers() {
    let large = [
        "torch",
        "nvidia-cublas-cu12",
        "tensorflow",
        "triton",
        "jaxlib",
        "vllm",
        "cupy-cuda12x",
        "pyspark",
        "ray",
        "playwright",
        "pyside6",
        "pyqt6",
        "opencv-python",
        "onnxruntime",
        "xgboost",
        "lightgbm",
        "catboost",
        "pyarrow",
        "polars",
        "duckdb",
        "faiss-cpu",
        "llvmlite",
        "scipy",
        "scikit-learn",
        "spacy",
        "transformers",
        "torchvision",
        "pandas",
        "numpy",
        "plotly",
        "gdal",
        "litellm",
        "django",
        "sqlalchemy",
    ];
    let project = with_plain(100, &large)
        .needs(Package::new("x", "1").index("corp", "https://i/simple"))
        .with_build_file(
            r#"
            [dependencies]
            layers = { own = ["p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08"], count = 8 }
            "#,
        );
    let layers = divided(&project);
    assert_eq!(layers.len(), 8 + 8 + 1);
    assert_eq!(layers.concat().len(), 100 + large.len() + 1);
    let plan = plan_of(&project);
    assert!(stage(&plan, &StageName::Runtime).steps.len() <= 20);
}

#[test]
fn all_targets_share_the_layers() {
    let project = with_plain(20, &["numpy"]).needs(Package::new("s", "1").sdist());
    let image = actions(&plan_of(&project));
    for name in ["deps", "dev"] {
        let plan = plan_for(&project, &target(name)).unwrap();
        let own: Vec<&Stage> = layers(&plan);
        assert_eq!(own.len(), layers(&plan_of(&project)).len(), "{name}");
        let shared = actions(&plan)
            .into_iter()
            .filter(|action| action.starts_with("layer ") || action.starts_with("deps-"));
        for action in shared {
            assert!(image.contains(&action), "{name}: {action}");
        }
    }
}

/// How the steps of the image are placed.
fn placements(plan: &Plan) -> Vec<(String, Placement)> {
    let steps = stage(plan, &plan.result).steps.iter();
    steps
        .map(|step| (step.title.clone(), step.action.placement()))
        .collect()
}

#[test]
fn layers_are_independent_and_other_copies_are_below_them() {
    let project = app().needs(Package::new("s", "1").sdist()).with_build_file(
        r#"
        [runtime]
        packages = ["tini"]
        [[copy]]
        src = "a"
        dest = "/etc/a"
        [[copy]]
        src = "b"
        dest = "/app/.venv/share/b"
        [[copy]]
        src = "c"
        dest = "/app/c"
        mode = "0644"
        [[hook]]
        at = "after-packages"
        run = "x"
        outputs = ["/x"]
        [[hook]]
        at = "after-packages"
        run = "y"
        outputs = ["/y", "/app/.venv/y"]
        [[hook]]
        at = "final"
        run = "z"
        "#,
    );
    let placed = placements(&plan_of(&project));
    let placed: Vec<(&str, Placement)> = placed
        .iter()
        .map(|(title, placement)| (title.as_str(), *placement))
        .collect();
    assert_eq!(
        placed,
        [
            ("apt-get install tini", Placement::OnTop),
            ("add the user app (10001:10001)", Placement::OnTop),
            ("copy the virtual environment", Placement::Layer),
            ("copy a", Placement::Layer),
            ("copy what Poetry installed", Placement::Layer),
            ("copy a to /etc/a", Placement::Below),
            ("copy b to /app/.venv/share/b", Placement::OnTop),
            ("copy c to /app/c", Placement::Below),
            ("copy /x", Placement::Below),
            ("copy /y, /app/.venv/y", Placement::OnTop),
            ("copy the installed project", Placement::Layer),
            ("hook: z", Placement::OnTop),
        ]
    );
}

#[test]
fn a_copied_source_is_an_independent_layer() {
    for more in [
        "",
        "writable = [\"/application\", \"/srv\"]",
        "workdir = \"/app/src\"",
        "[[copy]]\nsrc = \"a\"\ndest = \"/app/data/a\"",
        "[[copy]]\nsrc = \"a\"\ndest = \"/srv/a\"\nowner = \"user\"",
        "[[hook]]\nat = \"after-source\"\nrun = \"x\"\noutputs = [\"/app/static\"]",
    ] {
        assert_eq!(placement_of_source(more), Placement::Layer, "{more}");
    }
}

#[test]
fn a_copied_source_is_below_the_layers_if_it_could_change_an_owner_or_a_link() {
    for more in [
        "writable = [\"/app/data\"]",
        "volumes = [\"/app\"]",
        "workdir = \"/srv/app\"",
        "[[copy]]\nsrc = \"a\"\ndest = \"/app/data/a\"\nowner = \"user\"",
        "[[copy]]\nsrc = \"a\"\ndest = \"/app/\"\nmode = \"0700\"",
        "[[hook]]\nat = \"after-source\"\nrun = \"x\"\noutputs = [\"/app/static\"]\nowner = \"user\"",
    ] {
        assert_eq!(placement_of_source(more), Placement::Below, "{more}");
    }
}

fn placement_of_source(more: &str) -> Placement {
    let placed = placements(&plan_of_copied(more));
    let source = placed
        .iter()
        .find(|(title, _)| title.starts_with("copy the source to "));
    source.expect("the step").1
}

#[test]
fn the_owner_of_a_copied_source_is_changed_below_the_layers() {
    let placed = placements(&plan_of_copied("writable = [\"/app/data\"]"));
    assert_eq!(
        placed[3..],
        [
            ("copy the source to /app".to_owned(), Placement::Below),
            ("chown app /app/data".to_owned(), Placement::Below),
        ]
    );
}

#[test]
fn a_user_who_owns_the_directories_above_the_environment_keeps_them() {
    for (writable, placement) in [
        ("/app/data", Placement::Layer),
        ("/application", Placement::Layer),
        ("/app/.venv/cache", Placement::Layer),
        ("/app", Placement::OnTop),
        ("/app/.venv", Placement::OnTop),
    ] {
        for key in ["writable", "volumes"] {
            let plan = plan(&format!(
                r#"
                [runtime]
                {key} = ["{writable}"]
                "#
            ));
            let placed = placements(&plan);
            assert!(placed.len() > 3);
            for (title, found) in &placed[1..] {
                assert_eq!(*found, placement, "{key} {writable}: {title}");
            }
        }
    }
}
