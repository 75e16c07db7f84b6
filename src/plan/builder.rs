//! The `builder` stage: the base with the system packages that building needs. Also how apt is run anywhere.

use crate::build_file::Located;
use crate::diagnostics::Place;
use crate::image::ImageReference;

use super::{Action, Base, CacheSharing, Inputs, Mount, Run, Stage, StageName, Step, git};

/// What the builder and Poetry start from.
pub(super) fn base(inputs: &Inputs<'_>) -> Stage {
    let asked = inputs.file.build.base.as_ref();
    Stage {
        name: StageName::Base,
        from: Base::Image(inputs.build_base().clone()),
        place: asked.map_or_else(|| inputs.base_place.clone(), |base| base.place.clone()),
        steps: Vec::new(),
    }
}

pub(super) fn stage(inputs: &Inputs<'_>) -> Stage {
    let mut packages = inputs.file.build.packages.clone();
    packages.extend(git::packages(inputs));
    Stage {
        name: StageName::Builder,
        from: Base::Stage(StageName::Base),
        place: inputs.base_place.clone(),
        steps: apt(inputs, inputs.build_base(), &packages, None)
            .into_iter()
            .collect(),
    }
}

/// Package lists and archives are cache mounts, so they are never in a layer; Debian's images delete archives after
/// each run by `docker-clean`, which is put aside meanwhile. What apt and dpkg log has times in it and goes.
const APT: &str = "\
upgrade=$1
shift
clean=/etc/apt/apt.conf.d/docker-clean
if [ -e $clean ]; then mv $clean /tmp/docker-clean; fi
apt-get update
if [ \"$upgrade\" ]; then
  apt-get upgrade --yes --no-install-recommends --with-new-pkgs -o Dpkg::Options::=--force-confold
fi
if [ $# -gt 0 ]; then apt-get install --yes --no-install-recommends \"$@\"; fi
if [ -e /tmp/docker-clean ]; then mv /tmp/docker-clean $clean; fi
rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/ldconfig/aux-cache";

/// The step that installs `packages` on the image `base`, after an upgrade of what that has if `upgrade` asks for it;
/// `None` when there is nothing to do.
pub(super) fn apt(
    inputs: &Inputs<'_>,
    base: &ImageReference,
    packages: &[Located<String>],
    upgrade: Option<&Place>,
) -> Option<Step> {
    let place = upgrade.or(packages.first().map(|first| &first.place))?;
    let mut names: Vec<String> = packages.iter().map(|name| name.value.clone()).collect();
    names.sort();
    names.dedup();
    let cache = |target: &str| Mount::Cache {
        id: inputs.cache_id(&format!(
            "poetry-frontend{target}-{base}-{}",
            inputs.request.platform
        )),
        target: target.to_owned(),
        // apt holds a lock on both folders.
        sharing: CacheSharing::Locked,
    };
    let title = match (upgrade, names.join(" ")) {
        (None, names) => format!("apt-get install {names}"),
        (Some(_), names) if names.is_empty() => "apt-get upgrade".to_owned(),
        (Some(_), names) => format!("apt-get upgrade, install {names}"),
    };
    let upgrade = upgrade.map_or("", |_| "upgrade").to_owned();
    let args = [upgrade].into_iter().chain(names);
    Some(Step {
        title,
        place: place.clone(),
        action: Action::Run(
            Run::script(APT, args)
                .env([("DEBIAN_FRONTEND", "noninteractive".to_owned())])
                .mount(cache("/var/cache/apt"))
                .mount(cache("/var/lib/apt/lists")),
        ),
    })
}
