//! The locked packages that can be reached from a set of dependencies, for locks that do not list groups.
//!
//! Poetry resolves the dependencies again, using only the locked packages. Following them gives the same result: a lock has
//! one version of most packages, and where it has several, the environment decides between them.

use std::collections::{BTreeMap, BTreeSet};

use super::environment::Environment;
use super::lock::LockedPackage;
use super::marker::{Condition, condition};
use super::name::normalised;
use super::pep440::Version;
use super::requirement::Requirement;
use super::roots::Roots;

pub(super) struct Graph<'a> {
    packages: &'a [LockedPackage],
    environment: &'a Environment,
    by_name: BTreeMap<String, Vec<usize>>,
    /// The dependencies of each package, with their conditions if none of its extras is requested.
    links: Vec<Vec<(Requirement<'a>, Condition)>>,
    /// For names with several packages: those that meet all unconditional requirements.
    narrowed: BTreeMap<String, Vec<usize>>,
}

/// The packages that the selected extras need, as far as it matters: packages that no other dependency needs.
pub(super) enum BelowExtras {
    /// Exactly these.
    Names(BTreeSet<String>),
    /// These and their dependencies.
    Links(BTreeSet<String>),
}

/// A package, with one of its extras or without extras.
type Node = (usize, Option<String>);

/// Real locks need two or three rounds.
const MOST_ROUNDS: usize = 10;

impl<'a> Graph<'a> {
    pub(super) fn new(packages: &'a [LockedPackage], environment: &'a Environment) -> Self {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, package) in packages.iter().enumerate() {
            by_name
                .entry(normalised(&package.name))
                .or_default()
                .push(at);
        }
        // Many dependencies have the same marker.
        let mut known: BTreeMap<String, Condition> = BTreeMap::new();
        let no_extras = BTreeSet::new();
        let mut evaluate = |marker: &str| {
            if let Some(condition) = known.get(marker) {
                return condition.clone();
            }
            let value = condition(marker, Some(environment), &no_extras);
            known.insert(marker.to_owned(), value.clone());
            value
        };
        let links = packages.iter().map(|package| {
            let dependencies = package.dependencies();
            let requirements =
                dependencies.flat_map(|(name, value)| Requirement::of_value(name, value));
            let links = requirements.map(|requirement| {
                let condition = requirement.condition(&mut evaluate);
                (requirement, condition)
            });
            links.collect()
        });
        Self {
            packages,
            environment,
            links: links.collect(),
            by_name,
            narrowed: BTreeMap::new(),
        }
    }

    /// The condition under which each package is installed.
    ///
    /// Poetry resolves the dependencies of all extras, and then drops each package that only optional dependencies need and
    /// that is not below a selected extra. So an unselected extra can add dependencies to a package of a selected one.
    pub(super) fn installed(
        mut self,
        roots: &Roots<'a>,
        extras: &BTreeSet<String>,
        below: &BelowExtras,
    ) -> Vec<Condition> {
        let all: Vec<_> = roots.required.iter().chain(&roots.optional).collect();
        let reached = self.reached(&all, extras);
        let required: Vec<_> = roots.required.iter().collect();
        let mut installed = Self::of_packages(&self.walk(&required, extras));
        let below = match below {
            BelowExtras::Names(names) => self.named(names),
            BelowExtras::Links(names) => self.below(names, &reached),
        };
        for (at, paths) in Self::of_packages(&reached) {
            if let Some(below) = below.get(&at) {
                installed.entry(at).or_default().add(&paths.and_all(below));
            }
        }
        (0..self.packages.len())
            .map(|at| {
                installed
                    .get(&at)
                    .map_or(Condition::Known(false), Paths::condition)
            })
            .collect()
    }

    /// What is reached from `roots`.
    fn reached(&mut self, roots: &[&Requirement<'a>], extras: &BTreeSet<String>) -> Reached {
        let mut reached = self.walk(roots, extras);
        // The reached packages limit the choice of versions, and the chosen versions decide which packages are reached.
        for _ in 0..MOST_ROUNDS {
            let narrowed = self.narrow(roots, extras, &reached);
            if narrowed == self.narrowed {
                break;
            }
            self.narrowed = narrowed;
            reached = self.walk(roots, extras);
        }
        reached
    }

    /// The paths to each package itself, without those to its extras.
    fn of_packages(reached: &Reached) -> BTreeMap<usize, Paths> {
        let packages = reached.iter().filter(|((_, extra), _)| extra.is_none());
        packages
            .map(|((at, _), paths)| (*at, paths.clone()))
            .collect()
    }

    /// The packages with these names.
    fn named(&self, names: &BTreeSet<String>) -> BTreeMap<usize, Paths> {
        let packages = names.iter().filter_map(|name| self.by_name.get(name));
        packages
            .flatten()
            .map(|at| (*at, Paths::always()))
            .collect()
    }

    /// The packages below those with these names, with each extra of theirs that anything reached asks for.
    fn below(&self, names: &BTreeSet<String>, reached: &Reached) -> BTreeMap<usize, Paths> {
        let mut found: BTreeMap<usize, Paths> = BTreeMap::new();
        let mut open: Vec<(usize, Paths)> = self.named(names).into_iter().collect();
        while let Some((at, paths)) = open.pop() {
            if !found.entry(at).or_default().add(&paths) {
                continue;
            }
            let nodes = reached.range((at, None)..(at + 1, None));
            for (node, _) in nodes {
                for (requirement, condition) in self.dependencies(node) {
                    let below = self.by_name.get(&requirement.name);
                    let below = below.into_iter().flatten();
                    open.extend(below.map(|at| (*at, paths.and(&condition))));
                }
            }
        }
        found
    }

    /// Follows the dependencies until no condition changes.
    fn walk(&self, roots: &[&Requirement<'a>], extras: &BTreeSet<String>) -> Reached {
        let mut walk = Walk::default();
        let start = Paths::always();
        for (requirement, condition) in self.asked_for(roots.iter().copied(), extras) {
            walk.follow(
                self.choice(requirement),
                requirement,
                &start.and(&condition),
            );
        }
        while let Some(node) = walk.next() {
            let paths = walk.reached[&node].clone();
            for (requirement, condition) in self.dependencies(&node) {
                walk.follow(
                    self.choice(requirement),
                    requirement,
                    &paths.and(&condition),
                );
            }
        }
        walk.reached
    }

    /// The requirements that can be needed if these extras of their project or package are requested.
    fn asked_for<'b>(
        &self,
        requirements: impl IntoIterator<Item = &'b Requirement<'a>>,
        extras: &BTreeSet<String>,
    ) -> Vec<(&'b Requirement<'a>, Condition)>
    where
        'a: 'b,
    {
        let evaluate = |marker: &str| condition(marker, Some(self.environment), extras);
        let conditions = requirements.into_iter().map(|requirement| {
            let condition = requirement.condition(evaluate);
            (requirement, condition)
        });
        conditions
            .filter(|(_, condition)| *condition != Condition::Known(false))
            .collect()
    }

    /// The requirements of a node. An optional one is only needed by an extra that lists it.
    fn dependencies(&self, (at, extra): &Node) -> Vec<(&Requirement<'a>, Condition)> {
        let links = self.links[*at].iter();
        let Some(extra) = extra else {
            let links = links.filter(|(requirement, condition)| {
                !requirement.optional && *condition != Condition::Known(false)
            });
            return links
                .map(|(requirement, condition)| (requirement, condition.clone()))
                .collect();
        };
        let listed: BTreeSet<String> = self.packages[*at].names_in_extra(extra).collect();
        let requirements = links.map(|(requirement, _)| requirement);
        let needed = requirements.filter(|one| !one.optional || listed.contains(&one.name));
        self.asked_for(needed, &BTreeSet::from([extra.clone()]))
    }

    /// For each name with several packages, those that meet all unconditional requirements.
    fn narrow(
        &self,
        roots: &[&Requirement<'a>],
        extras: &BTreeSet<String>,
        reached: &Reached,
    ) -> BTreeMap<String, Vec<usize>> {
        let mut narrowed: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut narrow = |(requirement, condition): (&Requirement<'a>, Condition)| {
            let candidates = self.by_name.get(&requirement.name);
            let Some(candidates) = candidates.filter(|candidates| candidates.len() > 1) else {
                return;
            };
            if condition == Condition::Known(true) {
                let choices =
                    requirement.choices(self.packages, candidates.clone(), self.environment);
                let all = narrowed
                    .entry(requirement.name.clone())
                    .or_insert_with(|| candidates.clone());
                all.retain(|one| choices.contains(one));
            }
        };
        if self.by_name.len() == self.packages.len() {
            return narrowed;
        }
        let roots = self.asked_for(roots.iter().copied(), extras);
        roots.into_iter().for_each(&mut narrow);
        for node in reached
            .iter()
            .filter(|(_, paths)| paths.is_always())
            .map(|(node, _)| node)
        {
            self.dependencies(node).into_iter().for_each(&mut narrow);
        }
        narrowed
    }

    /// The package that meets a requirement; the newest, if several do.
    fn choice(&self, requirement: &Requirement<'a>) -> Option<usize> {
        let candidates = self.by_name.get(&requirement.name)?;
        if let [only] = candidates[..] {
            return Some(only);
        }
        let mut choices = requirement.choices(self.packages, candidates.clone(), self.environment);
        if let Some(narrowed) = self.narrowed.get(&requirement.name)
            && choices.iter().any(|one| narrowed.contains(one))
        {
            choices.retain(|one| narrowed.contains(one));
        }
        choices.into_iter().max_by_key(|at| {
            let version = Version::parse(self.packages[*at].version());
            let is_final = version
                .as_ref()
                .is_some_and(|version| !version.is_prerelease());
            (is_final, version)
        })
    }
}

type Reached = BTreeMap<Node, Paths>;

#[derive(Default)]
struct Walk {
    reached: Reached,
    /// Nodes whose dependencies must be followed. Those that are always reached come first, so that few nodes are visited
    /// twice.
    always: Vec<Node>,
    sometimes: Vec<Node>,
}

impl Walk {
    fn follow(&mut self, to: Option<usize>, requirement: &Requirement<'_>, paths: &Paths) {
        let Some(at) = to else { return };
        let extras = requirement.extras.iter().cloned().map(Some);
        for extra in extras.chain([None]) {
            let node = (at, extra);
            let known = self.reached.entry(node.clone()).or_default();
            if known.add(paths) {
                let is_always = known.is_always();
                let open = if is_always {
                    &mut self.always
                } else {
                    &mut self.sometimes
                };
                open.push(node);
            }
        }
    }

    fn next(&mut self) -> Option<Node> {
        self.always.pop().or_else(|| self.sometimes.pop())
    }
}

/// The paths to a node, as sets of conditions that must all hold. A path that needs more than another one is left out.
#[derive(Clone, Debug, Default)]
struct Paths(BTreeSet<BTreeSet<Condition>>);

/// Far more than real locks have. A node with more paths counts as always reached.
const MOST_PATHS: usize = 50;

impl Paths {
    fn always() -> Self {
        Self(BTreeSet::from([BTreeSet::new()]))
    }

    fn is_always(&self) -> bool {
        self.0.first().is_some_and(BTreeSet::is_empty)
    }

    /// The same paths, with one more condition.
    fn and(&self, condition: &Condition) -> Self {
        let mut extended = Self::default();
        for path in &self.0 {
            let mut path = path.clone();
            match condition {
                Condition::Known(_) => {}
                Condition::All(conditions) => path.extend(conditions.iter().cloned()),
                other => drop(path.insert(other.clone())),
            }
            extended.insert(path);
        }
        extended
    }

    /// The paths for which a path of both holds.
    fn and_all(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for path in &self.0 {
            for other in &other.0 {
                both.insert(path.union(other).cloned().collect());
            }
        }
        both
    }

    /// Whether other paths add anything to these.
    fn add(&mut self, other: &Self) -> bool {
        let added = other.0.iter().filter(|path| self.insert((*path).clone()));
        let added = added.count() > 0;
        if self.0.len() > MOST_PATHS {
            *self = Self::always();
        }
        added
    }

    fn insert(&mut self, path: BTreeSet<Condition>) -> bool {
        if self.0.iter().any(|known| known.is_subset(&path)) {
            return false;
        }
        self.0.retain(|known| !path.is_subset(known));
        self.0.insert(path)
    }

    fn condition(&self) -> Condition {
        Condition::any(
            self.0
                .iter()
                .map(|path| Condition::all(path.iter().cloned())),
        )
    }
}
