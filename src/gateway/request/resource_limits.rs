//! Resource limits of the steps: `--shm-size`, `--ulimit`, `--cgroup-parent`, `--memory` and the CPU options
//! (`frontend/dockerui/attr.go`).

use std::collections::BTreeMap;
use std::str::FromStr;

use buildkit_llb::LinuxResources;

use crate::compile::{ResourceLimits, Ulimit};

use super::values::invalid;
use crate::gateway::transport::Error;

/// The limits of `setrlimit(2)`, as Docker's clients name them.
const ULIMITS: [&str; 16] = [
    "as",
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

pub(crate) fn read(options: &BTreeMap<String, String>) -> Result<ResourceLimits, Error> {
    let given = |name: &str| options.get(name).filter(|value| !value.is_empty());
    let shared_memory = number(options, "shm-size", "shm-size", |bytes: &u64| *bytes > 0)?;
    Ok(ResourceLimits {
        shared_memory,
        ulimits: given("ulimit")
            .into_iter()
            .flat_map(|list| list.split(','))
            .map(|text| ulimit(text).ok_or_else(|| invalid("ulimit", text, "`NAME=SOFT:HARD`")))
            .collect::<Result<_, _>>()?,
        cgroup_parent: given("cgroup-parent").cloned(),
        resources: resources(options)?,
    })
}

/// `NAME=SOFT` or `NAME=SOFT:HARD`; -1 means unlimited.
fn ulimit(text: &str) -> Option<Ulimit> {
    let (name, values) = text.split_once('=')?;
    let (soft, hard) = values.split_once(':').unwrap_or((values, values));
    let limit = Ulimit {
        name: name.to_owned(),
        soft: soft.parse().ok()?,
        hard: hard.parse().ok()?,
    };
    let fits = limit.hard == -1 || (limit.soft != -1 && limit.soft <= limit.hard);
    (ULIMITS.contains(&name) && limit.soft >= -1 && limit.hard >= -1 && fits).then_some(limit)
}

fn resources(options: &BTreeMap<String, String>) -> Result<Option<LinuxResources>, Error> {
    let count = |wire: &str, option: &str| number(options, wire, option, |count: &u64| *count > 0);
    let bytes = |wire: &str, option: &str| number(options, wire, option, |count: &i64| *count > 0);
    let resources = LinuxResources {
        memory: bytes("memory", "memory")?.unwrap_or_default(),
        // -1 means unlimited.
        memory_swap: number(options, "memswap", "memory-swap", |swap: &i64| {
            *swap == -1 || *swap > 0
        })?
        .unwrap_or_default(),
        cpu_shares: count("cpushares", "cpu-shares")?.unwrap_or_default(),
        cpu_period: count("cpuperiod", "cpu-period")?.unwrap_or_default(),
        cpu_quota: bytes("cpuquota", "cpu-quota")?.unwrap_or_default(),
        cpuset_cpus: set(options, "cpusetcpus", "cpuset-cpus")?,
        cpuset_mems: set(options, "cpusetmems", "cpuset-mems")?,
    };
    Ok((resources != LinuxResources::default()).then_some(resources))
}

fn number<T: FromStr>(
    options: &BTreeMap<String, String>,
    wire: &str,
    option: &str,
    fits: impl Fn(&T) -> bool,
) -> Result<Option<T>, Error> {
    let Some(value) = options.get(wire).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match value.parse().ok().filter(fits) {
        Some(number) => Ok(Some(number)),
        // Docker's clients send 0 for an option that was not given.
        None if value == "0" => Ok(None),
        None => Err(invalid(option, value, "a positive number")),
    }
}

/// Numbers and ranges, such as `0-3,7`.
fn set(options: &BTreeMap<String, String>, wire: &str, option: &str) -> Result<String, Error> {
    let Some(value) = options.get(wire).filter(|value| !value.is_empty()) else {
        return Ok(String::new());
    };
    let is_range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        match (first.parse::<u32>(), last.parse::<u32>()) {
            (Ok(first), Ok(last)) => first <= last,
            _ => false,
        }
    };
    if value.split(',').all(is_range) {
        Ok(value.clone())
    } else {
        Err(invalid(option, value, "a list such as `0-3,7`"))
    }
}
