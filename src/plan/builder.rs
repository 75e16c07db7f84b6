//! The `builder` stage: the base with the system packages that building needs. Also how apt is run anywhere.

use crate::build_file::Located;
use crate::diagnostics::Place;

use super::{Action, Base, CacheSharing, Inputs, Mount, Run, Stage, StageName, Step, git};

/// What the builder and Poetry start from.
pub(super) fn base(inputs: &Inputs<'_>) -> Stage {
    let asked = inputs.file.build.base.as_ref();
    Stage {
        name: StageName::Base,
        from: Base::Image(asked.map_or_else(|| inputs.base.clone(), |base| base.value.clone())),
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
        steps: apt(inputs, &packages).into_iter().collect(),
    }
}

/// Package lists and archives are cache mounts, so they are never in a layer; Debian's images delete archives after
/// each run by `docker-clean`, which is put aside meanwhile. What apt and dpkg log has times in it and goes.
const INSTALL: &str = "\
clean=/etc/apt/apt.conf.d/docker-clean
if [ -e $clean ]; then mv $clean /tmp/docker-clean; fi
apt-get update
apt-get install --yes --no-install-recommends \"$@\"
if [ -e /tmp/docker-clean ]; then mv /tmp/docker-clean $clean; fi
rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/ldconfig/aux-cache";

/// The step that installs `packages`, unless there are none.
pub(super) fn apt(inputs: &Inputs<'_>, packages: &[Located<String>]) -> Option<Step> {
    let place: Place = packages.first()?.place.clone();
    let mut names: Vec<String> = packages.iter().map(|name| name.value.clone()).collect();
    names.sort();
    names.dedup();
    let cache = |target: &str| Mount::Cache {
        id: inputs.cache_id(&format!(
            "poetry-frontend{target}-{}-{}",
            inputs.base, inputs.request.platform
        )),
        target: target.to_owned(),
        // apt holds a lock on both folders.
        sharing: CacheSharing::Locked,
    };
    Some(Step {
        title: format!("apt-get install {}", names.join(" ")),
        place,
        action: Action::Run(
            Run::script(INSTALL, names)
                .env([("DEBIAN_FRONTEND", "noninteractive".to_owned())])
                .mount(cache("/var/cache/apt"))
                .mount(cache("/var/lib/apt/lists")),
        ),
    })
}
