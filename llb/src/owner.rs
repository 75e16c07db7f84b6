//! Owners of files.

use buildkit_proto::pb;

/// Owner of new files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user; `None` to keep it.
    pub user: Option<User>,
    /// The group; `None` to keep it.
    pub group: Option<User>,
}

/// A user or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// By number.
    Id(u32),
    /// By name, looked up in the tree that the [`FileOp`](crate::FileOp) starts from.
    Name(String),
}

impl Owner {
    /// User and group by number.
    #[must_use]
    pub fn ids(uid: u32, gid: u32) -> Self {
        Self {
            user: Some(User::Id(uid)),
            group: Some(User::Id(gid)),
        }
    }

    /// Parses `user` or `user:group`, each a name or a number (`WithUser` in BuildKit's
    /// `client/llb/fileop.go`).
    #[must_use]
    pub fn parse(owner: &str) -> Self {
        let (user, group) = match owner.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (owner, None),
        };
        Self {
            user: Some(User::parse(user)),
            group: group.map(User::parse),
        }
    }

    pub(crate) fn to_pb(&self, base: i64) -> pb::ChownOpt {
        pb::ChownOpt {
            user: self.user.as_ref().map(|user| user.to_pb(base)),
            group: self.group.as_ref().map(|group| group.to_pb(base)),
        }
    }
}

impl User {
    fn parse(user: &str) -> Self {
        match user {
            // An engine reads an empty name as user 0, and `root` is user 0 on every system.
            "" | "root" => Self::Id(0),
            _ => match user.parse::<i32>() {
                Ok(id) => Self::Id(id.cast_unsigned()),
                Err(_) => Self::Name(user.to_owned()),
            },
        }
    }

    fn to_pb(&self, base: i64) -> pb::UserOpt {
        use pb::user_opt::User::{ById, ByName};
        pb::UserOpt {
            user: Some(match self {
                Self::Id(id) => ById(*id),
                Self::Name(name) => ByName(pb::NamedUserOpt {
                    name: name.clone(),
                    input: base,
                }),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Owner, User};

    #[test]
    fn owners_are_read_as_names_and_numbers() {
        let name = |name: &str| Some(User::Name(name.to_owned()));
        let id = |id| Some(User::Id(id));
        for (text, user, group) in [
            ("1000", id(1000), None),
            ("root:root", id(0), id(0)),
            ("app:100", name("app"), id(100)),
            ("app:staff", name("app"), name("staff")),
            ("4294967296", name("4294967296"), None),
            ("", id(0), None),
        ] {
            assert_eq!(Owner::parse(text), Owner { user, group }, "{text:?}");
        }
    }
}
