//! Divides wheels into layers of the image.
//!
//! The layer of a package depends on its name alone, so adding, removing or upgrading a package changes one layer and no
//! other.

use std::collections::{BTreeMap, BTreeSet};

use crate::build_file::Layers;
use crate::digest::sha256;
use crate::project::{Environment, Libc, LockedPackage, normalised};

/// Wheels that are installed together, in a layer of their own.
pub(crate) struct Layer<'a> {
    /// The name and address of their index; `None` is the default index.
    pub(crate) index: Option<(&'a str, &'a str)>,
    /// Sorted by name.
    pub(crate) wheels: Vec<Wheel<'a>>,
}

/// A package that uv installs.
pub(crate) struct Wheel<'a> {
    pub(crate) package: &'a LockedPackage,
    /// A marker that only the image's Python can evaluate.
    pub(crate) marker: Option<String>,
    /// The names and hashes of the wheels that fit the image, sorted by name.
    pub(crate) files: Vec<(&'a str, &'a str)>,
}

/// The newest glibc that uv knows by a name, to choose wheels for another platform.
const NEWEST_GLIBC: u32 = 40;

impl Wheel<'_> {
    /// Why uv on another platform might install another wheel than on the image's.
    pub(super) fn needs_platform(&self, environment: &Environment) -> Option<String> {
        let name = &self.package.name;
        if let Some(marker) = &self.marker {
            // uv leaves out what it cannot know of another platform.
            return Some(format!(
                "only the image can evaluate `{marker}` of `{name}`"
            ));
        }
        let known = Environment {
            libc: match environment.libc {
                Libc::Glibc(major, minor) => Libc::Glibc(major, minor.min(NEWEST_GLIBC)),
                musl @ Libc::Musl(..) => musl,
            },
            ..environment.clone()
        };
        let fits = |environment| self.package.wheels_for(environment);
        (fits(&known) != fits(environment))
            .then(|| format!("a wheel of `{name}` needs a newer glibc than uv knows"))
    }

    /// Whether there are no wheels that depend on the platform.
    fn is_for_any_platform(&self) -> bool {
        let files = self.package.files();
        let mut stems = files.filter_map(|(file, _)| file.strip_suffix(".whl"));
        stems.all(|stem| stem.ends_with("-any"))
    }
}

/// The number of layers for the packages of an index without a layer of their own, and from how many packages on. Each layer
/// costs a cold build the start of a container and of uv, and saves a changed one the reinstallation of what is in the others.
const COUNTS: [(usize, usize); 4] = [(128, 8), (64, 6), (16, 4), (0, 1)];
/// The most of these where layers are copied: each costs a copy as well, and a changed one a copy of all that follow it.
const MOST_COPIED: usize = 4;
/// An image can have only about a hundred layers, and each costs time.
const MOST_OWN: usize = 8;

/// Large packages, which get a layer of their own. A `*` at the end stands for any end; what it matches shares the layer. The
/// first name of a family stands for all of it.
const LARGE: [&str; 46] = [
    "torch",
    "nvidia-*",
    "tensorflow*",
    "triton",
    "jaxlib",
    "vllm",
    "cupy*",
    "pyspark",
    "ray",
    "playwright",
    "pyside6*",
    "pyqt*",
    "opencv-*",
    "onnxruntime*",
    "xgboost",
    "lightgbm",
    "catboost",
    "pyarrow",
    "polars*",
    "duckdb",
    "faiss-*",
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
    "msgraph-sdk",
    "litellm",
    "google-ads",
    "kubernetes",
    "gradio",
    "sympy",
    "statsmodels",
    "django",
    "streamlit",
    "matplotlib",
    "scikit-image",
    "babel",
    "boto3",
    "openai",
    "sqlalchemy",
];

/// Packages that are released together, or pin each other, so that they usually change together.
const FAMILIES: [&[&str]; 17] = [
    &["boto3", "botocore", "s3transfer", "aiobotocore", "aioboto3"],
    &["opentelemetry-*"],
    &[
        "google-cloud-*",
        "google-api-*",
        "googleapis-*",
        "grpcio*",
        "proto-plus",
    ],
    &["pydantic*", "annotated-types"],
    &["azure-*", "msal*"],
    &["celery", "kombu", "billiard", "amqp", "vine"],
    &["fastapi*", "starlette"],
    &[
        "aiohttp",
        "yarl",
        "multidict",
        "frozenlist",
        "aiosignal",
        "propcache",
    ],
    &["langchain*", "langgraph*", "langsmith"],
    &["llama-index*"],
    &["apache-airflow*"],
    &["dagster*"],
    &[
        "jupyter*",
        "notebook*",
        "ipykernel",
        "nbconvert",
        "nbformat",
        "nbclient",
    ],
    &["mypy-boto3-*", "boto3-stubs", "botocore-stubs"],
    &["types-*"],
    &["prometheus-*"],
    &["mkdocs*"],
];

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// What decides the layer of a package: the first name of its family, or its own.
fn family(name: &str) -> &str {
    let family = FAMILIES
        .iter()
        .find(|family| family.iter().any(|pattern| matches(pattern, name)));
    family.map_or(name, |family| family[0])
}

/// The position of a package among the large ones.
fn large(name: &str) -> Option<usize> {
    let family = family(name);
    LARGE.iter().position(|pattern| matches(pattern, family))
}

/// A number that depends on the family alone.
fn bucket(name: &str, count: usize) -> usize {
    let digest = sha256(family(name).as_bytes());
    let number = digest
        .get(..8)
        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
    number.map_or(0, |number| number as usize % count)
}

/// The layer of a package among those of its index: one of its own, or one of several for all others.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Own(usize),
    Shared(usize),
}

/// `merges` says whether the engine can merge layers.
pub(super) fn divide<'a>(wheels: Vec<Wheel<'a>>, layers: &Layers, merges: bool) -> Vec<Layer<'a>> {
    let most_shared = if merges { usize::MAX } else { MOST_COPIED };
    let own: Vec<String> = layers
        .own
        .iter()
        .map(|name| normalised(&name.value))
        .collect();
    let names: Vec<String> = wheels
        .iter()
        .map(|wheel| normalised(&wheel.package.name))
        .collect();
    let number_of = |name: &str| {
        let chosen = own.iter().position(|pattern| matches(pattern, name));
        chosen.or_else(|| Some(own.len() + large(name)?))
    };
    let used: BTreeSet<usize> = names.iter().filter_map(|name| number_of(name)).collect();
    let last = used.into_iter().take(MOST_OWN).next_back();
    let own_place = |name: &str| number_of(name).filter(|number| Some(*number) <= last);
    // A step has the credentials of one index, and asks no other, so the packages of each are divided on their own.
    let mut shared: BTreeMap<_, usize> = BTreeMap::new();
    for (name, wheel) in names.iter().zip(&wheels) {
        if own_place(name).is_none() {
            *shared.entry(wheel.package.index()).or_default() += 1;
        }
    }
    let count = |index| {
        let packages = shared.get(&index).copied().unwrap_or_default();
        let by_size = COUNTS.iter().find(|(least, _)| packages >= *least);
        let by_size = by_size.map(|(_, count)| most_shared.min(*count));
        layers.count.or(by_size).unwrap_or(1)
    };

    let mut placed: Vec<_> = names
        .into_iter()
        .zip(wheels)
        .map(|(name, wheel)| {
            let index = wheel.package.index();
            let place = own_place(&name)
                .map_or_else(|| Place::Shared(bucket(&name, count(index))), Place::Own);
            ((index, place, name), wheel)
        })
        .collect();
    // Large packages of the default index come first: they change the least.
    placed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut divided: Vec<(Place, Layer<'a>)> = Vec::new();
    for ((index, place, _), wheel) in placed {
        match divided.last_mut() {
            Some((last, layer)) if *last == place && layer.index == index => {
                layer.wheels.push(wheel);
            }
            _ => divided.push((
                place,
                Layer {
                    index,
                    wheels: vec![wheel],
                },
            )),
        }
    }
    divided.into_iter().map(|(_, layer)| layer).collect()
}

impl Layer<'_> {
    /// The requirements that uv installs: exactly these wheels, by their hashes.
    pub(crate) fn requirements(&self) -> String {
        let mut text = String::new();
        for wheel in &self.wheels {
            // However the lock spells it.
            let name = normalised(&wheel.package.name);
            text += &format!("{name}=={}", wheel.package.version());
            if let Some(marker) = &wheel.marker {
                text += &format!(" ; {marker}");
            }
            let mut hashes: Vec<&str> = wheel.files.iter().map(|(_, hash)| *hash).collect();
            hashes.sort_unstable();
            for hash in hashes {
                text += &format!(" \\\n    --hash={hash}");
            }
            text += "\n";
        }
        text
    }

    /// uv's name of the environment's platform, with which it chooses the same wheels on another platform; `None` if there is
    /// nothing to choose.
    pub(crate) fn chosen_for(&self, environment: &Environment) -> Option<String> {
        if self.wheels.iter().all(Wheel::is_for_any_platform) {
            return None;
        }
        let machine = &environment.machine;
        Some(match environment.libc {
            // The requirements already leave out wheels that need a newer one than the image has.
            Libc::Glibc(major, _) => format!("{machine}-manylinux_{major}_{NEWEST_GLIBC}"),
            Libc::Musl(..) => format!("{machine}-unknown-linux-musl"),
        })
    }

    /// Each distribution as `NAME VERSION`.
    pub(crate) fn packages(&self) -> Vec<String> {
        let wheels = self.wheels.iter();
        wheels.map(|wheel| wheel.package.release()).collect()
    }

    /// The first names, and how many there are besides.
    pub(crate) fn title(&self) -> String {
        let names: Vec<&str> = self
            .wheels
            .iter()
            .map(|wheel| wheel.package.name.as_str())
            .collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [one, two] => format!("{one} and {two}"),
            [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
        }
    }
}
