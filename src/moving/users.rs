//! Users and groups that a Dockerfile creates.

use std::collections::BTreeMap;

use super::draft::User;
use super::shell::Word;
use crate::dockerfile::Expanded;

/// Users of Debian with their ids.
const DEBIAN: [(&str, &str, &str); 3] = [
    ("nobody", "65534", "65534"),
    ("www-data", "33", "33"),
    ("daemon", "1", "1"),
];
/// The first id of `useradd`, and the first one of its system users, which counts down.
const FIRST: u32 = 1000;
const FIRST_OF_SYSTEM: u32 = 999;
/// The first id of `adduser --system`.
const FIRST_OF_ADDUSER: u32 = 100;
/// Options of `useradd` and `adduser` with a separate value.
const WITH_VALUE: [&str; 20] = [
    "-b",
    "-c",
    "-d",
    "-e",
    "-f",
    "-G",
    "-h",
    "-k",
    "-K",
    "-p",
    "-s",
    "--base-dir",
    "--comment",
    "--gecos",
    "--groups",
    "--home",
    "--home-dir",
    "--password",
    "--shell",
    "--ingroup",
];

/// The ids by the names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Users {
    ids: BTreeMap<String, (String, String)>,
    groups: BTreeMap<String, String>,
    homes: Vec<String>,
    /// How many users and groups have an id of their own, and how many of the system have one.
    counts: [u32; 2],
    counts_of_groups: [u32; 2],
}

impl Users {
    /// Whether the words create a user or a group, or add one to a group.
    pub(super) fn run(&mut self, words: &[Word]) -> bool {
        let program = words.first().map_or("", Word::value);
        let program = program.rsplit('/').next().unwrap_or_default();
        match program {
            "groupadd" | "addgroup" => self.group(words),
            "useradd" | "adduser" => self.user(words, program == "adduser"),
            "usermod" | "groupmod" | "passwd" | "chsh" => {}
            _ => return false,
        }
        true
    }

    fn group(&mut self, words: &[Word]) {
        let parsed = Parsed::of(words);
        let is_system = parsed.is_system;
        let Some(name) = parsed.names.first() else {
            return;
        };
        if parsed.names.len() > 1 {
            // `addgroup USER GROUP`
            return;
        }
        let id = parsed
            .gid
            .unwrap_or_else(|| next(&mut self.counts_of_groups, is_system, false));
        self.groups.insert(name.clone(), id);
    }

    fn user(&mut self, words: &[Word], is_adduser: bool) {
        let parsed = Parsed::of(words);
        let Some(name) = parsed.names.first() else {
            return;
        };
        if parsed.names.len() > 1 {
            // `adduser USER GROUP`
            return;
        }
        let given = parsed.uid.clone();
        let uid = given.unwrap_or_else(|| next(&mut self.counts, parsed.is_system, is_adduser));
        let group = parsed.gid.or(parsed.group);
        let gid = match group {
            Some(group) => self.groups.get(&group).cloned().unwrap_or(group),
            // A system user of Debian's `adduser` is in `nogroup`.
            None if is_adduser && parsed.is_system && !parsed.has_own_group => "65534".to_owned(),
            None => self
                .groups
                .get(name)
                .cloned()
                .unwrap_or_else(|| uid.clone()),
        };
        self.groups
            .entry(name.clone())
            .or_insert_with(|| gid.clone());
        self.homes
            .push(parsed.home.unwrap_or_else(|| format!("/home/{name}")));
        self.ids.insert(name.clone(), (uid, gid));
    }

    /// The user of a `USER` line; `None` for root.
    pub(super) fn get(&self, text: &Expanded) -> Option<User> {
        let (value, template) = (split(&text.value), split(&text.template));
        if matches!(value.0, "" | "root" | "0") {
            return None;
        }
        let known = self.ids.get(value.0).cloned();
        let debian = DEBIAN.iter().find(|(name, ..)| *name == value.0);
        let debian = debian.map(|(_, uid, gid)| ((*uid).to_owned(), (*gid).to_owned()));
        let is_id = value.0.parse::<u32>().is_ok();
        let (uid, gid) = match known.or(debian) {
            Some(ids) => ids,
            None if is_id => {
                let same = |(uid, _): &&(String, String)| uid == value.0;
                let found = self.ids.values().find(same);
                let gid = found.map_or(template.0, |(_, gid)| gid);
                (template.0.to_owned(), gid.to_owned())
            }
            None => ("10001".to_owned(), "10001".to_owned()),
        };
        let gid = match (value.1, template.1) {
            (Some(value), Some(template)) => match self.groups.get(value) {
                Some(gid) => gid.clone(),
                None if value.parse::<u32>().is_ok() => template.to_owned(),
                None => gid,
            },
            _ => gid,
        };
        let name = if is_id {
            let named = self.ids.iter().find(|(_, (id, _))| *id == value.0);
            named.map_or("app", |(name, _)| name)
        } else {
            value.0
        };
        Some(User {
            name: name.to_owned(),
            uid,
            gid,
        })
    }

    pub(super) fn is_home(&self, path: &str) -> bool {
        path.starts_with("/home/") && self.homes.iter().any(|home| home == path)
    }
}

/// Whether an owner, as `chown` has it, is another user than root.
pub(super) fn is_user(owner: &str) -> bool {
    let user = owner.split([':', '.']).next().unwrap_or_default();
    !matches!(user, "" | "root" | "0")
}

/// The first id that is free.
fn next(counts: &mut [u32; 2], is_system: bool, is_adduser: bool) -> String {
    let count = counts[usize::from(is_system)];
    counts[usize::from(is_system)] += 1;
    let id = match (is_system, is_adduser) {
        (true, true) => FIRST_OF_ADDUSER + count,
        (true, false) => FIRST_OF_SYSTEM - count.min(FIRST_OF_SYSTEM - 1),
        (false, _) => FIRST + count,
    };
    id.to_string()
}

/// The user and the group. A `:` in a reference, as in `${A:-b}`, is gone by now.
fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (text, None),
    }
}

#[derive(Default)]
struct Parsed {
    names: Vec<String>,
    uid: Option<String>,
    gid: Option<String>,
    group: Option<String>,
    home: Option<String>,
    is_system: bool,
    has_own_group: bool,
}

impl Parsed {
    fn of(words: &[Word]) -> Self {
        let mut parsed = Self::default();
        let mut rest = words.iter().skip(1);
        while let Some(word) = rest.next() {
            let (option, inline) = match word.value().split_once('=') {
                Some((option, _)) if option.starts_with("--") => {
                    let template = word.text.template.split_once('=');
                    (option, template.map(|(_, value)| value.to_owned()))
                }
                _ => (word.value(), None),
            };
            let mut value = || {
                inline
                    .clone()
                    .or_else(|| Some(rest.next()?.text.template.clone()))
            };
            match option {
                "-u" | "--uid" => parsed.uid = value(),
                "-g" | "--gid" => parsed.gid = value(),
                "-d" | "--home" | "--home-dir" => parsed.home = value(),
                "-G" | "--ingroup" => parsed.group = value(),
                "-r" | "-S" | "--system" => parsed.is_system = true,
                "-U" | "--user-group" | "--group" => parsed.has_own_group = true,
                option if WITH_VALUE.contains(&option) => drop(value()),
                // `-rm`
                option if option.starts_with('-') => {
                    parsed.is_system |= !option.starts_with("--") && option.contains('r');
                    // `-rg GROUP` and the like.
                    match option.chars().last().filter(|_| !option.starts_with("--")) {
                        Some('u') if option.len() > 2 => parsed.uid = value(),
                        Some('g') if option.len() > 2 => parsed.gid = value(),
                        Some('s' | 'd' | 'c') if option.len() > 2 => drop(value()),
                        _ => {}
                    }
                }
                name => parsed.names.push(name.to_owned()),
            }
        }
        parsed
    }
}
